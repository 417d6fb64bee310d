import { type Insertable, type Selectable, sql, type UpdateObject } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database, UploadFindings, UploadTable } from '#lib/server/db/schema.ts';
import { announce } from '#lib/server/events/hub.ts';

export type UploadRow = Selectable<UploadTable>;

/** Keeps a new upload. */
export async function insertUpload(db: Db, upload: Insertable<UploadTable>): Promise<UploadRow> {
	return await db.insertInto('uploads').values(upload).returningAll().executeTakeFirstOrThrow();
}

export async function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
	return await db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function findUploadByIdempotencyKey(
	db: Db,
	artistDid: string,
	key: string
): Promise<UploadRow | undefined> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('artist_did', '=', artistDid)
		.where('idempotency_key', '=', key)
		.executeTakeFirst();
}

/**
 * Changes an upload, counts its version up and announces it, all or nothing: inside a
 * transaction it is announced when that commits.
 */
export async function changeUpload(
	db: Db,
	id: string,
	change: UpdateObject<Database, 'uploads'>
): Promise<UploadRow> {
	const row = await db
		.updateTable('uploads')
		.set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: new Date() }))
		.where('id', '=', id)
		.returningAll()
		.executeTakeFirstOrThrow();
	await announce(db, { topic: 'upload', id, did: row.artist_did });
	return row;
}

/**
 * Adds to what was found about an upload, as it is at that moment: whoever read it before may be
 * overtaken by the one who works on it.
 */
export async function addFindings(
	db: Db,
	id: string,
	added: Partial<UploadFindings>
): Promise<UploadRow> {
	const findings = sql<string>`findings || ${JSON.stringify(added)}::text::jsonb`;
	return await changeUpload(db, id, { findings });
}

/** An artist's uploads, the newest first. */
export async function listUploads(db: Db, artistDid: string, limit: number): Promise<UploadRow[]> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('artist_did', '=', artistDid)
		.orderBy('created_at', 'desc')
		.limit(limit)
		.execute();
}

/** So long the artist is told of people a track does not name, unless they name people in it sooner. */
const UNNAMED_SHOWN_DAYS = 7;

/**
 * What of an artist's uploads is not a track yet, or one that does not name all it was to name, the
 * newest first; and one more, whatever it is.
 */
export async function listUnpublished(
	db: Db,
	artistDid: string,
	{ alsoId, limit }: { alsoId: string | null; limit: number }
): Promise<UploadRow[]> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('artist_did', '=', artistDid)
		.where((eb) =>
			eb.or([
				eb('status', '<>', 'completed'),
				sql<boolean>`(findings -> 'unknownFeatures' ->> 0 is not null and track_id is not null
					and completed_at > now() - make_interval(days => ${UNNAMED_SHOWN_DAYS}))`,
				...(alsoId === null ? [] : [eb('id', '=', alsoId)])
			])
		)
		.orderBy('created_at', 'desc')
		.limit(limit)
		.execute();
}

/** Its artist has said anew who is to be named in a track. */
export async function dropUnnamed(db: Db, artistDid: string, trackId: number): Promise<void> {
	await db
		.updateTable('uploads')
		.set({ findings: sql`findings - 'unknownFeatures'` })
		.where('artist_did', '=', artistDid)
		.where('track_id', '=', trackId)
		.where(sql<boolean>`findings ? 'unknownFeatures'`)
		.execute();
}

/** The latest upload that is to be the new audio of a track and has not ended. */
export async function findUnfinishedReplacement(
	db: Db,
	artistDid: string,
	trackId: number
): Promise<UploadRow | undefined> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('artist_did', '=', artistDid)
		.where('replaces_track_id', '=', trackId)
		.where('status', 'not in', ['completed', 'failed'])
		.orderBy('created_at', 'desc')
		.executeTakeFirst();
}
