import { type Kysely, sql } from 'kysely';

/** What the operator may want to know weeks later, and what was sent to them about it. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table business_events (
			id bigint generated always as identity primary key,
			event text not null,
			fields jsonb not null default '{}',
			happened_at timestamptz not null default now()
		)`.execute(db);
	await sql`create index business_events_of_kind on business_events (event, happened_at)`.execute(
		db
	);
	await sql`create index business_events_age on business_events (happened_at)`.execute(db);
	await sql`
		create table deliveries (
			id uuid primary key,
			channel text not null check (channel in ('direct_message', 'webhook')),
			event_id bigint not null references business_events (id) on delete cascade,
			attempts integer not null default 0,
			sent_at timestamptz,
			failure text,
			created_at timestamptz not null default now()
		)`.execute(db);
	await sql`create index deliveries_event on deliveries (event_id)`.execute(db);
}
