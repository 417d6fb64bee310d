import { type RawBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** Of what is streamed already with fewer bits than this, a smaller file would hardly be smaller. */
const WORTH_IT_BPS = 200_000;
/** Nor would a listener notice what is saved of a jingle. */
const WORTH_IT_BYTES = 512 * 1024;

/** A file that is streamed and of which there is, or ought to be, a smaller one. */
export interface LargeFile {
	fileId: string;
	storageKey: string;
	sizeBytes: number;
	/** what was made of it; null: nothing was */
	smallerKey: string | null;
	smallerSizeBytes: number | null;
}

const isWorthIt = sql<boolean>`(
	audio_files.size_bytes >= ${WORTH_IT_BYTES} and audio_files.duration_ms > 0
	and audio_files.size_bytes * 8000.0 / audio_files.duration_ms > ${WORTH_IT_BPS})`;

const isStreamed = sql<boolean>`exists (
	select 1 from tracks
	where tracks.file_id = audio_files.file_id and tracks.visibility <> 'deleting')`;

/** @returns undefined: nothing streams it any more, or it is small enough */
export async function findLargeFile(db: Db, fileId: string): Promise<LargeFile | undefined> {
	return await db
		.selectFrom('audio_files')
		.leftJoin('smaller_files', 'smaller_files.of_file_id', 'audio_files.file_id')
		.leftJoin('audio_files as smaller', 'smaller.file_id', 'smaller_files.file_id')
		.select([
			'audio_files.file_id as fileId',
			'audio_files.storage_key as storageKey',
			'audio_files.size_bytes as sizeBytes',
			'smaller.storage_key as smallerKey',
			'smaller.size_bytes as smallerSizeBytes'
		])
		.where('audio_files.file_id', '=', fileId)
		.where(isWorthIt)
		.where(isStreamed)
		.executeTakeFirst();
}

/** What a track streams, when there ought to be a smaller file of it and there is none. */
export async function findLackingOf(db: Db, trackId: number): Promise<string | undefined> {
	const row = await db
		.selectFrom('tracks')
		.innerJoin('audio_files', 'audio_files.file_id', 'tracks.file_id')
		.leftJoin('smaller_files', 'smaller_files.of_file_id', 'tracks.file_id')
		.select('tracks.file_id')
		.where('tracks.id', '=', trackId)
		.where('smaller_files.of_file_id', 'is', null)
		.where(isWorthIt)
		.executeTakeFirst();
	return row?.file_id;
}

/**
 * What is streamed without a smaller file though there ought to be one, and nobody is about to make
 * it, the newest first. What was given up is there again after a week.
 * @param isAskedFor as a condition, whether somebody is about to
 */
export async function listLacking(
	db: Db,
	isAskedFor: (fileId: RawBuilder<string>) => RawBuilder<boolean>,
	limit: number
): Promise<string[]> {
	const rows = await db
		.selectFrom('audio_files')
		.leftJoin('smaller_files', 'smaller_files.of_file_id', 'audio_files.file_id')
		.select('audio_files.file_id')
		.where((eb) =>
			eb.or([
				eb('smaller_files.of_file_id', 'is', null),
				eb.and([
					eb('smaller_files.file_id', 'is', null),
					eb('smaller_files.tried_at', '<', sql<Date>`now() - interval '7 days'`)
				])
			])
		)
		.where(isWorthIt)
		.where(isStreamed)
		.where((eb) => eb.not(isAskedFor(sql.ref('audio_files.file_id'))))
		.orderBy('audio_files.created_at', 'desc')
		.limit(limit)
		.execute();
	return rows.map((row) => row.file_id);
}

/** @returns the how many-th attempt it is */
export async function beginAttempt(db: Db, fileId: string): Promise<number> {
	const { attempts } = await db
		.insertInto('smaller_files')
		.values({ of_file_id: fileId, attempts: 1 })
		.onConflict((conflict) =>
			conflict.column('of_file_id').doUpdateSet({
				attempts: sql<number>`smaller_files.attempts + 1`,
				tried_at: new Date()
			})
		)
		.returning('attempts')
		.executeTakeFirstOrThrow();
	return attempts;
}

/** One that was broken off from outside does not count. */
export async function takeBackAttempt(db: Db, fileId: string): Promise<void> {
	await db
		.updateTable('smaller_files')
		.set({ attempts: sql<number>`greatest(0, attempts - 1)` })
		.where('of_file_id', '=', fileId)
		.execute();
}

/** @returns undefined: nobody has begun one, or what it was to be made of was removed */
export async function findSmaller(
	trx: Db,
	fileId: string
): Promise<{ file_id: string | null } | undefined> {
	return await trx
		.selectFrom('smaller_files')
		.select('file_id')
		.where('of_file_id', '=', fileId)
		.forUpdate()
		.executeTakeFirst();
}

/** Says which file is the smaller one of another. */
export async function nameSmaller(trx: Db, fileId: string, smallerId: string): Promise<void> {
	await trx
		.updateTable('smaller_files')
		.set({ file_id: smallerId, attempts: 0 })
		.where('of_file_id', '=', fileId)
		.execute();
}

/** Whether anybody waits for an upload to be worked on, or it is. */
export async function areUploadsInWork(db: Db): Promise<boolean> {
	const row = await db
		.selectFrom('uploads')
		.select('id')
		.where('status', 'in', ['pending', 'processing'])
		.limit(1)
		.executeTakeFirst();
	return row !== undefined;
}
