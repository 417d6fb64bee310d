import { type Kysely, sql } from 'kysely';

/** Somebody without an artist profile has a handle too, for as long as they are signed in. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const table of ['sessions', 'exchange_tokens']) {
		const name = sql.table(table);
		await sql`alter table ${name} add column handle text not null default 'handle.invalid'`.execute(
			db
		);
		await sql`alter table ${name} alter column handle drop default`.execute(db);
	}
	// the end of the grant the code was given for, when it does not renew itself
	await sql`alter table exchange_tokens add column session_expires_at timestamptz`.execute(db);
}
