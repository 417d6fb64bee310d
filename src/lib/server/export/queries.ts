import { sql } from 'kysely';
import type { RenditionKeys } from '#lib/server/media/renditions.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Feature } from '#lib/server/db/schema.ts';

/** So many rows are in memory at a time. */
const PAGE = 100;

/** A track with its file, as its artist gave it. */
export interface ExportedTrack {
	id: number;
	record_uri: string;
	record_cid: string;
	title: string;
	description: string | null;
	features: Feature[];
	tags: string[];
	is_explicit: boolean;
	visibility: string;
	play_count: number;
	like_count: number;
	created_at: Date;
	album_title: string | null;
	album_year: number | null;
	/** 1-based; null without an album */
	track_number: number | null;
	file_id: string;
	storage_key: string;
	file_type: string;
	content_type: string;
	size_bytes: number;
	sha256: string;
	duration_ms: number | null;
	renditions: RenditionKeys | null;
}

/** Somebody's tracks in the order of their ids, also what nobody else sees. */
export const eachTrack = (db: Db, did: string): AsyncGenerator<ExportedTrack, void> =>
	eachRow(async (after) => {
		const { rows } = await sql<ExportedTrack>`
			select tracks.id, tracks.record_uri, tracks.record_cid, tracks.title, tracks.description,
				tracks.features, array(
					select tag from track_tags where track_id = tracks.id order by tag) as tags,
				tracks.is_explicit, tracks.visibility, tracks.play_count, tracks.like_count,
				tracks.created_at, albums.title as album_title, albums.year as album_year,
				case when tracks.album_id is not null then (
					select count(*)::int from tracks other
					where other.album_id = tracks.album_id and other.visibility <> 'deleting'
						and (coalesce(other.album_position, 2147483647), other.id)
							<= (coalesce(tracks.album_position, 2147483647), tracks.id)) end as track_number,
				original.file_id, original.storage_key, original.file_type, original.content_type,
				original.size_bytes, original.sha256, original.duration_ms, images.renditions
			from tracks
			join audio_files original on original.file_id = tracks.original_file_id
			left join albums on albums.id = tracks.album_id
			left join images on images.image_id = coalesce(tracks.image_id, albums.image_id)
			where tracks.artist_did = ${did} and tracks.visibility <> 'deleting' and tracks.id > ${after}
			order by tracks.id limit ${PAGE}`.execute(db);
		return rows;
	});

/** What a track sounded like before. */
export interface ExportedRevision {
	id: number;
	title: string;
	replaced_at: Date;
	storage_key: string;
	file_type: string;
	size_bytes: number;
	sha256: string;
}

/** The earlier audio of somebody's tracks. */
export const eachRevision = (db: Db, did: string): AsyncGenerator<ExportedRevision, void> =>
	eachRow(async (after) => {
		const { rows } = await sql<ExportedRevision>`
			select revision.id, tracks.title, revision.replaced_at, original.storage_key,
				original.file_type, original.size_bytes, original.sha256
			from track_revisions revision
			join tracks on tracks.id = revision.track_id
			join audio_files original on original.file_id = revision.original_file_id
			where tracks.artist_did = ${did} and tracks.visibility <> 'deleting'
				and revision.id > ${after}
			order by revision.id limit ${PAGE}`.execute(db);
		return rows;
	});

/** A like, and what it is of. */
export interface ExportedLike {
	id: number;
	record_uri: string;
	record_cid: string;
	subject_uri: string;
	/** null: the track is hidden, and its address is all that is said of it */
	title: string | null;
	artist: string | null;
	created_at: Date;
}

export const eachLike = (db: Db, did: string): AsyncGenerator<ExportedLike, void> =>
	eachRow(async (after) => {
		const { rows } = await sql<ExportedLike>`
			select likes.id, likes.record_uri, likes.record_cid, likes.subject_uri, shown.title,
				artists.display_name as artist, likes.created_at
			from likes
			left join tracks shown on shown.id = likes.track_id
				and (shown.artist_did = likes.did or shown.visibility in ('public', 'unlisted'))
			left join artists on artists.did = shown.artist_did
			where likes.did = ${did} and likes.id > ${after}
			order by likes.id limit ${PAGE}`.execute(db);
		return rows;
	});

