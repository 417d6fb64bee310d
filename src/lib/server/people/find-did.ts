import { INVALID_HANDLE } from '#lib/artists/artist-path.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { Context } from '#lib/server/context.ts';
import { findDidByHandle } from './queries.ts';

/**
 * Who has a handle, as far as it is known here: an artist, or somebody who is signed in.
 * @param name a handle in lower case; a did is its own answer
 */
export async function findDidOf(
	{ db }: Pick<Context, 'db'>,
	name: string
): Promise<string | undefined> {
	if (isDid(name)) return name;
	// it stands for many
	return name === INVALID_HANDLE ? undefined : await findDidByHandle(db, name);
}
