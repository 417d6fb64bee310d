import { sql } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { noteFact } from '#lib/server/operator/facts.ts';
import { ACCOUNT_DELETIONS } from '#lib/server/jobs/queues.ts';
import { deleteRecords, type RecordsLeft, whyUnavailable } from './delete-records.ts';
import { deleteRows } from './delete-rows.ts';
import {
	beginDue,
	changeDeletion,
	type DeletionRow,
	findDeletion,
	findForgotten,
	forgetDeletion,
	forgetFinished,
	insertDeletion
} from './queries.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A server that does not answer for so long does not keep somebody's things here. */
const PATIENCE_MS = 3 * DAY_MS;
/** So long an owner is told what was left, and the rest goes when they sign in. */
const KEPT_MS = 30 * DAY_MS;

/**
 * Deletes an account that is due: its records when that was wanted, as far as its owner's server lets
 * us; then everything here; then the grant. Of one that was done before only the records are looked at.
 * May be killed anywhere and called again. Of one whose time has not come, or that was taken back,
 * nothing happens.
 * @throws whatever may work another time
 */
export async function finishAccountDeletion(
	ctx: Context,
	did: string,
	signal: AbortSignal
): Promise<void> {
	const deletion = await beginDue(ctx.db, did);
	if (!deletion) return;
	const left = deletion.with_records ? await recordsLeft(ctx, deletion, signal) : null;
	signal.throwIfAborted();
	if (deletion.finished_at !== null) {
		// whoever has come back since keeps what they have made
		await (left ? say(ctx, did, left) : forgetDeletion(ctx.db, did));
		return;
	}
	await deleteRows(ctx, did, signal);
	signal.throwIfAborted();
	await ctx.oauth.revoke(did).catch((cause: unknown) => {
		ctx.log.warn('revocation_failed', { did, ...describeError(cause) });
	});
	await forgetGrant(ctx, did);
	await end(ctx, deletion, left);
}

/** Makes an account's deletion due, as whoever runs the site wants it. */
export async function dueNow(
	{ db }: Pick<Context, 'db'>,
	did: string,
	{ withRecords }: { withRecords: boolean }
): Promise<void> {
	const change = { with_records: withRecords, due_at: sql<Date>`now()` };
	await db.transaction().execute(async (trx) => {
		const isNew = await insertDeletion(trx, { did, handle: did, ...change });
		if (!isNew) await changeDeletion(trx, did, change);
	});
}

/** What is left is tried again until then, and at every sign-in. */
async function recordsLeft(
	ctx: Context,
	{ did, begun_at: begunAt, finished_at: finishedAt }: DeletionRow,
	signal: AbortSignal
): Promise<RecordsLeft | null> {
	try {
		return await deleteRecords(ctx, { did, until: finishedAt }, signal);
	} catch (cause) {
		signal.throwIfAborted();
		const left = whyUnavailable(cause);
		if (!left) throw cause;
		await say(ctx, did, left);
		const isLongAgo = begunAt !== null && begunAt.getTime() < Date.now() - PATIENCE_MS;
		if (isLongAgo || finishedAt !== null) return left;
		throw cause;
	}
}

const say = ({ db }: Context, did: string, left: RecordsLeft | null): Promise<void> =>
	changeDeletion(db, did, {
		waiting_code: left?.code ?? null,
		waiting_sentence: left?.sentence ?? null
	});

async function end(ctx: Context, { did }: DeletionRow, left: RecordsLeft | null): Promise<void> {
	if (left) {
		await say(ctx, did, left);
		await changeDeletion(ctx.db, did, { finished_at: new Date() });
	}
	const recordsDeleted = (await findDeletion(ctx.db, did))?.records_deleted ?? 0;
	if (!left) await forgetDeletion(ctx.db, did);
	await noteFact(ctx, {
		event: 'account_deleted',
		fields: { did, recordsDeleted, left: left?.code ?? null }
	});
}

/** Revoking takes it away here, too, unless it could not be read. */
async function forgetGrant({ db }: Context, did: string): Promise<void> {
	await db.deleteFrom('oauth_sessions').where('did', '=', did).execute();
}

/** A job that has just ended has found that it must wait: not asked for again and again. */
const REST_MS = 60_000;

/** Deletions that could go on and have no job: none is lost, whatever went wrong. */
export const listForgottenAccounts = ({ db }: Pick<Context, 'db'>): Promise<string[]> =>
	findForgotten(db, ACCOUNT_DELETIONS, REST_MS);

/** Forgets what was left of deletions that are long over. @returns how many */
export const sweepAccountDeletions = ({ db }: Pick<Context, 'db'>): Promise<number> =>
	forgetFinished(db, new Date(Date.now() - KEPT_MS));
