import { type Kysely, sql } from 'kysely';

/** What each person has chosen, as long as it was chosen while they were signed in. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table preferences (
			did text primary key,
			accent_color text not null check (accent_color ~ '^#[0-9a-f]{6}$'),
			theme text not null check (theme in ('dark', 'light', 'system')),
			auto_advance boolean not null,
			gapless boolean not null,
			crossfade_seconds smallint not null check (crossfade_seconds between 0 and 12),
			level_volume text not null check (level_volume in ('off', 'track', 'album')),
			reduced_data text not null check (reduced_data in ('auto', 'on', 'off')),
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now()
		)`.execute(db);
}
