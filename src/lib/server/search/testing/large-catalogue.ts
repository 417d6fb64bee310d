import type postgres from 'postgres';

const COMMON = (
	'love night river light blue red shadow dream summer rain storm fire water glass paper silver ' +
	'golden empty broken silent dancing falling rising running burning lost found secret garden city'
).split(' ');

/** A word that many names have, or one that hardly any has: names in the wild have both. */
export const word = (seed: string) =>
	`(case when hashint4(${seed}) % 3 = 0
		then 'w' || substr(md5((abs(hashint4(${seed})) % 30000)::text), 1, 6)
		else (array['${COMMON.join("','")}'])[1 + abs(hashint4(${seed} + 7)) % ${COMMON.length}] end)`;

/**
 * 100,000 tracks of 10,000 artists, half of them in albums, with three tags each; a few are played
 * very often. Written past the triggers and then written down at once.
 */
export async function fillLargeCatalogue(sql: postgres.Sql): Promise<void> {
	await sql
		.unsafe(
			`set statement_timeout = 0;
			set session_replication_role = replica;
			alter table tracks drop constraint uq_tracks_artist_original;
			insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
				values (repeat('a', 16), repeat('a', 64), 'audio/a.mp3', 'mp3', 'audio/mpeg', 1);
			insert into artists (did, handle, display_name)
				select 'did:plc:n' || n, 'person' || n || '.example.social',
					initcap(${word('n * 11')} || ' ' || ${word('n * 13')})
				from generate_series(1, 10000) n;
			insert into albums (artist_did, slug, title)
				select did, 'first', initcap(${word('n * 5')} || ' ' || ${word('n * 3')})
				from (select did, row_number() over (order by did)::integer as n from artists) numbered;
			insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id,
					original_file_id, album_id, created_at, play_count)
				select did, 'r' || n, 'at://' || n, 'cid', initcap(case when n % 10 = 0 then 'the ' else '' end
					|| ${word('n * 17')} || ' ' || ${word('n * 19')} || ' ' || ${word('n * 23')}),
					repeat('a', 16), repeat('a', 16), album.id, now() - n * interval '1 minute',
					(random() ^ 8 * 5000)::integer
				from (select n, 'did:plc:n' || (1 + n % 10000) as did from generate_series(1, 100000) n) one
				left join albums album on album.artist_did = did and n % 20000 < 10000;
			insert into track_tags (track_id, tag)
				select distinct id, ${word('(id * 7 + k)::integer')} from tracks, generate_series(1, 3) k;
			set session_replication_role = origin;
			analyze`
		)
		.simple();
	await sql
		.unsafe('set statement_timeout = 0; select search_rebuild(); set statement_timeout = default')
		.simple();
	await sql.unsafe('vacuum analyze');
}
