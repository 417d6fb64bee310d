import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import { USELESS } from './failures.ts';

/** One upload of the last hour that counts. */
export interface RecentUpload {
	/** since it was begun, or begun anew, by the database's clock */
	ageSeconds: number;
	/** what arrived; while it is arriving, what was announced */
	sizeBytes: number;
}

/**
 * What an artist has sent within the last hour, the oldest first. What failed or was refused is
 * not there, so nobody has to give anything back; a retry is the same row. One whose bytes were
 * given up and come anew counts from then on.
 * @param exceptId the upload that is asked for; null: there is no row of it yet
 */
export async function listRecentUploads(
	db: Db,
	artistDid: string,
	exceptId: string | null
): Promise<RecentUpload[]> {
	return await db
		.selectFrom('uploads')
		.select((eb) => [
			sql<number>`extract(epoch from now() - greatest(created_at, begun_again_at))::float8`.as(
				'ageSeconds'
			),
			eb.fn.coalesce('size_bytes', 'received_bytes').as('sizeBytes')
		])
		.where('artist_did', '=', artistDid)
		.where((eb) => eb.or([eb('created_at', '>', hourAgo), eb('begun_again_at', '>', hourAgo)]))
		.where('status', '!=', 'failed')
		.$if(exceptId !== null, (query) => query.where('id', '!=', exceptId ?? ''))
		.orderBy('ageSeconds', 'desc')
		.execute();
}

const hourAgo = sql<Date>`now() - interval '1 hour'`;

/** Nobody has measured the renditions of a picture; together they have about this. */
const PICTURE_BYTES = 1024 * 1024;

/**
 * How many bytes an artist has here: what their tracks and earlier versions refer to, each file
 * once, their pictures by estimate, and the uploads whose bytes are kept.
 */
export async function measureStorageUse(
	db: Db,
	artistDid: string,
	exceptId: string | null
): Promise<number> {
	const { rows } = await sql<{ bytes: number }>`
		with own as materialized (
			select id, file_id, original_file_id, image_id from tracks where artist_did = ${artistDid}
		), files as (
			select file_id from own
			union select original_file_id from own
			union select earlier.file_id from track_revisions earlier join own on own.id = earlier.track_id
			union select earlier.original_file_id from track_revisions earlier
				join own on own.id = earlier.track_id
		), pictures as (
			select image_id from own where image_id is not null
			union select image_id from albums where artist_did = ${artistDid} and image_id is not null
			union select avatar_image_id from artists
				where did = ${artistDid} and avatar_image_id is not null
		)
		select (
			(select coalesce(sum(size_bytes), 0) from audio_files join files using (file_id))
			+ (select count(*) * ${PICTURE_BYTES}::bigint from pictures)
			+ (select coalesce(sum(coalesce(size_bytes, received_bytes)), 0) from uploads
				where artist_did = ${artistDid} and status <> 'completed'
					and error_code is distinct from 'not_received'
					and id::text is distinct from ${exceptId}::text
					and not (status = 'failed' and error_code = any(${[...USELESS]}::text[])))
		)::float8 as bytes`.execute(db);
	return rows[0]?.bytes ?? 0;
}
