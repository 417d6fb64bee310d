import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { describeError } from '#lib/server/log.ts';
import { deleteOldFacts, insertDelivery, insertFact } from './queries.ts';

/** What happened, in the operator's terms: ids and reasons, never tokens. */
export type Fact =
	| {
			event: 'track_uploaded' | 'track_audio_replaced';
			fields: { trackId: number; url: string; recordUri: string | undefined; did: string };
	  }
	| {
			event: 'upload_failed';
			fields: { uploadId: string; stage: string; code: string | null; did: string };
	  }
	| {
			event: 'record_written';
			fields: {
				uri: string;
				cid: string;
				rev: string | null;
				did: string;
				why: string | undefined;
			};
	  }
	| { event: 'record_deleted'; fields: { uri: string; did: string } }
	| {
			event: 'account_deleted';
			fields: { did: string; recordsDeleted: number; left: string | null };
	  }
	| {
			event: 'reported';
			fields: { kind: 'track' | 'account'; subject: string; did: string; reason: string };
	  }
	| { event: 'object_released'; fields: { key: string; who: string; why: string } };

type Channel = 'direct_message' | 'webhook';

/** Where each kind of fact goes besides the log and the table. */
const CHANNELS: Partial<Record<Fact['event'], Channel[]>> = {
	track_uploaded: ['direct_message', 'webhook'],
	upload_failed: ['webhook'],
	reported: ['webhook']
};

/**
 * Keeps a fact, and asks for its delivery where the operator wants to hear of it, in the
 * transaction that makes it true. `sayFact` afterwards writes it to the log.
 */
export async function keepFact(
	{ config, jobs }: Pick<Context, 'config' | 'jobs'>,
	trx: Db,
	fact: Fact
): Promise<void> {
	const eventId = await insertFact(trx, fact);
	for (const channel of CHANNELS[fact.event] ?? []) {
		const isWanted = channel === 'webhook' ? config.news.webhook : config.news.directMessage;
		if (!isWanted) continue;
		await jobs.enqueueDelivery(trx, await insertDelivery(trx, eventId, channel));
	}
}

/** One line of the log per fact. */
export const sayFact = ({ log }: Pick<Context, 'log'>, { event, fields }: Fact): void =>
	log.info(event, fields);

/**
 * Keeps and says a fact that is true already whatever becomes of our note of it: a record in
 * somebody's repository. Never throws.
 */
export async function noteFact(ctx: Pick<Context, 'db' | 'log'>, fact: Fact): Promise<void> {
	sayFact(ctx, fact);
	try {
		await insertFact(ctx.db, fact);
	} catch (cause) {
		ctx.log.warn('fact_not_kept', { fact: fact.event, ...describeError(cause) });
	}
}

/** Facts are kept for long enough that somebody notices what went wrong weeks ago. */
const KEPT_DAYS = 90;

/** @returns how many facts were older than is kept */
export const sweepFacts = ({ db }: Pick<Context, 'db'>): Promise<number> =>
	deleteOldFacts(db, KEPT_DAYS);
