/**
 * What a person reads when signing in did not work, by the code in the address of the login page.
 * Only these sentences are ever shown: nothing a server wrote reaches the page.
 */
const sentences = {
	handle_missing: 'enter your handle to sign in.',
	handle_invalid: 'that is not a handle. a handle looks like a web address: yourname.bsky.social',
	handle_unknown: 'nobody is known under that handle. check the spelling and try again.',
	network_unreachable: 'the network could not be asked who that is. try again in a moment.',
	pds_unreachable: 'your personal data server does not answer. try again in a moment.',
	denied: 'you did not give permission, so you are not signed in. try again if you want to.',
	incomplete: 'your personal data server sent an incomplete answer. please start again.',
	expired: 'this sign-in took too long or was used already. please start again.',
	other_browser: 'this sign-in was started in another browser. please start again here.',
	permission_missing:
		'not every permission was given that is needed to publish. sign in again and allow all of them.',
	refused: 'your personal data server refused the sign-in. please start again.',
	program_invalid:
		'the program that sent you here gave an address that is not on this computer. nothing was signed in.',
	sign_in_again: 'your sign-in has ended. sign in again to go on; nothing is lost.'
} as const;

export type SignInProblemCode = keyof typeof sentences;

/** The sentence for a code; undefined for anything that is no code of ours. */
export function signInSentence(code: string | null): string | undefined {
	return code !== null && Object.hasOwn(sentences, code)
		? sentences[code as SignInProblemCode]
		: undefined;
}

/** Why somebody who did not ask for it is on the login page. */
const reasons = {
	download:
		'this artist gives the original files of their tracks to people who are signed in. sign in, and the download is on the page of the track.'
} as const;

/** The sentence for a reason in the address of the login page; undefined for what is none of ours. */
export function signInReason(code: string | null): string | undefined {
	return code !== null && Object.hasOwn(reasons, code)
		? reasons[code as keyof typeof reasons]
		: undefined;
}
