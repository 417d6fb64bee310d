import {
	type Expression,
	type ExpressionBuilder,
	sql,
	type SqlBool,
	type Updateable
} from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database, UploadTable } from '#lib/server/db/schema.ts';
import { announce } from '#lib/server/events/hub.ts';
import type { UploadRow } from './queries.ts';

/** Lets one transaction at a time decide about an artist's uploads; ends with it. */
export async function lockArtist(trx: Db, artistDid: string): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads:${artistDid}`}, 0))`.execute(
		trx
	);
}

/** How many of an artist's files are arriving right now, this one not counted. */
export async function countArriving(trx: Db, artistDid: string, exceptId: string): Promise<number> {
	const { count } = await trx
		.selectFrom('upload_leases')
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.where('artist_did', '=', artistDid)
		.where('upload_id', '!=', exceptId)
		.where('expires_at', '>', sql<Date>`now()`)
		.executeTakeFirstOrThrow();
	return count;
}

/** How many uploads an artist has begun and not finished; those whose bytes were given up hold nothing. */
export async function countUnfinished(trx: Db, artistDid: string): Promise<number> {
	const { count } = await trx
		.selectFrom('uploads')
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.where('artist_did', '=', artistDid)
		.where('status', '=', 'receiving')
		.where('error_code', 'is', null)
		.executeTakeFirstOrThrow();
	return count;
}

const fromNow = (ms: number) => sql<Date>`now() + make_interval(secs => ${ms / 1000})`;

/** Keeps an upload from being removed until the transaction ends. @returns false: it was already */
export async function keepFromRemoval(trx: Db, uploadId: string): Promise<boolean> {
	const upload = await trx
		.selectFrom('uploads')
		.select('id')
		.where('id', '=', uploadId)
		.forKeyShare()
		.executeTakeFirst();
	return upload !== undefined;
}

/**
 * Takes the lease of an upload when it is free or has run out.
 * @returns whether it is taken
 */
export async function takeLease(
	trx: Db,
	lease: { uploadId: string; artistDid: string; holder: string; ms: number }
): Promise<boolean> {
	const taken = await trx
		.insertInto('upload_leases')
		.values({
			upload_id: lease.uploadId,
			artist_did: lease.artistDid,
			holder: lease.holder,
			expires_at: fromNow(lease.ms)
		})
		.onConflict((conflict) =>
			conflict
				.column('upload_id')
				.doUpdateSet({ holder: lease.holder, wanted: false, expires_at: fromNow(lease.ms) })
				.where('upload_leases.expires_at', '<=', sql<Date>`now()`)
		)
		.returning('holder')
		.executeTakeFirst();
	return taken !== undefined;
}

/** Tells whoever holds the lease that somebody waits for it. */
export async function wantLease(db: Db, uploadId: string): Promise<void> {
	await db
		.updateTable('upload_leases')
		.set({ wanted: true })
		.where('upload_id', '=', uploadId)
		.execute();
}

/** Holds the lease for longer. Undefined: it is somebody else's by now, or the upload is gone. */
export async function renewLease(
	db: Db,
	uploadId: string,
	holder: string,
	ms: number
): Promise<{ wanted: boolean } | undefined> {
	return await db
		.updateTable('upload_leases')
		.set({ expires_at: fromNow(ms) })
		.where('upload_id', '=', uploadId)
		.where('holder', '=', holder)
		.returning('wanted')
		.executeTakeFirst();
}

export async function endLease(db: Db, uploadId: string, holder: string): Promise<void> {
	await db
		.deleteFrom('upload_leases')
		.where('upload_id', '=', uploadId)
		.where('holder', '=', holder)
		.execute();
}

/**
 * Shows how much of an upload has arrived, while it is arriving: one that has been accepted
 * meanwhile stays as it is.
 * @returns the row; undefined when it is not arriving any more
 */
export async function showReceived(
	db: Db,
	id: string,
	received: Pick<Updateable<UploadTable>, 'received_bytes' | 'progress_pct' | 'expires_at'>
): Promise<UploadRow | undefined> {
	const row = await db
		.updateTable('uploads')
		.set((eb) => ({
			...received,
			last_byte_at: new Date(),
			version: eb('version', '+', 1),
			updated_at: new Date()
		}))
		.where('id', '=', id)
		.where('status', '=', 'receiving')
		.returningAll()
		.executeTakeFirst();
	if (row) await announce(db, { topic: 'upload', id, did: row.artist_did });
	return row;
}

/** Whether some request is writing to it at this moment. */
export async function isArriving(db: Db, uploadId: string): Promise<boolean> {
	const lease = await db
		.selectFrom('upload_leases')
		.select('holder')
		.where('upload_id', '=', uploadId)
		.where('expires_at', '>', sql<Date>`now()`)
		.executeTakeFirst();
	return lease !== undefined;
}

/** The track an artist has already made of a file with this content; not one that is being deleted. */
export async function findTrackOfContent(
	db: Db,
	artistDid: string,
	sha256: string
): Promise<{ id: number; title: string } | undefined> {
	return await db
		.selectFrom('tracks')
		.innerJoin('audio_files', 'audio_files.file_id', 'tracks.original_file_id')
		.select(['tracks.id', 'tracks.title'])
		.where('tracks.artist_did', '=', artistDid)
		.where('tracks.visibility', '!=', 'deleting')
		.where('audio_files.sha256', '=', sha256)
		.executeTakeFirst();
}

