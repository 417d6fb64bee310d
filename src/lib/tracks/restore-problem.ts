import { RIGHTS_NOT_CONFIRMED } from '#lib/uploads/rights.ts';

const SENTENCES: Record<string, string> = {
	duplicate_upload: 'another track of yours has this audio by now',
	rights_not_confirmed: RIGHTS_NOT_CONFIRMED,
	revision_not_found: 'there is no such earlier version any more',
	record_missing:
		'the record of this track is not in your repository any more. repair the track in your portal first',
	record_busy: 'this track is being changed by something else just now. try again in a moment',
	record_not_listed:
		'the audio of that version is not here any more, so the page still shows the present one',
	record_invalid:
		'the record of this track has something in it that cannot be kept. open its edit page and save it first',
	record_refused: 'your personal data server refused the change. try again later',
	sign_in_again: 'your sign-in has ended. sign in again, then restore it',
	not_your_track: 'you can only restore versions of your own tracks',
	pds_unavailable: 'your personal data server does not answer. try again in a moment'
};

/** Why an earlier version was not restored, from the code in the address; null: nothing. */
export function restoreProblem(code: string | null): string | null {
	if (code === null) return null;
	const known = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
	return known ?? 'the earlier version could not be restored. try again';
}
