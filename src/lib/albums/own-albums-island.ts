import { Island } from '#lib/ui/island.ts';

/** Albums, with links to edit them. */
export const ownAlbumsIsland = new Island(() => import('./OwnAlbums.svelte'));

await ownAlbumsIsland.prepare();
