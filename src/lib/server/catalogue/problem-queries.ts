import { type Selectable, sql, type Transaction } from 'kysely';
import type { ProblemDetail, ProblemKind } from '#lib/catalogue/catalogue.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database, TrackProblemTable } from '#lib/server/db/schema.ts';
import type { Finding } from './finding.ts';

export type ProblemRow = Omit<Selectable<TrackProblemTable>, 'kind' | 'detail'> & {
	kind: ProblemKind;
	detail: ProblemDetail;
};

const BATCH = 500;

/**
 * Makes what is known about an artist's catalogue what a check found: problems it did not find are
 * gone, those it found again keep what is wanted about them.
 */
export async function replaceProblems(
	trx: Transaction<Database>,
	did: string,
	findings: readonly Finding[]
): Promise<void> {
	const startedAt = sql<Date>`transaction_timestamp()`;
	for (let from = 0; from < findings.length; from += BATCH) {
		const batch = findings.slice(from, from + BATCH).map((found) => ({
			artist_did: did,
			subject_uri: found.uri,
			track_id: found.trackId ?? null,
			album_id: found.albumId ?? null,
			kind: found.kind,
			detail: JSON.stringify(found.detail)
		}));
		const rows = sql`
			select artist_did, subject_uri, track_id, album_id, kind, detail, ${startedAt} as found_at
			from jsonb_to_recordset(${JSON.stringify(batch)}::text::jsonb) as found (
				artist_did text, subject_uri text, track_id bigint, album_id uuid, kind text, detail text)
			where (track_id is null or exists (select 1 from tracks where id = track_id))
				and (album_id is null or exists (select 1 from albums where id = album_id))`;
		await sql`
			insert into track_problems
				(artist_did, subject_uri, track_id, album_id, kind, detail, found_at)
			select artist_did, subject_uri, track_id, album_id, kind, detail::jsonb, found_at
			from (${rows}) found
			on conflict (subject_uri, kind) do update set
				track_id = excluded.track_id, album_id = excluded.album_id,
				detail = excluded.detail, found_at = excluded.found_at`.execute(trx);
	}
	await trx
		.deleteFrom('track_problems')
		.where('artist_did', '=', did)
		.where('found_at', '<', startedAt)
		.execute();
}

/** What is not listed any more or is being taken away does not need attention. */
const selectProblems = (db: Db, did: string) =>
	db
		.selectFrom('track_problems as problem')
		.leftJoin('tracks', 'tracks.id', 'problem.track_id')
		.leftJoin('albums', 'albums.id', 'problem.album_id')
		.selectAll('problem')
		.leftJoin('artists', 'artists.did', 'albums.artist_did')
		.select([
			'tracks.title as track_title',
			'albums.title as album_title',
			'albums.slug as album_slug',
			'artists.handle as album_handle'
		])
		.where('problem.artist_did', '=', did)
		.where((eb) => eb.or([eb('tracks.id', 'is', null), eb('tracks.visibility', '!=', 'deleting')]));

/** A problem with what it is about. */
export type ListedProblem = ProblemRow & {
	track_title: string | null;
	album_title: string | null;
	album_slug: string | null;
	album_handle: string | null;
};

/** An artist's problems, those of one record together, of so many records. */
export async function findProblems(
	db: Db,
	did: string,
	maxSubjects: number
): Promise<ListedProblem[]> {
	const rows = await selectProblems(db, did)
		.where('problem.subject_uri', 'in', (eb) =>
			eb
				.selectFrom('track_problems')
				.select('subject_uri')
				.where('artist_did', '=', did)
				.groupBy('subject_uri')
				.orderBy(sql`min(id)`)
				.limit(maxSubjects)
		)
		.orderBy('problem.id')
		.execute();
	return rows as ListedProblem[];
}

export interface ProblemCounts {
	/** records that need attention */
	subjects: number;
	/** repairs under way */
	repairsLeft: number;
	/** what a repair could be asked for, and does not need the artist's file */
	repairable: number;
	/** of those, the ones that write over something */
	overwriting: number;
}

const IS_OPEN = sql`repair is distinct from 'wanted'`;

export async function countProblems(db: Db, did: string): Promise<ProblemCounts> {
	const { rows } = await sql<ProblemCounts>`
		select count(distinct subject_uri)::int as subjects,
			(count(*) filter (where repair = 'wanted'))::int as "repairsLeft",
			(count(*) filter (where ${IS_OPEN} and kind <> 'original_missing'
				and (kind, detail ->> 'remedy') is distinct from ('audio_missing', 'send')))::int
				as repairable,
			(count(*) filter (where ${IS_OPEN}
				and kind in ('record_differs', 'record_unreadable')))::int as overwriting
		from track_problems
		where artist_did = ${did} and not exists (
			select 1 from tracks where id = track_id and visibility = 'deleting')`.execute(db);
	return rows[0] ?? { subjects: 0, repairsLeft: 0, repairable: 0, overwriting: 0 };
}

/** One of an artist's problems. */
export async function findProblem(
	db: Db,
	did: string,
	id: number
): Promise<ProblemRow | undefined> {
	const row = await db
		.selectFrom('track_problems')
		.selectAll()
		.where('artist_did', '=', did)
		.where('id', '=', id)
		.executeTakeFirst();
	return row as ProblemRow | undefined;
}

/** The next repair that is wanted, in the order in which problems were found. */
export async function findWanted(db: Db, did: string): Promise<ProblemRow | undefined> {
	const row = await db
		.selectFrom('track_problems')
		.selectAll()
		.where('artist_did', '=', did)
		.where('repair', '=', 'wanted')
		.orderBy('id')
		.limit(1)
		.executeTakeFirst();
	return row as ProblemRow | undefined;
}

/** What a repair can do something about, before it is asked for. */
export async function findOpen(db: Db, did: string): Promise<ProblemRow[]> {
	const rows = await selectProblems(db, did)
		.where((eb) => eb.or([eb('repair', 'is', null), eb('repair', '=', 'failed')]))
		.execute();
	return rows as ProblemRow[];
}

export async function wantRepairs(
	db: Db,
	ids: readonly number[],
	choice: 'record' | 'ours' | null
): Promise<void> {
	if (ids.length === 0) return;
	await db
		.updateTable('track_problems')
		.set({ repair: 'wanted', choice, error: null })
		.where('id', 'in', ids)
		.execute();
}

export async function sayFailed(db: Db, id: number, error: string): Promise<void> {
	await db
		.updateTable('track_problems')
		.set({ repair: 'failed', error })
		.where('id', '=', id)
		.execute();
}

/** Keeps what was found wrong with a record just now, and why it could not be repaired. */
export async function keepFailed(
	db: Db,
	did: string,
	{ uri, kind, detail, trackId }: Finding,
	error: string
): Promise<void> {
	const found = { detail: JSON.stringify(detail), repair: 'failed', error } as const;
	await db
		.insertInto('track_problems')
		.values({ artist_did: did, subject_uri: uri, track_id: trackId, kind, ...found })
		.onConflict((already) => already.columns(['subject_uri', 'kind']).doUpdateSet(found))
		.execute();
}

export async function deleteProblem(db: Db, id: number): Promise<void> {
	await db.deleteFrom('track_problems').where('id', '=', id).execute();
}
