import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { forbidden, notFound } from '#lib/server/errors.ts';
import { type AlbumRow, findAlbumRow } from './queries.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isAlbumId = (id: string): boolean => UUID.test(id);

export const albumNotFound = () => notFound('album not found', 'album_not_found');

/**
 * An album the viewer may change.
 * @throws DomainError 404 `album_not_found`, 403 `not_your_album`
 */
export async function ownAlbum(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	id: string
): Promise<AlbumRow> {
	const album = isAlbumId(id) ? await findAlbumRow(ctx.db, id) : undefined;
	if (!album || album.deletion !== null) throw albumNotFound();
	if (album.artist_did === viewer.did) return album;
	throw forbidden('not_your_album', 'you can only edit your own albums');
}
