/** Who may have the files an artist uploaded, as they were uploaded. */
export type DownloadRule =
	| 'open'
	/** whoever signs in */
	| 'ask'
	/** nobody but the artist */
	| 'off';

export const DOWNLOAD_RULES: readonly DownloadRule[] = ['open', 'ask', 'off'];

/** What somebody is offered of a track. */
export type DownloadOffer = 'yes' | 'after_sign_in' | 'no';

/** What an artist's rule means for whoever looks. @param viewer null: nobody is signed in */
export function downloadOffer(
	rule: DownloadRule,
	artistDid: string,
	viewer: { did: string } | null
): DownloadOffer {
	if (rule === 'open' || viewer?.did === artistDid) return 'yes';
	if (rule === 'off') return 'no';
	return viewer ? 'yes' : 'after_sign_in';
}
