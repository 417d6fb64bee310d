import { sql } from 'kysely';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';
import { shortList } from '#lib/server/db/short-list.ts';

/** Somebody's like of a track. */
export async function findLike(
	db: Db,
	did: string,
	trackId: number
): Promise<{ record_uri: string } | undefined> {
	return await db
		.selectFrom('likes')
		.select('record_uri')
		.where('did', '=', did)
		.where('track_id', '=', trackId)
		.executeTakeFirst();
}

/** A like record, as much as it takes to write it again. */
export interface LikeRecordRow {
	rkey: string;
	subject_uri: string;
	subject_cid: string;
	created_at: Date;
}

const RECORD = ['rkey', 'subject_uri', 'subject_cid', 'created_at'] as const;

/** Every record we know by which somebody likes a track; the one that is counted first. */
export async function findLikeRecords(
	db: Db,
	did: string,
	track: { id: number } | { recordUri: string }
): Promise<LikeRecordRow[]> {
	const [column, value] =
		'id' in track ? (['track_id', track.id] as const) : (['subject_uri', track.recordUri] as const);
	const likes = await db
		.selectFrom('likes')
		.select(RECORD)
		.where('did', '=', did)
		.where(column, '=', value)
		.execute();
	const further = await db
		.selectFrom('like_duplicates')
		.select(RECORD)
		.where('did', '=', did)
		.where(column, '=', value)
		.execute();
	return [...likes, ...further];
}

/**
 * How often some tracks are liked, and whether by somebody, all of one moment: every write before the
 * transaction `as_of` is in it. The query itself, as above.
 */
export const likesAmong = (db: Db, did: string, trackIds: readonly number[]) =>
	db
		.selectFrom('tracks')
		.select((eb) => [
			'tracks.id',
			'tracks.like_count',
			// a value, of which there is one: to ask whether any exist may read all likes there are
			eb
				.selectFrom('likes')
				.select(sql<boolean>`true`.as('is'))
				.where('likes.did', '=', did)
				.whereRef('likes.track_id', '=', 'tracks.id')
				.as('is_liked'),
			sql<string>`pg_snapshot_xmin(pg_current_snapshot())`.as('as_of')
		])
		.where('tracks.id', '=', sql<number>`any(${trackIds}::bigint[])`);

const readLikesAmong = builtOnce(likesAmong);

export const findLikesAmong = (db: Db, did: string, trackIds: readonly number[]) =>
	readLikesAmong(db, did, shortList(trackIds));

/** The first transaction of which nobody knows whether it ends: all that was written is of one before it. */
export async function firstOpenTransaction(db: Db): Promise<number> {
	const first = sql<{ id: string }>`select pg_snapshot_xmax(pg_current_snapshot()) as id`;
	const { rows } = await first.execute(db);
	return Number(rows[0]?.id);
}

/** Which of some tracks somebody likes; the query itself, so that a test can ask how it is carried out. */
export const likedAmong = (db: Db, did: string, trackIds: readonly number[]) =>
	db
		.selectFrom('likes')
		.select('track_id')
		.where('did', '=', did)
		.where('track_id', '=', sql<number>`any(${trackIds}::bigint[])`);

const readLikedAmong = builtOnce(likedAmong);

export const findLikedAmong = (
	db: Db,
	did: string,
	trackIds: readonly number[]
): Promise<{ track_id: number }[]> => readLikedAmong(db, did, shortList(trackIds));

/** Who likes a track, the newest first: `page.rows` rows; the query itself, as above. */
export function likersOf(db: Db, trackId: number, { rows, after }: KeysetPage) {
	let query = db
		.selectFrom('likes')
		.leftJoin('artists as artist', 'artist.did', 'likes.did')
		.leftJoin('people as person', 'person.did', 'likes.did')
		.select([
			'likes.id',
			'likes.did',
			'likes.created_at',
			'artist.handle as artist_handle',
			'artist.display_name as artist_name',
			'artist.avatar_image_id as artist_avatar',
			'person.handle',
			'person.display_name',
			'person.avatar_image_id as avatar',
			'person.resolved_at'
		])
		.where('likes.track_id', '=', trackId)
		// what was taken down stands in no list
		.where(sql<boolean>`artist.is_hidden is not true`);
	if (after) {
		const { createdAt, id } = after;
		query = query.where(sql<boolean>`(likes.created_at, likes.id) < (${createdAt}, ${id})`);
	}
	return query.orderBy('likes.created_at', 'desc').orderBy('likes.id', 'desc').limit(rows);
}

export type LikerRow = Awaited<ReturnType<ReturnType<typeof likersOf>['execute']>>[number];

/**
 * What somebody likes, the newest like first: `page.rows` rows; the query itself, as above.
 * @param isOwn they look themselves: what they know by its address only is there as well
 */
export function likesOf(db: Db, did: string, { rows, after }: KeysetPage, isOwn: boolean) {
	let query = db
		.selectFrom('likes')
		.innerJoin('tracks', 'tracks.id', 'likes.track_id')
		.select(['likes.id', 'likes.track_id', 'likes.created_at'])
		.where('likes.did', '=', did)
		.where('tracks.visibility', 'in', isOwn ? ['public', 'unlisted'] : ['public']);
	if (after) {
		const { createdAt, id } = after;
		query = query.where(sql<boolean>`(likes.created_at, likes.id) < (${createdAt}, ${id})`);
	}
	return query.orderBy('likes.created_at', 'desc').orderBy('likes.id', 'desc').limit(rows);
}

/** Whether a check has found that the record of a track is gone: a like could refer to nothing. */
export async function lacksRecord(db: Db, trackId: number): Promise<boolean> {
	const problem = await db
		.selectFrom('track_problems')
		.select('id')
		.where('track_id', '=', trackId)
		.where('kind', '=', 'record_missing')
		.executeTakeFirst();
	return problem !== undefined;
}

/** The address of the record a track had that is gone; undefined: there never was one. */
export async function findRemovedTrack(db: Db, trackId: number): Promise<string | undefined> {
	const tombstone = await db
		.selectFrom('record_tombstones')
		.select('record_uri')
		.where('track_id', '=', trackId)
		.executeTakeFirst();
	return tombstone?.record_uri;
}
