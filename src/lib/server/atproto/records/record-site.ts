import type { Config } from '#lib/server/config.ts';

/** What of the configuration shapes records: where our addresses point, and how collections are called. */
export interface RecordSite {
	/** origin, without a trailing slash */
	publicUrl: string;
	trackCollection: string;
	likeCollection: string;
	listCollection: string;
}

export const recordSite = ({ publicUrl, atproto }: Config): RecordSite => ({
	publicUrl,
	trackCollection: atproto.trackCollection,
	likeCollection: atproto.likeCollection,
	listCollection: atproto.listCollection
});

/** Where a listener anywhere on the network gets a stored audio file. */
export const publicAudioUrl = (site: RecordSite, fileId: string) =>
	`${site.publicUrl}/audio/${fileId}`;

/** Where a picture can be fetched. */
export const publicImageUrl = (site: RecordSite, imageId: string) =>
	`${site.publicUrl}/images/${imageId}`;

/** The id at the end of an address of ours; null when it is not ours or of another kind. */
export function idOfPublicUrl(
	site: RecordSite,
	kind: 'audio' | 'images',
	url: string | undefined
): string | null {
	const prefix = `${site.publicUrl}/${kind}/`;
	const id = url?.startsWith(prefix) ? url.slice(prefix.length) : '';
	return /^[0-9a-f]{16}$/.test(id) ? id : null;
}
