import { takeCoverOff } from '#lib/server/albums/take-cover-off.ts';
import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { keepOnly } from '#lib/server/media/keep-renditions.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { keptTrackRow } from '#lib/server/tracks/tracks.ts';
import { writeTrack } from '#lib/server/tracks/write-track.ts';
import { findCover } from './album-queries.ts';
import { findFacts } from './fact-queries.ts';
import type { ProblemRow } from './problem-queries.ts';

/**
 * Of artwork, leaves what is in the storage: the picture is shown in the sizes that are left. When
 * nothing is left it is taken off the track, and the same picture can be chosen again.
 * @throws as `writeTrack`
 */
export async function repairArtwork(
	ctx: Context,
	{ track_id: trackId }: Pick<ProblemRow, 'track_id'>,
	signal: AbortSignal
): Promise<void> {
	const row = trackId === null ? undefined : await findFacts(ctx.db, trackId);
	if (!row?.image_id || row.renditions === null) return;
	const left = await keepWhatIsThere(ctx, row.image_id, row.renditions, signal);
	if (left === 0) {
		const site = recordSite(ctx.config);
		const track = await keptTrackRow(ctx, row.id);
		const takeOff = ({ record }: RepoRecord) => {
			// another picture may have been chosen meanwhile
			if (decodeTrack(site, record).imageId !== row.image_id) return null;
			return overlayTrack(site, record, { imageId: null });
		};
		await writeTrack(ctx, track, takeOff, { why: 'repair: its artwork was missing' });
	}
}

/**
 * The same for the cover of an album. When nothing is left, the job that keeps albums takes it out
 * of the record.
 * @throws as `takeCoverOff`
 */
export async function repairCover(
	ctx: Context,
	{ album_id: albumId }: Pick<ProblemRow, 'album_id'>,
	signal: AbortSignal
): Promise<void> {
	const cover = albumId === null ? undefined : await findCover(ctx.db, albumId);
	if (!cover?.image_id) return;
	const left = await keepWhatIsThere(ctx, cover.image_id, cover.renditions, signal);
	if (left === 0) await takeCoverOff(ctx, cover.id, cover.image_id);
}

/** @returns how many objects of a picture are there */
async function keepWhatIsThere(
	ctx: Context,
	imageId: string,
	renditions: Record<string, string>,
	signal: AbortSignal
): Promise<number> {
	const there = new Set<string>();
	for (const key of imageObjectKeys({ renditions })) {
		signal.throwIfAborted();
		if (await ctx.storage.head(key)) there.add(key);
	}
	await keepOnly(ctx, imageId, there);
	return there.size;
}
