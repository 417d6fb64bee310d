import { type RawBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import { USELESS } from '#lib/server/uploads/failures.ts';

type Id = RawBuilder<string>;
/** A query that has a row when somebody refers to the id. */
type Reference = (id: Id) => RawBuilder<unknown>;

/** Uploads that find their bytes under published keys, or will in a moment. */
const NEEDS_AUDIO = sql`(
	status in ('pending', 'processing', 'waiting')
	or (status = 'failed' and stage in ('stored', 'published')
		and error_code not in (${sql.join(USELESS)}))
)`;

/** Uploads whose pictures may still become a track's. One that failed can be retried for a month. */
const NEEDS_IMAGE = sql`(
	status in ('receiving', 'pending', 'processing', 'waiting')
	or (status = 'failed' and updated_at > now() - interval '30 days')
)`;

/** Everything that refers to an audio file by its id. A column that is missing here loses music. */
export const AUDIO_REFERENCES: Record<string, Reference> = {
	'tracks.file_id': (id) => sql`select 1 from tracks where file_id = ${id}`,
	'tracks.original_file_id': (id) => sql`select 1 from tracks where original_file_id = ${id}`,
	'track_revisions.file_id': (id) => sql`select 1 from track_revisions where file_id = ${id}`,
	'track_revisions.original_file_id': (id) =>
		sql`select 1 from track_revisions where original_file_id = ${id}`,
	// as long as there is the file it was made of: that one takes it along (release.ts)
	'smaller_files.file_id': (id) => sql`select 1 from smaller_files where file_id = ${id}`,
	'uploads.sha256': (id) =>
		sql`select 1 from uploads where left(sha256, 16) = ${id} and ${NEEDS_AUDIO}`,
	'uploads.findings': (id) => sql`select 1 from uploads where ${NEEDS_AUDIO} and ${id} in (
		findings ->> 'originalFileId',
		findings ->> 'streamFileId',
		left(findings -> 'rendition' ->> 'sha256', 16)
	)`
};

/** Everything that refers to a picture by its id. */
export const IMAGE_REFERENCES: Record<string, Reference> = {
	'artists.avatar_image_id': (id) => sql`select 1 from artists where avatar_image_id = ${id}`,
	'people.avatar_image_id': (id) => sql`select 1 from people where avatar_image_id = ${id}`,
	'albums.image_id': (id) => sql`select 1 from albums where image_id = ${id}`,
	// a cover that is yet to be written into the album's record
	'albums.kept_change': (id) => sql`select 1 from albums where kept_change ->> 'imageId' = ${id}`,
	'tracks.image_id': (id) => sql`select 1 from tracks where image_id = ${id}`,
	// of a published one, until its album is sure to have it: it may open in a year, or wait for a sign-in
	'releases.fields': (id) => sql`select 1 from releases where fields ->> 'imageId' = ${id}
		and (status = 'draft' or updated_at > now() - interval '30 days'
			or release_at > now() - interval '30 days'
			or exists (select 1 from uploads where release_id = releases.id
				and status in ('receiving', 'pending', 'processing', 'waiting')))`,
	'uploads.fields': (id) =>
		sql`select 1 from uploads where fields ->> 'imageId' = ${id} and ${NEEDS_IMAGE}`,
	'uploads.findings': (id) =>
		sql`select 1 from uploads where findings ->> 'coverImageId' = ${id} and ${NEEDS_IMAGE}`
};

const anyOf = (references: Record<string, Reference>, id: Id): RawBuilder<boolean> =>
	sql<boolean>`(${sql.join(
		Object.values(references).map((reference) => sql`exists (${reference(id)})`),
		sql` or `
	)})`;

/** As a condition of a query: whether anything refers to the audio file of this id. */
export const audioIsReferenced = (id: Id) => anyOf(AUDIO_REFERENCES, id);
/** As a condition of a query: whether anything refers to the picture of this id. */
export const imageIsReferenced = (id: Id) => anyOf(IMAGE_REFERENCES, id);

/** Whether anything at all refers to an audio file: a track, an earlier version of one, an upload. */
export async function isAudioReferenced(db: Db, fileId: string): Promise<boolean> {
	return await ask(db, audioIsReferenced(sql<string>`${fileId}`));
}

/** Whether anything at all refers to a picture: a track, an album, an artist, a draft, an upload. */
export async function isImageReferenced(db: Db, imageId: string): Promise<boolean> {
	return await ask(db, imageIsReferenced(sql<string>`${imageId}`));
}

async function ask(db: Db, condition: RawBuilder<boolean>): Promise<boolean> {
	const { rows } = await sql<{ answer: boolean }>`select ${condition} as answer`.execute(db);
	return rows[0]?.answer ?? true;
}
