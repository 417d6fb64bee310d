import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** Hides a track from everybody, at once. @returns false when it is hidden already, or gone */
export async function markDeleting(db: Db, trackId: number): Promise<boolean> {
	const marked = await db
		.updateTable('tracks')
		.set({ visibility: 'deleting' })
		.where('id', '=', trackId)
		.where('visibility', '!=', 'deleting')
		.returning('id')
		.executeTakeFirst();
	return marked !== undefined;
}

/** A track that is to be taken away. */
export async function findDeletion(db: Db, trackId: number) {
	return await db
		.selectFrom('tracks')
		.select(['artist_did', 'rkey', 'record_uri'])
		.where('id', '=', trackId)
		.where('visibility', '=', 'deleting')
		.executeTakeFirst();
}

/** Tracks to be taken away whose artist's grant we have, and for which there is no job. */
export async function findForgottenDeletions(
	db: Db,
	request: { did?: string; restMs: number }
): Promise<number[]> {
	const { rows } = await forgottenDeletions(request).execute(db);
	return rows.map((row) => row.id);
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export const forgottenDeletions = ({ did, restMs }: { did?: string; restMs: number }) =>
	sql<{ id: number }>`
		select id from tracks
		where visibility = 'deleting' and artist_did in (select did from oauth_sessions)
			and (${did ?? null}::text is null or artist_did = ${did ?? null})
			and not exists (
				select 1 from pgboss.job
				where name = 'tracks' and singleton_key = 'delete:' || tracks.id and (
					state < 'completed'
					or completed_on > now() - make_interval(secs => ${restMs / 1000}))
			)
		limit 100`;

/** What an artist has deleted and is still being taken away, the newest first. */
export async function findOwnDeletions(db: Db, artistDid: string) {
	return await db
		.selectFrom('tracks')
		.select(['id', 'title'])
		.where('artist_did', '=', artistDid)
		.where('visibility', '=', 'deleting')
		.orderBy('id', 'desc')
		.limit(100)
		.execute();
}

/** Whether there was a track with this id that its artist has deleted. */
export async function wasRemoved(db: Db, trackId: number): Promise<boolean> {
	const { rows } = await sql`
		select 1 from record_tombstones where track_id = ${trackId}
		union all
		select 1 from tracks where id = ${trackId} and visibility = 'deleting'`.execute(db);
	return rows.length > 0;
}
