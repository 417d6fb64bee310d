import type { Context } from '#lib/server/context.ts';
import { dropUnnamed } from './queries.ts';

/** The artist has said anew who is featured on a track: whom it did not name is settled. */
export const forgetUnnamed = (
	{ db }: Pick<Context, 'db'>,
	track: { id: number; artist_did: string }
): Promise<void> => dropUnnamed(db, track.artist_did, track.id);
