import type { Db } from '#lib/server/db/connect.ts';

const selectRevisions = (db: Db, trackId: number) =>
	db
		.selectFrom('track_revisions as revision')
		.innerJoin('audio_files as audio', 'audio.file_id', 'revision.file_id')
		.innerJoin('audio_files as original', 'original.file_id', 'revision.original_file_id')
		.select([
			'revision.id',
			'revision.file_id',
			'revision.original_file_id',
			'revision.duration_ms',
			'revision.replaced_at',
			'audio.file_type',
			'original.size_bytes',
			'original.sha256 as original_sha256'
		])
		.where('revision.track_id', '=', trackId);

/** The audio a track had before, the latest first. */
export const findRevisions = async (db: Db, trackId: number) =>
	await selectRevisions(db, trackId).orderBy('revision.id', 'desc').execute();

export const findRevision = async (db: Db, trackId: number, revisionId: number) =>
	await selectRevisions(db, trackId).where('revision.id', '=', revisionId).executeTakeFirst();

/** Another track of the same artist that was made of this file. */
export async function findOtherTrackOf(
	db: Db,
	track: { id: number; artist_did: string },
	originalFileId: string
): Promise<number | undefined> {
	const other = await db
		.selectFrom('tracks')
		.select('id')
		.where('artist_did', '=', track.artist_did)
		.where('original_file_id', '=', originalFileId)
		.where('visibility', '!=', 'deleting')
		.where('id', '!=', track.id)
		.executeTakeFirst();
	return other?.id;
}
