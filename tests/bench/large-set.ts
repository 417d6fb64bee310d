import type postgres from 'postgres';
import { word } from '#lib/server/search/testing/large-catalogue.ts';

/** How many there are of each; likes and plays are at least as many as said. */
export interface SetSize {
	tracks: number;
	artists: number;
	albums: number;
	likes: number;
	plays: number;
	/** who listens and likes */
	listeners: number;
}

export const SMALL_SET: SetSize = {
	tracks: 1_000,
	artists: 100,
	albums: 200,
	likes: 10_000,
	plays: 50_000,
	listeners: 1_000
};

export const LARGE_SET: SetSize = {
	tracks: 100_000,
	artists: 10_000,
	albums: 20_000,
	likes: 1_000_000,
	plays: 5_000_000,
	listeners: 100_000
};

/** The same in its proportions, with another number of tracks. */
export function setOf(tracks: number): SetSize {
	const scaled = Object.entries(LARGE_SET).map(
		([name, count]) => [name, Math.max(1, Math.round((count * tracks) / LARGE_SET.tracks))] as const
	);
	return Object.fromEntries(scaled) as unknown as SetSize;
}

/** Somebody of every set, who likes many tracks. */
export const FAN_DID = 'did:plc:listener0';
const TRACKS_OF_FAN = 200;

/**
 * Fills an empty, migrated database: artists with ten tracks each, most of them in albums of four,
 * three tags a track, and plays and likes as they are in the wild, a few tracks having most of them.
 * Written past the triggers, whose work is then done for all rows at once, by the product's own
 * functions where there are some. The sizes change how many rows there are, and not what a page shows.
 */
export async function fillLargeSet(sql: postgres.Sql, size: SetSize): Promise<void> {
	// one connection: what is set holds for all of it
	const connection = await sql.reserve();
	const run = async (text: string) => {
		await connection.unsafe(text).simple();
	};
	try {
		await run(PREPARE);
		await run(filesAndPeople(size));
		await run(tracks(size));
		await inFreshIndexes(connection, 'likes', () => run(likes(size)));
		await inFreshIndexes(connection, 'plays', () => run(plays(size)));
		await run(KEPT);
		// what an index answers by itself is seen after a vacuum only
		await run('vacuum analyze');
		await run('reset all');
	} finally {
		connection.release();
	}
}

/** Fills a table without its indexes, and makes them of all rows at once. */
async function inFreshIndexes(
	sql: postgres.ReservedSql,
	table: string,
	fill: () => Promise<void>
): Promise<void> {
	const constraints = await sql<{ name: string; definition: string }[]>`
		select quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
		from pg_constraint where conrelid = ${table}::regclass and contype in ('p', 'u')`;
	const indexes = await sql<{ name: string; definition: string }[]>`
		select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
		from pg_index where indrelid = ${table}::regclass
			and not exists (select 1 from pg_constraint where conindid = indexrelid)`;
	for (const { name } of constraints) {
		await sql.unsafe(`alter table ${table} drop constraint ${name}`);
	}
	for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
	await fill();
	for (const { name, definition } of constraints) {
		await sql.unsafe(`alter table ${table} add constraint ${name} ${definition}`);
	}
	for (const { definition } of indexes) await sql.unsafe(definition);
}

const PREPARE = `
	set statement_timeout = 0;
	set synchronous_commit = off;
	set maintenance_work_mem = '512MB';
	set work_mem = '128MB';
	set session_replication_role = replica`;

/** By rank: how many plays or likes the track has of all of them. The first has one in a hundred and fifty. */
const weight = (total: number, listed: number) => {
	const sum = Array.from({ length: listed }, (_, rank) => (rank + 11) ** -0.9).reduce(
		(a, b) => a + b
	);
	return `ceil(${total / sum} * power(rank + 11, -0.9))::integer`;
};

const hash = (text: string) => `encode(sha256((${text})::bytea), 'hex')`;
const PLACEHOLDER = `'data:image/webp;base64,' || repeat(md5(n::text), 9)`;

