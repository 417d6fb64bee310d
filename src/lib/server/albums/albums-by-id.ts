import type { Album } from '#lib/albums/album.ts';
import type { Context } from '#lib/server/context.ts';
import { type AlbumSummary, albumSummary } from './albums-api.ts';
import { presentAlbum } from './present.ts';
import { findPublicAlbums, type ShownAlbumRow } from './reading-queries.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** Those of some albums that have something to hear, in the order asked for. */
export async function albumsById(ctx: Reader, ids: readonly string[]): Promise<Album[]> {
	return (await albumRowsById(ctx, ids)).map((row) => presentAlbum(row, false));
}

/** The same as the API answers them. */
export async function answerAlbumsById(
	ctx: Reader,
	ids: readonly string[]
): Promise<AlbumSummary[]> {
	return (await albumRowsById(ctx, ids)).map((row) => albumSummary(ctx, row));
}

async function albumRowsById({ db }: Reader, ids: readonly string[]): Promise<ShownAlbumRow[]> {
	const rows = ids.length === 0 ? [] : await findPublicAlbums(db, ids);
	const byId = new Map(rows.map((row) => [row.id, row]));
	return ids.flatMap((id) => byId.get(id) ?? []);
}
