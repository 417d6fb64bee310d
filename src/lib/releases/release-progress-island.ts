import { Island } from '#lib/ui/island.ts';

/** How far an open release is. */
export const releaseProgressIsland = new Island(() => import('./ReleaseProgress.svelte'));

await releaseProgressIsland.prepare();
