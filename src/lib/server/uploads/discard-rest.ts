import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { listRest } from './rest-of-album.ts';
import { takeAway } from './take-away.ts';

/**
 * Takes away what has not become a track of the releases an album was made of: what is arriving,
 * waits, or failed and could be tried again, with what may stand in the repository of it. What
 * somebody works on refuses itself at its next stage (process.ts).
 * @throws SignInAgain, PdsUnavailable
 */
export async function discardRest(
	ctx: Context,
	albumId: string,
	signal?: AbortSignal
): Promise<void> {
	for (const upload of await listRest(ctx.db, albumId)) {
		signal?.throwIfAborted();
		await takeAway(ctx, upload).catch(unlessItEndsItself);
	}
}

const ENDS_ITSELF = new Set([
	'upload_in_work',
	'already_published',
	'upload_not_found',
	'upload_busy'
]);

/** Somebody works on it, or sends it: it is refused then. */
function unlessItEndsItself(cause: unknown): void {
	if (!(cause instanceof DomainError && ENDS_ITSELF.has(cause.code))) throw cause;
}
