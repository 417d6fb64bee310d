import { type AccountDeletion, GRACE_DAYS } from '#lib/accounts/account-deletion.ts';
import { endOwnSignIns } from '#lib/server/auth/own-sign-ins.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, unprocessable } from '#lib/server/errors.ts';
import { deleteWaiting, findDeletion, insertDeletion } from './queries.ts';

type Owner = { did: string; handle: string };

const DAY_MS = 24 * 60 * 60 * 1000;

/** How an account is to be deleted. */
export interface DeletionWish {
	/** its records in the repository, too */
	withRecords: boolean;
	/** how long it may be taken back; a week when it is left out */
	graceMs?: number;
}

/** What has to be typed: the handle, with or without an @, whatever its capitals. */
export function requireConfirmation({ handle }: Owner, typed: string): void {
	if (typed.trim().replace(/^@/, '').toLowerCase() === handle.toLowerCase()) return;
	throw unprocessable('confirmation', `type ${handle} to say that you mean it`);
}

/**
 * Hides somebody's account from everybody, signs them out everywhere, and asks for its deletion at the
 * end of the time in which it may be taken back. The grant stays when records are to go, too.
 * @returns when it begins
 * @throws DomainError 409 `account_deletion`: that was asked for already
 */
export async function requestAccountDeletion(
	ctx: Context,
	{ did, handle }: Owner,
	{ withRecords, graceMs = GRACE_DAYS * DAY_MS }: DeletionWish
): Promise<Date> {
	const dueAt = new Date(Date.now() + graceMs);
	await ctx.db.transaction().execute(async (trx) => {
		const row = { did, handle, with_records: withRecords, due_at: dueAt };
		if (!(await insertDeletion(trx, row))) {
			throw conflict('account_deletion', 'this account is about to be deleted already');
		}
		await ctx.jobs.enqueueAccountDeletion(trx, did, dueAt);
	});
	ctx.log.info('account_deletion_requested', { did, withRecords, dueAt: dueAt.toISOString() });
	await endOwnSignIns(ctx, { did });
	return dueAt;
}

/**
 * Keeps an account after all: everything is shown again as it was.
 * @throws DomainError 409 `account_deletion_begun`: it is too late, or there is none
 */
export async function cancelAccountDeletion(
	ctx: Pick<Context, 'db' | 'log'>,
	{ did }: Pick<Owner, 'did'>
): Promise<void> {
	if (!(await deleteWaiting(ctx.db, did))) {
		throw conflict('account_deletion_begun', 'there is nothing to be taken back any more');
	}
	ctx.log.info('account_deletion_cancelled', { did });
}

/** How far the deletion of somebody's account is; null: nobody wants it deleted. */
export async function getAccountDeletion(
	{ db }: Pick<Context, 'db'>,
	{ did }: Pick<Owner, 'did'>
): Promise<AccountDeletion | null> {
	const row = await findDeletion(db, did);
	if (!row) return null;
	if (row.begun_at === null) {
		return {
			...{ state: 'waiting', dueAt: row.due_at.toISOString() },
			withRecords: row.with_records
		};
	}
	if (row.finished_at === null) return { state: 'begun', sentence: row.waiting_sentence };
	return {
		...{ state: 'records_left', recordsDeleted: row.records_deleted },
		sentence: row.waiting_sentence ?? 'some of your records are still in your repository'
	};
}
