import { Island } from '#lib/ui/island.ts';

/** Tracks that need their artist: links, and forms that work without their script. */
export const attentionIsland = new Island(() => import('./Attention.svelte'));

await attentionIsland.prepare();