const filesAndPeople = ({ tracks: count, artists, albums, listeners }: SetSize) => `
	create temporary table shapes as
		select shape, decode(string_agg(lpad(to_hex(abs(hashint4(shape * 1800 + part)) % 256), 2, '0'), ''
			order by part), 'hex') as peaks
		from generate_series(0, 31) shape, generate_series(1, 1800) part group by shape;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes,
			duration_ms, loudness_lufs, true_peak_dbtp, codec, peaks)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 5000000,
			120000 + n % 200 * 1000, -14, -1, 'mp3', peaks
		from (select n, ${hash("'audio' || n")} as hash from generate_series(1, ${count}) n) one
		join shapes on shape = n % 32;
	insert into images (image_id, sha256, renditions, width_px, height_px, placeholder, dominant_color)
		select left(hash, 16), hash, jsonb_build_object('320', 'images/' || hash, '1200', 'images/' || hash),
			1400, 1400, ${PLACEHOLDER}, '#336699'
		from (select n, ${hash("'image' || n")} as hash from generate_series(1, ${artists + albums}) n) one;
	insert into artists (did, handle, display_name, bio, avatar_image_id)
		select 'did:plc:artist' || n, 'artist' || n || '.example.social',
			initcap(${word('n * 11')} || ' ' || ${word('n * 13')}), repeat('makes music. ', 1 + n % 12),
			left(${hash("'image' || n")}, 16)
		from generate_series(1, ${artists}) n;
	insert into people (did, handle, display_name, resolved_at, wanted_at)
		select 'did:plc:listener' || n, 'listener' || n || '.example.social', 'listener ' || n, now(), null
		from generate_series(0, ${listeners - 1}) n;
	insert into albums (artist_did, slug, title, year, image_id)
		select 'did:plc:artist' || 1 + n % ${artists}, 'album-' || n / ${artists},
			initcap(${word('n * 5')} || ' ' || ${word('n * 3')}), 2000 + n % 26,
			left(${hash(`'image' || (${artists} + 1 + n)`)}, 16)
		from generate_series(0, ${albums - 1}) n`;

const tracks = ({ tracks: count, artists, likes: liked, plays: played }: SetSize) => `
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, description, file_id,
			original_file_id, duration_ms, album_id, album_position, image_id, created_at, play_count,
			like_count)
		select did, 'r' || n, 'at://' || did || '/fm.plyr.track/r' || n, 'bafyreicid' || n,
			initcap(${word('n * 17')} || ' ' || ${word('n * 19')} || ' ' || ${word('n * 23')}),
			case when n % 2 = 0 then repeat('recorded at home. ', 1 + n % 10) end,
			file, file, 120000 + n % 200 * 1000, album.id, place / 2, album.image_id,
			now() - n * interval '1 minute', ${weight(played, count)}, ${weight(liked, count)}
		from (
			select n, n::bigint * 7919 % ${count} as rank, n / ${artists} as place,
				'did:plc:artist' || 1 + n % ${artists} as did, left(${hash("'audio' || n + 1")}, 16) as file
			from generate_series(0, ${count - 1}) n
		) one
		left join albums album on album.artist_did = did and place < 8
			and slug = 'album-' || place % 2;
	insert into track_tags (track_id, tag, track_created_at)
		select distinct id, ${word('(id * 7 + k)::integer')}, created_at
		from tracks, generate_series(1, 3) k;
	create temporary table liked_by_fan as
		select id from tracks where id % greatest(1, ${count} / ${TRACKS_OF_FAN}) = 0;
	analyze tracks`;

/** Who likes a track follows from its id; the fan likes some of them besides. */
const likes = ({ listeners }: SetSize) => `
	insert into likes (did, rkey, record_uri, record_cid, track_id, subject_uri, subject_cid, created_at,
			indexed_at)
		select did, 'k' || id, 'at://' || did || '/fm.plyr.like/k' || id, 'bafyreicid', id, record_uri,
			record_cid, liked_at, liked_at
		from (
			select distinct on (tracks.id, listener) tracks.id, record_uri, record_cid,
				'did:plc:listener' || listener as did,
				now() - abs(hashint8(tracks.id * 31 + listener)::bigint) % 31536000
					* interval '1 second' as liked_at
			from tracks, lateral (
				select (abs(hashint8(tracks.id)) + k::bigint * 7919) % ${listeners} as listener
				from generate_series(1, least(like_count, ${listeners})) k
				union all select 0 from liked_by_fan where liked_by_fan.id = tracks.id
			) given
		) one;
	update tracks set like_count = given.likes
		from (select track_id, count(*) as likes from likes group by track_id) given
		where given.track_id = tracks.id and given.likes <> tracks.like_count`;

const plays = ({ listeners }: SetSize) => `
	insert into plays (track_id, listener_key, played_at)
		select id, decode(md5(((abs(hashint8(id)) + k::bigint * 7919) % ${listeners})::text), 'hex'),
			now() - (k * 17 + id) % 525600 * interval '1 minute' - k * interval '1 microsecond'
		from tracks, generate_series(1, play_count) k`;

/** What the triggers would have kept up. */
const KEPT = `
	set session_replication_role = origin;
	insert into artist_numbers (did, track_count, play_count)
		select artist_did, count(*), sum(play_count) from tracks group by artist_did;
	insert into album_loudness select * from measured_album_loudness;
	analyze;
	select search_rebuild()`;
