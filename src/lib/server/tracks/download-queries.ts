import type { Db } from '#lib/server/db/connect.ts';

/** The file of a track as its artist uploaded it. */
export async function findOriginalFile(db: Db, trackId: number) {
	return await db
		.selectFrom('tracks')
		.innerJoin('audio_files as original', 'original.file_id', 'tracks.original_file_id')
		.select([
			'original.storage_key',
			'original.size_bytes',
			'original.content_type',
			'original.sha256',
			'original.file_type',
			'original.created_at'
		])
		.where('tracks.id', '=', trackId)
		.where('tracks.visibility', '!=', 'deleting')
		.executeTakeFirst();
}
