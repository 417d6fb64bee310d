import type { ArtistResponse } from '#lib/artists/artist.ts';
import type { Context } from '#lib/server/context.ts';
import { artistResponse } from './artists.ts';
import { findArtistRows } from './queries.ts';

/** Those of some artists that there are, in the order asked for. */
export async function artistsByDid(
	ctx: Pick<Context, 'config' | 'db'>,
	dids: readonly string[]
): Promise<ArtistResponse[]> {
	const rows = dids.length === 0 ? [] : await findArtistRows(ctx.db, dids);
	const byDid = new Map(rows.map((row) => [row.did, row]));
	return dids.flatMap((did) => {
		const row = byDid.get(did);
		return row ? [artistResponse(ctx, row)] : [];
	});
}
