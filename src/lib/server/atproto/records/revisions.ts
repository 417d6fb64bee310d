import type { Selectable, Transaction } from 'kysely';
import type { Database, TrackTable } from '#lib/server/db/schema.ts';

type Trx = Transaction<Database>;
type Audio = Pick<Selectable<TrackTable>, 'file_id' | 'original_file_id'>;
type Known = Audio & Pick<Selectable<TrackTable>, 'id' | 'duration_ms'>;

/**
 * Which file the artist gave us for what a track is about to stream: the record does not say it.
 * @returns undefined for audio the track has never had
 */
export async function originalOfEarlier(
	trx: Trx,
	known: Known,
	fileId: string
): Promise<string | undefined> {
	if (known.file_id === fileId) return known.original_file_id;
	const earlier = await trx
		.selectFrom('track_revisions')
		.select('original_file_id')
		.where('track_id', '=', known.id)
		.where('file_id', '=', fileId)
		.orderBy('id', 'desc')
		.executeTakeFirst();
	return earlier?.original_file_id;
}

/** Keeps the audio a track had until now, when it gets another. One it had before is no longer an earlier one. */
export async function keepRevision(trx: Trx, known: Known, next: Audio): Promise<void> {
	// made of the same upload once more: nothing else is heard
	if (known.original_file_id === next.original_file_id) return;
	// heard from the network first, which does not know the original: now it is known
	const isCompleted = known.file_id === next.file_id && known.original_file_id === known.file_id;
	if (isCompleted) return;
	await trx
		.deleteFrom('track_revisions')
		.where('track_id', '=', known.id)
		.where('original_file_id', '=', next.original_file_id)
		.execute();
	await trx
		.insertInto('track_revisions')
		.values({
			track_id: known.id,
			file_id: known.file_id,
			original_file_id: known.original_file_id,
			duration_ms: known.duration_ms
		})
		.execute();
}

/**
 * Remembers new audio of ours that a newer version of the record overtook before it was entered:
 * which file the artist gave us, and that the track has had it.
 */
export async function keepOvertaken(
	trx: Trx,
	known: Known,
	event: { did: string; fileId: string | null; originalFileId?: string | undefined }
): Promise<void> {
	const { did, fileId, originalFileId: original } = event;
	if (fileId === null || original === undefined) return;
	if (known.file_id === fileId) {
		const isUnknown = known.original_file_id === fileId && original !== fileId;
		if (!isUnknown || (await isTaken(trx, did, known.id, original))) return;
		await trx
			.updateTable('tracks')
			.set({ original_file_id: original })
			.where('id', '=', known.id)
			.execute();
		return;
	}
	// heard of in between, or never
	const { numUpdatedRows } = await trx
		.updateTable('track_revisions')
		.set({ original_file_id: original })
		.where('track_id', '=', known.id)
		.where('file_id', '=', fileId)
		.where('original_file_id', 'in', [fileId, original])
		.executeTakeFirst();
	if (numUpdatedRows > 0n) return;
	await trx
		.insertInto('track_revisions')
		.columns(['track_id', 'file_id', 'original_file_id', 'duration_ms'])
		.expression((eb) =>
			eb
				.selectFrom('audio_files')
				.select([
					eb.val(known.id).as('track_id'),
					'file_id',
					eb.val(original).as('original_file_id'),
					'duration_ms'
				])
				.where('file_id', '=', fileId)
		)
		.execute();
}

/** Whether another track of the artist was made of the same file. */
export async function isTaken(
	trx: Trx,
	did: string,
	id: number,
	original: string
): Promise<boolean> {
	const other = await trx
		.selectFrom('tracks')
		.select('id')
		.where('artist_did', '=', did)
		.where('original_file_id', '=', original)
		.where('id', '!=', id)
		.executeTakeFirst();
	return other !== undefined;
}
