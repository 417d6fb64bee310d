import { type RawBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { TakedownTable } from '#lib/server/db/schema.ts';

/** Why something is not shown. `own`: whoever published it deletes their account. */
export type TakedownReason = Pick<TakedownTable, 'kind' | 'reason'> & {
	ground: TakedownTable['ground'] | 'own';
};

/** Of several in force, the one of the account; what the operator has done comes first. */
const inForce = (subjects: RawBuilder<unknown>) => sql<TakedownReason>`
	select kind, ground, reason from hidden_because
	where subject in (${subjects})
	order by kind, id desc limit 1`;

async function first(db: Db, subjects: RawBuilder<unknown>): Promise<TakedownReason | undefined> {
	const { rows } = await inForce(subjects).execute(db);
	return rows[0];
}

/** Why a track is hidden. */
export const findOfTrack = (db: Db, id: number) =>
	first(
		db,
		sql`select unnest(array[record_uri, artist_did]) from tracks
			where id = ${id} and visibility = 'hidden'`
	);

/** Why a track is hidden, by the address of its record; or an account, by its did twice. */
export const findOfSubject = (db: Db, { subject, did }: { subject: string; did: string }) =>
	first(db, sql`${subject}, ${did}`);

/** Why an account is hidden. */
export const findOfAccount = (db: Db, did: string) => first(db, sql`${did}`);

/** Why an audio file is served to nobody: what streams it is hidden. To be asked when nothing shown does. */
export const findOfFile = (db: Db, fileId: string) =>
	first(
		db,
		sql`select unnest(array[record_uri, artist_did]) from tracks
			where visibility = 'hidden' and file_id in (
				select ${fileId} union all
				select of_file_id from smaller_files where file_id = ${fileId})`
	);

/** Why a picture is served to nobody: it belongs to something hidden, and to nothing that is shown. */
export async function findOfImage(db: Db, imageId: string): Promise<TakedownReason | undefined> {
	const { rows } = await sql<TakedownReason>`
		select kind, ground, reason from hidden_because
		where subject in (
			select unnest(array[record_uri, artist_did]) from tracks
				where image_id = ${imageId} and visibility = 'hidden'
			union all select artist_did from albums where image_id = ${imageId}
			union all select did from artists where avatar_image_id = ${imageId}
			union all select did from people where avatar_image_id = ${imageId})
		and not exists (select 1 from tracks
			where image_id = ${imageId} and visibility in ('public', 'unlisted'))
		and not exists (select 1 from albums join tracks on tracks.album_id = albums.id
			where albums.image_id = ${imageId} and tracks.visibility in ('public', 'unlisted'))
		and not exists (select 1 from artists where avatar_image_id = ${imageId} and not is_hidden)
		and not exists (select 1 from people
			where avatar_image_id = ${imageId} and not is_taken_down(did, did))
		order by kind, id desc limit 1`.execute(db);
	return rows[0];
}
