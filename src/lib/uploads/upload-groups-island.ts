import { Island } from '#lib/ui/island.ts';

/** Uploads by their releases; something may go on with them. */
export const uploadGroupsIsland = new Island(() => import('./UploadGroups.svelte'));

await uploadGroupsIsland.prepare();
