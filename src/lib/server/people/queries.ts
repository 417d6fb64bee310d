import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { PersonTable } from '#lib/server/db/schema.ts';

/** What was found out about somebody. */
export type FoundPerson = Pick<PersonTable, 'handle' | 'display_name' | 'avatar_image_id'>;

/** Those whose turn it is to be looked up. Artists have a profile here, which is shown instead. */
export async function findWantedPeople(db: Db, limit: number): Promise<string[]> {
	const rows = await db
		.selectFrom('people')
		.select('did')
		.where('wanted_at', '<=', sql<Date>`now()`)
		.where((eb) =>
			eb.not(
				eb.exists(
					eb.selectFrom('artists').select('artists.did').whereRef('artists.did', '=', 'people.did')
				)
			)
		)
		.orderBy('wanted_at')
		.limit(limit)
		.execute();
	return rows.map(({ did }) => did);
}

export async function keepPerson(db: Db, did: string, found: FoundPerson): Promise<void> {
	await db
		.updateTable('people')
		.set({ ...found, resolved_at: sql`now()`, wanted_at: null })
		.where('did', '=', did)
		.execute();
}

/** Somebody could not be found: not asked for again so soon. */
export async function postponePerson(db: Db, did: string, seconds: number): Promise<void> {
	await db
		.updateTable('people')
		.set({ wanted_at: sql`now() + make_interval(secs => ${seconds})` })
		.where('did', '=', did)
		.execute();
}

/** @returns how many of them were not wanted before */
export async function wantAgain(db: Db, dids: readonly string[]): Promise<number> {
	const wanted = await db
		.updateTable('people')
		.set({ wanted_at: sql`now()` })
		.where('did', 'in', dids)
		.where('wanted_at', 'is', null)
		.returning('did')
		.execute();
	return wanted.length;
}

/** An artist's handle counts before that of a sign-in, which may be an older one. */
export async function findDidByHandle(db: Db, handle: string): Promise<string | undefined> {
	const { rows } = await sql<{ did: string }>`
		select did from (
			select did, 1 as rank, now() as at from artists where handle = ${handle}
			union all
			select did, 2, created_at from sessions where handle = ${handle}
			union all
			select did, 3, created_at from developer_tokens where handle = ${handle}
		) known
		order by rank, at desc limit 1`.execute(db);
	return rows[0]?.did;
}
