import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { refuseTooMany } from './accept.ts';
import { takeAllowance } from './allowance.ts';
import { leaseForLater, type SizedUpload } from './finish.ts';
import { changeUpload, findUpload, type UploadRow } from './queries.ts';
import { lockUpload } from './receiving-queries.ts';

/** An upload of a release whose bytes did not all come in time, and went; what was said about it stays. */
const NOT_RECEIVED = 'not_received';

/**
 * Gives up what has arrived of a file that ran out in its release. Its row stays with everything its
 * artist has said about it, and says what it waits for; the file begins anew in it.
 * @returns false when somebody has gone on with it meanwhile
 */
export async function giveUpBytes(ctx: Context, upload: UploadRow): Promise<boolean> {
	const lease = await leaseForLater(ctx, upload);
	if (!lease) return false;
	try {
		const current = await findUpload(ctx.db, upload.id);
		if (current?.status !== 'receiving' || !hasRunOut(current)) return false;
		// before the row says so: whoever dies in between is swept again
		await ctx.storage.staging.discard(upload.id);
		await changeUpload(ctx.db, upload.id, {
			error_code: NOT_RECEIVED,
			message: 'not completely received within a day: choose the file again to go on',
			received_bytes: 0,
			progress_pct: null,
			expires_at: null
		});
		return true;
	} finally {
		await lease.release();
	}
}

const hasRunOut = ({ expires_at: expiresAt }: UploadRow) =>
	expiresAt !== null && expiresAt < new Date();

/**
 * Lets a file whose bytes were given up arrive again, within what its artist may send and keep.
 * @throws DomainError 413 `storage_full`, 429
 */
export async function beginAgain(
	ctx: Context,
	{ id, artist_did: artistDid, size_bytes: sizeBytes, error_code: code }: SizedUpload,
	expiresAt: Date
): Promise<void> {
	if (code !== NOT_RECEIVED) return;
	await ctx.db.transaction().execute(async (trx: Db) => {
		await takeAllowance(ctx, trx, { artistDid, sizeBytes, exceptId: id });
		const current = await lockUpload(trx, id);
		if (current?.status !== 'receiving' || current.error_code !== NOT_RECEIVED) return;
		await refuseTooMany(trx, artistDid);
		await changeUpload(trx, id, {
			error_code: null,
			message: 'receiving your file',
			last_byte_at: new Date(),
			expires_at: expiresAt
		});
	});
}
