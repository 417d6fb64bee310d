import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { hasUseOfGrant } from './queries.ts';

/** How long a person who signs out waits for their PDS to hear of it. */
const REVOKE_LIMIT_MS = 5_000;

/**
 * Revokes somebody's grant when nothing uses it any more: all sessions of a person share one, and so do
 * their tokens that may change things. A PDS that does not answer does not keep anybody signed in here.
 */
export async function letGoOfGrant(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	did: string
): Promise<void> {
	if (await hasUseOfGrant(ctx.db, did)) return;
	const revoking = ctx.oauth.revoke(did).catch((cause: unknown) => {
		ctx.log.warn('revocation_failed', { did, ...describeError(cause) });
	});
	await Promise.race([revoking, after(REVOKE_LIMIT_MS)]);
}

const after = (ms: number) =>
	new Promise<void>((resolve) => {
		setTimeout(resolve, ms).unref();
	});
