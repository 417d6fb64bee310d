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
