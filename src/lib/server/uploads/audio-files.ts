import type { Selectable, Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { AudioFacts, AudioFileTable, Database, FileTags } from '#lib/server/db/schema.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';

/** The row of a stored audio file. */
export async function findAudioFile(
	db: Db,
	fileId: string
): Promise<Selectable<AudioFileTable> | undefined> {
	return await db
		.selectFrom('audio_files')
		.selectAll()
		.where('file_id', '=', fileId)
		.executeTakeFirst();
}

/** Whether what a track streams, and what it was made of, is in the storage. */
export async function isAudioWhole(
	{ db, storage }: Pick<Context, 'db' | 'storage'>,
	trackId: number
): Promise<boolean> {
	const files = await db
		.selectFrom('tracks')
		.innerJoin('audio_files', (join) =>
			join.on((eb) =>
				eb.or([
					eb('audio_files.file_id', '=', eb.ref('tracks.file_id')),
					eb('audio_files.file_id', '=', eb.ref('tracks.original_file_id'))
				])
			)
		)
		.select(['storage_key', 'size_bytes'])
		.where('tracks.id', '=', trackId)
		.execute();
	for (const file of files) {
		if (!(await isStoredWhole(storage, file))) return false;
	}
	return true;
}

export interface AudioFileToKeep {
	fileId: string;
	sha256: string;
	storageKey: string;
	/** extension without the dot */
	fileType: string;
	contentType: string;
	sizeBytes: number;
	facts: AudioFacts;
	/** what the file says about itself; null: nobody has read it */
	tags: FileTags | null;
}

/**
 * Keeps a stored audio file. One that is kept already stays, and learns what was measured when
 * nobody had measured or read it before.
 */
export async function insertAudioFile(
	trx: Transaction<Database>,
	file: AudioFileToKeep
): Promise<void> {
	const { facts } = file;
	const measured = {
		codec: facts.codec,
		sample_rate_hz: facts.sampleRateHz,
		channels: facts.channels,
		bit_rate_bps: facts.bitRateBps,
		duration_ms: facts.durationMs,
		loudness_lufs: facts.loudnessLufs,
		true_peak_dbtp: facts.truePeakDbtp,
		peaks: facts.peaks === null ? null : Buffer.from(facts.peaks, 'base64')
	};
	await trx
		.insertInto('audio_files')
		.values({
			file_id: file.fileId,
			sha256: file.sha256,
			storage_key: file.storageKey,
			file_type: file.fileType,
			content_type: file.contentType,
			size_bytes: file.sizeBytes,
			...measured
		})
		.onConflict((conflict) =>
			conflict
				.column('file_id')
				.doUpdateSet(measured)
				// the sign that nobody has decoded it: a playing time may be what its headers say
				.where('audio_files.peaks', 'is', null)
				.where('audio_files.sha256', '=', file.sha256)
		)
		.execute();
	if (file.tags === null) return;
	await trx
		.updateTable('audio_files')
		.set({ tags: JSON.stringify(file.tags) })
		.where('file_id', '=', file.fileId)
		.where('sha256', '=', file.sha256)
		.where('tags', 'is', null)
		.execute();
}
