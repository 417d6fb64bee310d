import { type Selectable, sql } from 'kysely';
import type { CatalogueReport } from '#lib/catalogue/catalogue.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { CatalogueCheckTable } from '#lib/server/db/schema.ts';

export type CheckRow = Omit<Selectable<CatalogueCheckTable>, 'report'> & {
	report: CatalogueReport | null;
};

export async function findCheck(db: Db, did: string): Promise<CheckRow | undefined> {
	const row = await db
		.selectFrom('catalogue_checks')
		.selectAll()
		.where('artist_did', '=', did)
		.executeTakeFirst();
	return row as CheckRow | undefined;
}

/** Says that a check is wanted that begins after this. */
export async function wantCheck(db: Db, did: string): Promise<void> {
	await sql`
		insert into catalogue_checks (artist_did, requested_at) values (${did}, now())
		on conflict (artist_did) do update set requested_at = now()`.execute(db);
}

/**
 * Begins the check that is wanted.
 * @returns when it began, by the clock of the database; undefined: none is wanted
 */
export async function beginCheck(db: Db, did: string): Promise<Date | undefined> {
	const { rows } = await sql<{ startedAt: Date }>`
		update catalogue_checks
		set started_at = now(), records_read = 0, tracks_read = 0, objects_read = 0, trouble = null
		where artist_did = ${did} and requested_at is not null
			and (covers_at is null or requested_at >= covers_at)
		returning started_at as "startedAt"`.execute(db);
	return rows[0]?.startedAt;
}

export async function sayProgress(
	db: Db,
	did: string,
	read: Partial<Pick<CheckRow, 'records_read' | 'tracks_read' | 'objects_read'>>
): Promise<void> {
	await db.updateTable('catalogue_checks').set(read).where('artist_did', '=', did).execute();
}

/** Ends a check: requests from before it began are answered. */
export async function endCheck(db: Db, did: string, report: CatalogueReport): Promise<void> {
	await db
		.updateTable('catalogue_checks')
		.set({
			report: JSON.stringify(report),
			checked_at: sql`now()`,
			covers_at: sql.ref('started_at'),
			started_at: null,
			trouble: null
		})
		.where('artist_did', '=', did)
		.execute();
}

/** Says why it takes longer; null: it does not any more. */
export async function sayTrouble(db: Db, did: string, trouble: string | null): Promise<void> {
	await db.updateTable('catalogue_checks').set({ trouble }).where('artist_did', '=', did).execute();
}

/** Says that repairs wait for a sign-in. */
export async function sayWaiting(db: Db, did: string, since: Date): Promise<void> {
	await sql`
		insert into catalogue_checks (artist_did, waiting_since) values (${did}, ${since})
		on conflict (artist_did) do update set waiting_since = excluded.waiting_since`.execute(db);
}

/** Says that they do not any more. */
export async function sayGoingOn(db: Db, did: string): Promise<void> {
	await db
		.updateTable('catalogue_checks')
		.set({ waiting_since: null })
		.where('artist_did', '=', did)
		.where('waiting_since', 'is not', null)
		.execute();
}

/** Whether an artist has tracks, and their last check ended long ago, or none ever did. */
export async function isCheckDue(db: Db, did: string): Promise<boolean> {
	const { rows } = await sql`
		select 1 where exists (select 1 from tracks where artist_did = ${did})
			and not exists (select 1 from catalogue_checks
				where artist_did = ${did} and checked_at > now() - interval '1 day')`.execute(db);
	return rows.length > 0;
}

/** Artists for whom something is to be done and for which there is no job. */
export async function findForgotten(db: Db): Promise<string[]> {
	const { rows } = await sql<{ did: string }>`
		select did from (
			select artist_did as did from catalogue_checks
			where requested_at < now() - interval '1 minute'
				and (covers_at is null or requested_at >= covers_at)
			union
			select problem.artist_did from track_problems problem
			left join catalogue_checks on catalogue_checks.artist_did = problem.artist_did
			left join oauth_sessions on oauth_sessions.did = problem.artist_did
			where problem.repair = 'wanted'
				and (waiting_since is null or oauth_sessions.updated_at > waiting_since)
		) wanted
		where not exists (
			select 1 from pgboss.job
			where name = 'catalogue' and singleton_key = did and (
				state < 'completed' or completed_on > now() - interval '10 seconds'))
		limit 100`.execute(db);
	return rows.map((row) => row.did);
}
