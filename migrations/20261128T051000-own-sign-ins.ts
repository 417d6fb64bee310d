import { type Kysely, sql } from 'kysely';

/**
 * What people see of their sign-ins, and the tokens they make for programs. The version before goes on
 * making sessions that say nothing about their device.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table sessions
			add column device text,
			add column last_used_at timestamptz`.execute(db);
	await sql`
		create table developer_tokens (
			selector text primary key,
			secret_hash text not null,
			did text not null,
			handle text not null,
			name text not null,
			scope text not null check (scope in ('read', 'write')),
			created_at timestamptz not null default now(),
			expires_at timestamptz not null,
			last_used_at timestamptz,
			unique (did, name)
		)`.execute(db);
	await sql`create index developer_tokens_expiring on developer_tokens (expires_at)`.execute(db);
}