export async function imageExists(db: Db, imageId: string): Promise<boolean> {
	const image = await db
		.selectFrom('images')
		.select('image_id')
		.where('image_id', '=', imageId)
		.executeTakeFirst();
	return image !== undefined;
}

/** Reads an upload and keeps others from changing it until the transaction ends. */
export async function lockUpload(trx: Db, id: string): Promise<UploadRow | undefined> {
	return await trx
		.selectFrom('uploads')
		.selectAll()
		.where('id', '=', id)
		.forUpdate()
		.executeTakeFirst();
}

/**
 * What can be taken back: nobody works on it, and it is no track. One that goes on by itself with
 * its record written becomes one.
 */
const isIdle = (eb: ExpressionBuilder<Database, 'uploads'>) =>
	eb.or([
		eb.and([
			eb('status', 'in', ['pending', 'waiting']),
			eb('stage', 'not in', ['published', 'indexed'])
		]),
		eb.and([eb('status', '=', 'failed'), eb('stage', '!=', 'indexed')])
	]);

/** What is being checked or made streamable: nothing of it is stored or public. */
const isPreparing = (eb: ExpressionBuilder<Database, 'uploads'>) =>
	eb.and([eb('status', '=', 'processing'), eb('stage', 'in', ['received', 'inspected'])]);

const isReceiving = (eb: ExpressionBuilder<Database, 'uploads'>) => eb('status', '=', 'receiving');

/** Removes an upload whose bytes were still arriving; false when it is something else by now. */
export const deleteReceiving = (db: Db, id: string) => deleteWhen(db, id, isReceiving);

/** Removes an upload nobody works on that is no track; false when that has changed. */
export const deleteIdle = (db: Db, id: string) => deleteWhen(db, id, isIdle);

/**
 * Removes an upload in the first stages: whoever works on it finds nothing to write down, and what
 * it stages after this goes with its job. False when it is further, or nobody works on it.
 */
export const deletePreparing = (db: Db, id: string) => deleteWhen(db, id, isPreparing);

async function deleteWhen(
	db: Db,
	id: string,
	condition: (eb: ExpressionBuilder<Database, 'uploads'>) => Expression<SqlBool>
): Promise<boolean> {
	const removed = await db
		.deleteFrom('uploads')
		.where('id', '=', id)
		.where(condition)
		.returning('artist_did')
		.executeTakeFirst();
	if (removed) await announce(db, { topic: 'upload', id, did: removed.artist_did });
	return removed !== undefined;
}

/**
 * Keeps workers from an upload that is about to be taken back.
 * @returns the row; undefined when somebody works on it, or it is a track
 */
export async function setAside(db: Db, id: string): Promise<UploadRow | undefined> {
	return await db
		.updateTable('uploads')
		.set({
			status: 'failed',
			message: 'being removed',
			error_code: 'not_removed',
			error: 'this upload could not be removed yet. try again in a moment, or let it go on'
		})
		.where('id', '=', id)
		.where(isIdle)
		.returningAll()
		.executeTakeFirst();
}

/** An artist's unfinished uploads, and those that ended after a moment. */
export async function listCurrent(db: Db, artistDid: string, since: Date): Promise<UploadRow[]> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('artist_did', '=', artistDid)
		.where((eb) =>
			eb.or([eb('status', 'not in', ['completed', 'failed']), eb('updated_at', '>=', since)])
		)
		.orderBy('created_at')
		.limit(500)
		.execute();
}

/** Nobody has the lease of the upload. */
const isAtRest = (eb: ExpressionBuilder<Database, 'uploads'>) =>
	eb.not(
		eb.exists(
			eb
				.selectFrom('upload_leases')
				.select('holder')
				.whereRef('upload_leases.upload_id', '=', 'uploads.id')
				.where('upload_leases.expires_at', '>', sql<Date>`now()`)
		)
	);

/**
 * Resumable uploads nobody sends bytes to at this moment, in the order of their ids.
 * @param afterId the last one of the page before; null for the first page
 */
export async function listResting(
	db: Db,
	afterId: string | null,
	limit: number
): Promise<UploadRow[]> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('status', '=', 'receiving')
		.where('size_bytes', 'is not', null)
		.where('error_code', 'is', null)
		.where((eb) => (afterId === null ? eb.lit(true) : eb('id', '>', afterId)))
		.where(isAtRest)
		.orderBy('id')
		.limit(limit)
		.execute();
}

/** Uploads nobody sends bytes to any more: a form whose process died, or a resumable one that ran out. */
export async function listAbandoned(db: Db, limit: number): Promise<UploadRow[]> {
	return await db
		.selectFrom('uploads')
		.selectAll()
		.where('status', '=', 'receiving')
		.where((eb) =>
			eb.or([
				eb('expires_at', '<', sql<Date>`now()`),
				// a form declares no size, and cannot be resumed
				eb.and([
					eb('size_bytes', 'is', null),
					eb('created_at', '<', sql<Date>`now() - interval '1 minute'`)
				])
			])
		)
		.where(isAtRest)
		.orderBy('created_at')
		.limit(limit)
		.execute();
}
