import { Island } from '#lib/ui/island.ts';

/** Tracks that are not gone everywhere yet. */
export const trackDeletionsIsland = new Island(() => import('./TrackDeletions.svelte'));

await trackDeletionsIsland.prepare();
