import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** Those of the keys that a row names as its object. */
export async function namedAmong(db: Db, keys: readonly string[]): Promise<Set<string>> {
	if (keys.length === 0) return new Set();
	const { rows } = await sql<{ key: string }>`
		select key from unnest(${[...keys]}::text[]) as key
		where exists (select 1 from audio_files where storage_key = key)
			or exists (select 1 from images
				where image_id = substring(key from '[0-9a-f]{16}')
				and exists (select 1 from jsonb_each_text(renditions) where value = key))`.execute(db);
	return new Set(rows.map(({ key }) => key));
}

/** Those of the keys that were released: they are deleted, or will be in a moment. */
export async function releasedAmong(db: Db, keys: readonly string[]): Promise<Set<string>> {
	if (keys.length === 0) return new Set();
	const rows = await db
		.selectFrom('released_objects')
		.select('storage_key')
		.where('storage_key', 'in', keys)
		.execute();
	return new Set(rows.map(({ storage_key }) => storage_key));
}
