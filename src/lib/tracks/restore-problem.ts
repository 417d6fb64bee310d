const SENTENCES: Record<string, string> = {
	duplicate_upload: 'another track of yours has this audio by now',
	revision_not_found: 'there is no such earlier version any more',
	record_missing:
		'the record of this track is not in your repository any more. repair the track in your portal first',
	sign_in_again: 'your sign-in has ended. sign in again, then restore it',
	pds_unavailable: 'your personal data server does not answer. try again in a moment'
};

/** Why an earlier version was not restored, from the code in the address; null: nothing. */
export function restoreProblem(code: string | null): string | null {
	if (code === null) return null;
	const known = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
	return known ?? 'the earlier version could not be restored. try again';
}
