import type { AlbumWaiting } from './album.ts';

/** An album its artist has deleted: hidden already, and not gone everywhere yet. */
export interface AlbumInDeletion {
	id: string;
	title: string;
	/** why it is not gone yet; `pending`: it is being removed */
	waiting: AlbumWaiting;
}
