import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { keepOnly } from '#lib/server/media/keep-renditions.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { writeTrack } from '#lib/server/tracks/write-track.ts';
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
	const there = new Set<string>();
	for (const key of imageObjectKeys({ renditions: row.renditions })) {
		signal.throwIfAborted();
		if (await ctx.storage.head(key)) there.add(key);
	}
	await keepOnly(ctx, row.image_id, there);
	if (there.size === 0) {
		const site = recordSite(ctx.config);
		const track = await trackRow(ctx, row.id);
		const withoutImage = { imageId: null };
		await writeTrack(ctx, track, ({ record }) => overlayTrack(site, record, withoutImage), {
			why: 'repair: its artwork was missing'
		});
	}
}
