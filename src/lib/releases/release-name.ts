import type { ReleaseState } from './release.ts';

/** What to call a release before it has a page of its own. Never empty. */
export function releaseName({ fields, suggested, tracks }: ReleaseState): string {
	// '' says that there is no album
	const album = fields.album_title ?? suggested.album_title;
	if (album) return album;
	const [first] = tracks;
	if (!first) return 'without files';
	const title = first.fields.title ?? (first.suggested.title || first.upload.file_name);
	return tracks.length === 1 ? title : `${title} and ${tracks.length - 1} more`;
}

/** The same as the beginning of a sentence: "low water is", "tide and 2 more are". */
export function releaseIs(release: ReleaseState): string {
	const { fields, suggested, tracks } = release;
	const isSeveral = !(fields.album_title ?? suggested.album_title) && tracks.length > 1;
	return `${releaseName(release)} ${isSeveral ? 'are' : 'is'}`;
}
