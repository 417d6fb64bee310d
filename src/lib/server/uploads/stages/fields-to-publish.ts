import type { Db } from '#lib/server/db/connect.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { opensAt } from '#lib/server/releases/hold.ts';
import { suggestTrack } from '#lib/server/releases/suggest.ts';
import type { UploadRow } from '../queries.ts';
import { shorten } from './tags.ts';
import { found } from './stage.ts';

/** Everything a record says, said by the artist or, where they did not, by the file. */
export type FieldsToPublish = UploadFields & { title: string; tags: string[]; createdAt: Date };

/**
 * What is published of an upload. Tracks of a release are a millisecond apart in its order,
 * whenever each was finished: sorted by time they are the album.
 */
export async function fieldsToPublish(db: Db, upload: UploadRow): Promise<FieldsToPublish> {
	const { fields, release_id: releaseId } = upload;
	const suggested = suggestTrack(upload);
	const own = {
		...fields,
		title: fields.title || shorten(suggested.title),
		tags: fields.tags ?? suggested.tags,
		imageId: fields.imageId ?? suggested.imageId ?? undefined
	};
	if (releaseId === null) return { ...own, createdAt: upload.created_at };
	const release = await db
		.selectFrom('releases')
		.select(['fields', 'release_at', 'published_at', 'album_deletion'])
		.where('id', '=', releaseId)
		.executeTakeFirstOrThrow();
	const openedAt = found('release time', opensAt(release));
	return {
		...own,
		album: (release.album_deletion === null && release.fields.albumTitle) || undefined,
		imageId: own.imageId ?? release.fields.imageId,
		createdAt: new Date(openedAt.getTime() + (upload.release_position ?? 0))
	};
}
