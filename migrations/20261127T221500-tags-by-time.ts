import { type Kysely, sql } from 'kysely';

/**
 * When the track of a tag was published, beside the tag: so that an index answers which tracks with
 * it are the newest. The database keeps it up, whichever version writes the tag.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`alter table track_tags add column track_created_at timestamptz`.execute(db);
	await sql`
		create function date_track_tag() returns trigger language plpgsql as $$
		begin
			new.track_created_at := (select created_at from tracks where id = new.track_id);
			return new;
		end $$`.execute(db);
	await sql`
		create trigger date_track_tag before insert on track_tags
		for each row execute function date_track_tag()`.execute(db);
	await sql`
		create function date_tags_of_track() returns trigger language plpgsql as $$
		begin
			update track_tags set track_created_at = new.created_at where track_id = new.id;
			return null;
		end $$`.execute(db);
	await sql`
		create trigger date_tags_of_track after update of created_at on tracks
		for each row when (old.created_at is distinct from new.created_at)
		execute function date_tags_of_track()`.execute(db);
	await sql`
		update track_tags set track_created_at = tracks.created_at
		from tracks where tracks.id = track_tags.track_id`.execute(db);
	await sql`
		create index track_tags_newest
		on track_tags (tag, track_created_at desc, track_id desc)`.execute(db);
}
