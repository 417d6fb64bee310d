import { type Kysely, sql } from 'kysely';

/** What everybody listens to next, and where they are in it. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table queues (
			did text primary key,
			state jsonb not null,
			revision bigint not null check (revision > 0),
			recent_pushes text[] not null default '{}',
			playhead jsonb,
			updated_at timestamptz not null default now()
		)`.execute(db);
}
