import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { findUpload } from './queries.ts';
import { takeAway } from './take-away.ts';
import { deleteUploads, discardBytes } from './uploads-of-release.ts';

/** The record it may have written is out of our reach. */
const WITHOUT_GRANT = new Set(['sign_in_again', 'pds_unavailable', 'permission_needed']);
/** It has ended by itself. */
const OVER = new Set(['upload_not_found', 'already_published']);

/**
 * Removes an upload that is not a track, whatever becomes of a record it may have written already: its
 * artist leaves.
 * @throws DomainError 409 `upload_in_work`, `upload_busy`: somebody is at it, for a moment
 */
export async function forceAway(ctx: Context, id: string): Promise<void> {
	const upload = await findUpload(ctx.db, id);
	if (!upload) return;
	try {
		await takeAway(ctx, upload);
	} catch (cause) {
		const code = cause instanceof DomainError ? cause.code : undefined;
		if (code !== undefined && OVER.has(code)) return;
		const isBeyondReach =
			cause instanceof PdsRefusal || (code !== undefined && WITHOUT_GRANT.has(code));
		if (!isBeyondReach) throw cause;
		await ctx.db.transaction().execute((trx) => deleteUploads(trx, [upload]));
		await discardBytes(ctx, [upload]);
	}
}
