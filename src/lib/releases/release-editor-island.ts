import { Island } from '#lib/ui/island.ts';

/** The form of a draft, which is complete without its script. */
export const releaseEditorIsland = new Island(() => import('./ReleaseEditor.svelte'));

await releaseEditorIsland.prepare();
