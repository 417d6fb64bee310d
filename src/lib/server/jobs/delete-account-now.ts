import { getAccountDeletion } from '#lib/server/accounts/delete-account.ts';
import { dueNow, finishAccountDeletion } from '#lib/server/accounts/finish-deletion.ts';
import type { Context } from '#lib/server/context.ts';
import { accountLock } from './account-worker.ts';
import { openWorkLocks } from './work-locks.ts';

/**
 * Deletes an account at once, in this process, whether or not that was asked for before.
 * @returns why some records are left in the repository; null: none are, or none were to go
 * @throws Error when another process is at it; whatever may work another time
 */
export async function deleteAccountNow(
	ctx: Context,
	did: string,
	wish: { withRecords: boolean }
): Promise<string | null> {
	const locks = openWorkLocks(ctx.direct);
	try {
		const lock = await locks.take(accountLock(did));
		if (!lock) throw new Error(`the account ${did} is being deleted by the site just now`);
		await dueNow(ctx, did, wish);
		await finishAccountDeletion(ctx, did, lock.signal);
		await lock.release();
	} finally {
		await locks.close();
	}
	const deletion = await getAccountDeletion(ctx, { did });
	return deletion?.state === 'records_left' ? deletion.sentence : null;
}
