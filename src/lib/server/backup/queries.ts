import type postgres from 'postgres';
import type { Db } from '#lib/server/db/connect.ts';
import { USELESS } from '#lib/server/uploads/failures.ts';

/** A table with rows of its own, and the columns that are not made of others. */
export interface TableToKeep {
	name: string;
	columns: string[];
}

/** Every table of ours; of one in parts the parts. */
export async function findTables(sql: postgres.Sql): Promise<TableToKeep[]> {
	return await sql<TableToKeep[]>`
		select relname as name, array_agg(attname::text order by attnum) as columns
		from pg_class join pg_attribute on attrelid = pg_class.oid
		where relkind = 'r' and relnamespace = 'public'::regnamespace
			and attnum > 0 and not attisdropped and attgenerated = ''
			and not exists (select 1 from pg_depend where objid = pg_class.oid and deptype = 'e')
		group by relname order by relname`;
}

/** Where sequences are that were used. */
export async function findSequences(
	sql: postgres.Sql
): Promise<{ name: string; lastValue: number }[]> {
	return await sql<{ name: string; lastValue: number }[]>`
		select sequencename as name, last_value as "lastValue" from pg_sequences
		where schemaname = 'public' and last_value is not null order by sequencename`;
}

/** An object the database speaks of. */
export interface WantedObject {
	kind: 'audio' | 'image' | 'staged';
	key: string;
	/** null: nobody has written it down */
	sha256: string | null;
	sizeBytes: number | null;
	contentType: string;
}

const PAGE = 1_000;

/**
 * What is stored as the database says: uploads that are accepted and not published first, as they do not
 * stay; then published objects by key, as strings are compared byte by byte.
 */
export async function* wantedObjects(sql: postgres.Sql): AsyncGenerator<WantedObject, void> {
	const pages = sql<WantedObject[]>`
		select kind, key, sha256, "sizeBytes", "contentType" from (
			select 0 as turn, 'staged' as kind, id::text as key, sha256, size_bytes as "sizeBytes",
				'application/octet-stream' as "contentType"
			from uploads where ${isStaged(sql)}
			union all
			select 0, 'staged', id || '-rendition', findings -> 'rendition' ->> 'sha256',
				(findings -> 'rendition' ->> 'sizeBytes')::bigint, 'application/octet-stream'
			from uploads where ${isStaged(sql)} and stage = 'transcoded' and findings ? 'rendition'
			union all
			select 1, 'audio', storage_key, sha256, size_bytes, content_type from audio_files
			union all
			select 1, 'image', key, null, null, 'image/' || substring(key from '[^.]*$')
			from (select distinct value as key from images, jsonb_each_text(renditions)) pictures
		) stored order by turn, key collate "C"`.cursor(PAGE);
	for await (const page of pages) yield* page;
}

const isStaged = (sql: postgres.Sql) => sql`(
	sha256 is not null and stage in ('received', 'inspected', 'transcoded') and (
		status in ('pending', 'processing', 'waiting')
		or (status = 'failed' and error_code not in ${sql([...USELESS])}
			and updated_at > now() - interval '30 days'))
)`;

/** Where the bytes of a hash are published by now. @returns undefined: nowhere */
export async function findPublished(db: Db, sha256: string): Promise<string | undefined> {
	const file = await db
		.selectFrom('audio_files')
		.select('storage_key')
		.where('sha256', '=', sha256)
		.executeTakeFirst();
	return file?.storage_key;
}