/** An album as the index has it, with what is on it. */
export interface ExportedAlbum {
	record_uri: string | null;
	record_cid: string | null;
	title: string;
	slug: string;
	description: string | null;
	year: number | null;
	created_at: Date;
	/** addresses of the records of its tracks, in their order */
	tracks: string[];
	renditions: RenditionKeys | null;
}

export async function findAlbums(db: Db, did: string): Promise<ExportedAlbum[]> {
	const { rows } = await sql<ExportedAlbum>`
		select albums.record_uri, albums.record_cid, albums.title, albums.slug, albums.description,
			albums.year, albums.created_at, array(
				select record_uri from tracks
				where album_id = albums.id and visibility <> 'deleting'
				order by album_position, id) as tracks, images.renditions
		from albums left join images on images.image_id = albums.image_id
		where albums.artist_did = ${did} and albums.deletion is null
		order by albums.created_at, albums.id`.execute(db);
	return rows;
}

/** The profile of an artist, and their picture. */
export async function findProfile(db: Db, did: string) {
	return await db
		.selectFrom('artists')
		.leftJoin('images', 'images.image_id', 'artists.avatar_image_id')
		.select([
			'artists.did',
			'artists.handle',
			'artists.display_name',
			'artists.bio',
			'artists.downloads',
			'artists.shows_likes',
			'artists.created_at',
			'artists.updated_at',
			'images.renditions'
		])
		.where('artists.did', '=', did)
		.executeTakeFirst();
}

/** What is kept of somebody besides: rows as they are, by the name they get in the archive. */
export async function findOwnRows(db: Db, did: string): Promise<Record<string, unknown>> {
	const { rows } = await sql<Record<string, unknown>>`
		select
			(select to_jsonb(preferences) from preferences where did = ${did}) as preferences,
			(select jsonb_build_object('state', state, 'updated_at', updated_at)
				from queues where did = ${did}) as queue,
			(select coalesce(jsonb_agg(jsonb_build_object(
					'status', status, 'message', message, 'file_name', file_name, 'fields', fields,
					'size_bytes', size_bytes, 'created_at', created_at) order by created_at), '[]')
				from uploads where artist_did = ${did} and status <> 'completed') as unfinished_uploads,
			(select coalesce(jsonb_agg(jsonb_build_object(
					'status', status, 'fields', fields, 'release_at', release_at,
					'created_at', created_at) order by created_at), '[]')
				from releases where artist_did = ${did}) as releases,
			(select coalesce(jsonb_agg(jsonb_build_object(
					'sha256', sha256, 'confirmed_at', confirmed_at) order by confirmed_at), '[]')
				from rights_statements where artist_did = ${did}) as rights_statements,
			(select coalesce(jsonb_agg(jsonb_build_object(
					'device', device, 'created_at', created_at, 'last_used_at', last_used_at,
					'expires_at', expires_at) order by created_at), '[]')
				from sessions where did = ${did}) as sign_ins,
			(select coalesce(jsonb_agg(jsonb_build_object(
					'name', name, 'scope', scope, 'created_at', created_at,
					'expires_at', expires_at) order by created_at), '[]')
				from developer_tokens where did = ${did}) as developer_tokens`.execute(db);
	return rows[0] ?? {};
}

/** The pages of a query that goes on behind an id. */
async function* eachRow<T extends { id: number }>(
	readAfter: (id: number) => Promise<T[]>
): AsyncGenerator<T, void> {
	let after = 0;
	for (;;) {
		const rows = await readAfter(after);
		yield* rows;
		const last = rows.at(-1);
		if (!last || rows.length < PAGE) return;
		after = last.id;
	}
}
