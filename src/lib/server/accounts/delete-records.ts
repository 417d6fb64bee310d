import { TID } from '@atproto/common-web';
import { PdsRefusal, PdsUnavailable, SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { listRecords } from '#lib/server/atproto/read-repo.ts';
import { deleteRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { countRecord } from './queries.ts';

/** Why records are left: a code, and a sentence for their owner. */
export interface RecordsLeft {
	code: 'sign_in_again' | 'record_refused' | 'pds_unavailable';
	sentence: string;
}

const SIGN_IN: RecordsLeft = {
	code: 'sign_in_again',
	sentence:
		'your personal data server no longer knows your sign-in: sign in again, and the rest goes'
};

/**
 * Deletes every record of ours from somebody's repository. May be interrupted anywhere and called again.
 * One that is refused does not keep the others.
 * @param until whoever has come back since then keeps what they have written since; null: nobody has
 * @returns why some are left; null: none are
 * @throws PdsUnavailable, and whatever may work another time
 */
export async function deleteRecords(
	ctx: Context,
	{ did, until }: { did: string; until: Date | null },
	signal: AbortSignal
): Promise<RecordsLeft | null> {
	const { likeCollection, listCollection, trackCollection } = ctx.config.atproto;
	let refused: RecordsLeft | null = null;
	try {
		for (const collection of [likeCollection, listCollection, trackCollection]) {
			const keys = await keysOf(ctx, { did, collection }, signal);
			for (const rkey of keys.filter((key) => isFromBefore(key, until))) {
				signal.throwIfAborted();
				const why = await deleteOne(ctx, { did, collection, rkey }, signal);
				if (why !== null) refused = why;
			}
		}
	} catch (cause) {
		if (cause instanceof SignInAgain) return SIGN_IN;
		if (cause instanceof PdsRefusal) return notShown(cause);
		throw cause;
	}
	return refused;
}

/** By its key, which says when it was made; one that does not stays. */
function isFromBefore(rkey: string, until: Date | null): boolean {
	if (until === null) return true;
	return TID.is(rkey) && TID.fromStr(rkey).timestamp() < until.getTime() * 1000;
}

/** Read before the first of them is deleted: a list that changes while it is read in pages has gaps. */
async function keysOf(
	ctx: Context,
	of: { did: string; collection: string },
	signal: AbortSignal
): Promise<string[]> {
	const keys: string[] = [];
	for await (const page of listRecords(ctx, of, signal)) {
		for (const { rkey } of page) keys.push(rkey);
	}
	return keys;
}

/** The repository is gone, somewhere else, or shown to nobody: which of them is not ours to guess. */
const notShown = ({ message }: PdsRefusal): RecordsLeft => ({
	code: 'record_refused',
	sentence: `your personal data server does not show your repository: ${message}`
});

async function deleteOne(
	ctx: Context,
	address: { did: string; collection: string; rkey: string },
	signal: AbortSignal
): Promise<RecordsLeft | null> {
	try {
		const rev = await deleteRecord(ctx, { ...address, why: 'account deleted' }, signal);
		if (rev !== null) await countRecord(ctx.db, address.did);
		return null;
	} catch (cause) {
		if (!(cause instanceof PdsRefusal)) throw cause;
		const sentence = `your personal data server refused to delete a record: ${cause.message}`;
		return { code: 'record_refused', sentence };
	}
}

/** What is said while a server does not answer. */
export const whyUnavailable = (cause: unknown): RecordsLeft | null =>
	cause instanceof PdsUnavailable ? { code: 'pds_unavailable', sentence: cause.message } : null;
