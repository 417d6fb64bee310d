import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict } from '#lib/server/errors.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';
import { keptTrackRow } from '#lib/server/tracks/tracks.ts';
import { writeTrack } from '#lib/server/tracks/write-track.ts';
import { originalOf } from './check-objects.ts';
import { dropEarlier, giveEarlierFile } from './earlier-queries.ts';
import {
	type EarlierFacts,
	findEarlier,
	findFacts,
	findOtherRenditions,
	type TrackFacts
} from './fact-queries.ts';
import type { ProblemRow } from './problem-queries.ts';
import { type MadeFile, remakeAudio } from './remake-audio.ts';

/**
 * Gives a track its sound back: from what was uploaded, or from another file of the same music.
 * @throws SignInAgain and as `writeTrack` when it is another file; DomainError 409 `audio_lost`;
 *   as `remakeAudio`
 */
export async function repairAudio(
	ctx: Context,
	{ track_id: trackId }: Pick<ProblemRow, 'track_id'>,
	signal: AbortSignal
): Promise<void> {
	const row = trackId === null ? undefined : await findFacts(ctx.db, trackId);
	if (!row || (await isStoredWhole(ctx.storage, row))) return;
	const file = await findSource(ctx, row, signal);
	if (file.fileId === row.file_id) return;
	const site = recordSite(ctx.config);
	await writeTrack(
		ctx,
		await keptTrackRow(ctx, row.id),
		({ record }) => {
			const changed = overlayTrack(site, record, { audio: file });
			// the same music: a blob of it in the artist's repository is still it
			const { audioBlob } = record;
			return changed && (audioBlob === undefined ? changed : { ...changed, audioBlob });
		},
		{ why: 'repair: its audio was missing', originalFileId: row.original_file_id }
	);
}

async function findSource(ctx: Context, row: TrackFacts, signal: AbortSignal): Promise<MadeFile> {
	const isRendition = row.file_id !== row.original_file_id;
	if (isRendition && (await isStoredWhole(ctx.storage, originalOf(row)))) {
		return await remakeAudio(ctx, sourceOf(row), signal);
	}
	for (const other of await findOtherRenditions(ctx.db, row)) {
		if (!(await isStoredWhole(ctx.storage, other))) continue;
		const { file_id: fileId, file_type: fileType, duration_ms: durationMs } = other;
		return { fileId, fileType, durationMs };
	}
	throw conflict('audio_lost', 'there is no other copy of it here. send the file again');
}

/**
 * Makes the earlier versions of a track restorable again, or takes those that are lost off the list.
 * @throws as `remakeAudio`
 */
export async function repairEarlier(
	ctx: Context,
	{ track_id: trackId }: Pick<ProblemRow, 'track_id'>,
	signal: AbortSignal
): Promise<void> {
	if (trackId === null) return;
	for (const earlier of await findEarlier(ctx.db, [trackId])) {
		signal.throwIfAborted();
		if (await isStoredWhole(ctx.storage, earlier)) continue;
		await repairOne(ctx, earlier, signal);
	}
}

async function repairOne(ctx: Context, earlier: EarlierFacts, signal: AbortSignal): Promise<void> {
	const isRendition = earlier.file_id !== earlier.original_file_id;
	if (isRendition && (await isStoredWhole(ctx.storage, originalOf(earlier)))) {
		const { fileId } = await remakeAudio(ctx, sourceOf(earlier), signal);
		if (fileId !== earlier.file_id) await giveEarlierFile(ctx.db, earlier.id, fileId);
		return;
	}
	await dropEarlier(ctx.db, earlier.id);
	const { track_id: trackId, file_id: fileId } = earlier;
	ctx.log.info('revision_dropped', { trackId, fileId, why: 'repair: its file is gone' });
}

const sourceOf = (row: {
	original_file_id: string;
	original_key: string;
	original_size_bytes: number;
}) => ({
	fileId: row.original_file_id,
	storageKey: row.original_key,
	sizeBytes: row.original_size_bytes
});
