import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { SubjectKind } from '#lib/server/db/schema.ts';

/** A track or an account, and what it is called at present. */
export interface SubjectRow {
	kind: SubjectKind;
	subject: string;
	did: string;
	track_id: number | null;
	title: string | null;
	handle: string | null;
	display_name: string | null;
}

/** The columns of `SubjectRow` beside rows that have `kind`, `subject` and `did`. */
export const SUBJECT_NAMES = (rows: string) => sql`
	${sql.raw(rows)}.kind, ${sql.raw(rows)}.subject, ${sql.raw(rows)}.did,
	named.track_id, named.title, artists.handle, artists.display_name`;

/** Joins what `SUBJECT_NAMES` needs. What is being deleted is not there any more. */
export const JOIN_NAMES = (rows: string) => sql`
	left join artists on artists.did = ${sql.raw(rows)}.did
	left join lateral (select id as track_id, title from tracks
		where ${sql.raw(rows)}.kind = 'track' and record_uri = ${sql.raw(rows)}.subject
			and visibility <> 'deleting') named on true`;

const trackSubject = sql`
	select 'track' as kind, record_uri as subject, artist_did as did, tracks.id as track_id, title,
		artists.handle, artists.display_name
	from tracks join artists on artists.did = tracks.artist_did
	where visibility <> 'deleting'`;

export async function findTrackSubject(
	db: Db,
	by: { id: number } | { uri: string }
): Promise<SubjectRow | undefined> {
	const { rows } = await sql<SubjectRow>`${trackSubject} and
		${'id' in by ? sql`tracks.id = ${by.id}` : sql`record_uri = ${by.uri}`}`.execute(db);
	return rows[0];
}

/** @param did of somebody with an artist profile */
export async function findAccountSubject(db: Db, did: string): Promise<SubjectRow | undefined> {
	const { rows } = await sql<SubjectRow>`
		select 'account' as kind, did as subject, did, null::bigint as track_id, null::text as title,
			handle, display_name
		from artists where did = ${did}`.execute(db);
	return rows[0];
}

/** The did of who has a handle, or had it before. */
export async function findDidOfHandle(db: Db, handle: string): Promise<string | undefined> {
	const { rows } = await sql<{ did: string }>`
		(select did from artists where handle = ${handle} order by updated_at desc limit 1)
		union all select did from former_handles where handle = ${handle} limit 1`.execute(db);
	return rows[0]?.did;
}
