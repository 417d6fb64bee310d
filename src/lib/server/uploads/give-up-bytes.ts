import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { tooMany } from '#lib/server/errors.ts';
import { GIVEN_UP_KEPT_DAYS, isGivenUp, NOT_RECEIVED } from '#lib/uploads/upload.ts';
import { refuseTooMany } from './accept.ts';
import { takeAllowance } from './allowance.ts';
import { leaseForLater, type SizedUpload } from './finish.ts';
import { countGivenUp } from './given-up-queries.ts';
import { changeUpload, findUpload, type UploadRow } from './queries.ts';
import { lockArtist, lockUpload } from './receiving-queries.ts';

/** More of one artist's files than this do not wait to be chosen again: two and a half full releases. */
const MAX_GIVEN_UP = 500;

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
			message: `not completely received within a day: choose the file again within ${GIVEN_UP_KEPT_DAYS} days to go on`,
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
	upload: SizedUpload,
	expiresAt: Date
): Promise<void> {
	if (!isGivenUp(upload)) return;
	const { id, artist_did: artistDid, size_bytes: sizeBytes } = upload;
	await ctx.db.transaction().execute(async (trx: Db) => {
		await lockArtist(trx, artistDid);
		const current = await lockUpload(trx, id);
		if (!current || !isGivenUp(current)) return;
		await takeAllowance(ctx, trx, { artistDid, sizeBytes, exceptId: id });
		await refuseTooMany(trx, artistDid);
		await changeUpload(trx, id, {
			error_code: null,
			message: 'receiving your file',
			begun_again_at: new Date(),
			last_byte_at: new Date(),
			expires_at: expiresAt
		});
	});
}

/**
 * Refuses another file of a release while too many wait to be chosen again; the artist's lock is held.
 * @throws DomainError 429
 */
export async function refuseTooManyGivenUp(trx: Db, artistDid: string): Promise<void> {
	if ((await countGivenUp(trx, artistDid)) < MAX_GIVEN_UP) return;
	throw tooMany(
		`${MAX_GIVEN_UP} of your files were not completely received within a day. choose some of them again, or discard them, before you add others`,
		60
	);
}
