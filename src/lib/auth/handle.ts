import { ensureValidDid, isValidHandle } from '@atproto/syntax';

/** Spaces, and what copying from a web page brings along unseen: marks of writing direction and width. */
const UNSEEN = /[\s\p{Cf}]/gu;

/**
 * Who somebody says they are: a handle in lower case, or a DID. Takes what people paste: with an @,
 * as at:// address, or as the address of a profile page.
 * @returns undefined when it can be neither. https://atproto.com/specs/handle
 */
export function parseHandle(input: string): string | undefined {
	const text = input.replace(UNSEEN, '');
	const [, pasted] = /^(?:https?:\/\/[^/]+\/profile\/|at:\/\/|@)([^/?#]+)/i.exec(text) ?? [];
	const candidate = pasted ?? text;
	if (candidate.startsWith('did:')) return isDid(candidate) ? candidate : undefined;
	const handle = candidate.toLowerCase();
	return isValidHandle(handle) ? handle : undefined;
}

/** Whether it is a DID in form; nobody is asked. https://atproto.com/specs/did */
export function isDid(text: string): boolean {
	// most are handles, and to be told so by an error takes long
	if (!text.startsWith('did:')) return false;
	try {
		ensureValidDid(text);
		return true;
	} catch {
		return false;
	}
}
