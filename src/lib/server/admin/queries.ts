import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** An upload of anybody's. */
export interface SeenUploadRow {
	id: string;
	artist_did: string;
	handle: string | null;
	status: string;
	stage: string;
	message: string;
	error_code: string | null;
	error: string | null;
	size_bytes: number | null;
	created_at: Date;
	updated_at: Date;
	/** `updated_at` to the last digit: where a page ends */
	updated_exactly: string;
}

const seenUploads = sql`
	select uploads.id, uploads.artist_did, artists.handle, status, stage, message, error_code, error,
		coalesce(size_bytes, received_bytes) as size_bytes, uploads.created_at, uploads.updated_at,
		to_char(uploads.updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_exactly
	from uploads left join artists on artists.did = uploads.artist_did`;

/** Those that were begun and are not done, what was begun last first. */
export async function findUnderWay(db: Db, limit: number): Promise<SeenUploadRow[]> {
	const { rows } = await sql<SeenUploadRow>`${seenUploads}
		where status in ('receiving', 'pending', 'processing', 'waiting')
		order by uploads.created_at desc, uploads.id desc limit ${limit}`.execute(db);
	return rows;
}

/** Where a page of failures ends. */
export interface FailurePlace {
	at: string;
	id: string;
}

/** Those that failed, the latest first. */
export async function findFailed(
	db: Db,
	limit: number,
	after: FailurePlace | null
): Promise<SeenUploadRow[]> {
	const isBelow = after
		? // as a text: a time would be sent without its last digits
			sql`and (uploads.updated_at, uploads.id) < (${after.at}::text::timestamptz, ${after.id}::uuid)`
		: sql``;
	const { rows } = await sql<SeenUploadRow>`${seenUploads}
		where status = 'failed' ${isBelow}
		order by uploads.updated_at desc, uploads.id desc limit ${limit}`.execute(db);
	return rows;
}

/** How many uploads there are in each state that is not an end, and how many failed in a day. */
export async function countUploads(db: Db): Promise<{ under_way: number; failed_lately: number }> {
	const { rows } = await sql<{ under_way: number; failed_lately: number }>`
		select
			(select count(*)::int from uploads
				where status in ('receiving', 'pending', 'processing', 'waiting')) as under_way,
			(select count(*)::int from uploads
				where status = 'failed' and updated_at > now() - interval '1 day') as failed_lately`.execute(db);
	return rows[0] ?? { under_way: 0, failed_lately: 0 };
}
