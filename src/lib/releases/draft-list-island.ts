import { Island } from '#lib/ui/island.ts';

/** Links to drafts. */
export const draftListIsland = new Island(() => import('./DraftList.svelte'));

await draftListIsland.prepare();
