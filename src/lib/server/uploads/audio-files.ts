import type { Selectable, Transaction } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { AudioFacts, AudioFileTable, Database } from '#lib/server/db/schema.ts';

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

export interface AudioFileToKeep {
	fileId: string;
	sha256: string;
	storageKey: string;
	/** extension without the dot */
	fileType: string;
	contentType: string;
	sizeBytes: number;
	facts: AudioFacts;
}

/**
 * Keeps a stored audio file. One that is kept already stays, and learns what was measured when
 * nobody had measured it before.
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
				.where('audio_files.duration_ms', 'is', null)
				.where('audio_files.sha256', '=', file.sha256)
		)
		.execute();
}
