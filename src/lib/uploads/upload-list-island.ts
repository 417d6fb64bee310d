import { Island } from '#lib/ui/island.ts';

/** Uploads, each by itself; something may go on with them. */
export const uploadListIsland = new Island(() => import('./UploadList.svelte'));

await uploadListIsland.prepare();
