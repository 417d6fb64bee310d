import { type Kysely, sql } from 'kysely';

/**
 * Accounts whose owners want them deleted. Until that is done they are hidden as what was taken down is,
 * by the same triggers, and come back the same way. `hidden_because` says of both why.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of [...TABLE, ...HIDING, ...FOLLOW]) {
		await sql.raw(statement).execute(db);
	}
}

const TABLE = [
	`create table account_deletions (
		did text primary key check (did <> ''),
		handle text not null,
		with_records boolean not null,
		requested_at timestamptz not null default date_trunc('milliseconds', now()),
		due_at timestamptz not null,
		-- from here on there is no way back
		begun_at timestamptz,
		-- why records are left in the repository; null: none are, or nobody has tried
		waiting_code text,
		waiting_sentence text,
		records_deleted integer not null default 0,
		-- nothing is left here; records may be
		finished_at timestamptz,
		check (finished_at is null or begun_at is not null)
	)`
];

const HIDING = [
	`create or replace function is_taken_down(record_uri text, did text) returns boolean
		language sql stable as $$
		select exists (select 1 from takedowns
				where lifted_at is null and subject in (record_uri, is_taken_down.did))
			or exists (select 1 from account_deletions deletion
				where deletion.did = is_taken_down.did and finished_at is null) $$`,
	`create view hidden_because as
		select id, kind, subject, ground, reason from takedowns where lifted_at is null
		union all
		select 0, 'account', did, 'own', '' from account_deletions where finished_at is null`
];

/** Tracks before their artist, as what was taken down. */
const FOLLOW = [
	// what is being entered meanwhile is seen by one of the two
	`create function lock_account_deletion() returns trigger language plpgsql as $$ begin
		perform pg_advisory_xact_lock(takedown_lock(coalesce(new.did, old.did)));
		return coalesce(new, old);
	end $$`,
	`create trigger lock_account_deletion
		before insert or delete or update of finished_at on account_deletions
		for each row execute function lock_account_deletion()`,
	`create function follow_account_deletion() returns trigger language plpgsql as $$
	declare whose text := coalesce(new.did, old.did);
	begin
		update tracks set visibility = listed_as
			where artist_did = whose and visibility <> 'deleting';
		update artists set is_hidden = is_taken_down(did, did) where did = whose;
		return null;
	end $$`,
	`create trigger follow_account_deletion
		after insert or delete or update of finished_at on account_deletions
		for each row execute function follow_account_deletion()`
];
