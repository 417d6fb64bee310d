import { Island } from '#lib/ui/island.ts';

/** Albums that are not gone everywhere yet. */
export const albumDeletionsIsland = new Island(() => import('./AlbumDeletions.svelte'));

await albumDeletionsIsland.prepare();
