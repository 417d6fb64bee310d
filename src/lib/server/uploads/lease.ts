import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { DomainError, tooMany, unavailable } from '#lib/server/errors.ts';
import { announce } from '#lib/server/events/hub.ts';
import {
	countArriving,
	endLease,
	keepFromRemoval,
	lockArtist,
	renewLease,
	takeLease,
	wantLease
} from './receiving-queries.ts';
import { describeError } from '#lib/server/log.ts';
import { uploadNotFound } from './not-found.ts';

/** A lease that is not renewed ends after this long: so long a killed process delays a resumption. */
const LEASE_MS = 10_000;
/** The holder stops writing this much before anybody else may begin. */
const MARGIN_MS = 1_000;
const BEAT_MS = 1_000;
/** How long a new request waits for the old one to let go; longer than a lease that is not renewed. */
const WAIT_MS = LEASE_MS + 5_000;
const ASK_AGAIN_MS = 150;

/** Files of one artist that may arrive at the same time. */
export const MAX_ARRIVING = 8;

/** The right to write the bytes of one upload, in any process: one request at a time has it. */
export interface Lease {
	/** aborted when a newer request wants it, the database does not answer, or the process stops */
	signal: AbortSignal;
	/** throws when the right may be lost; asked before every write */
	check(): void;
	release(): Promise<void>;
}

interface LeasedUpload {
	id: string;
	artist_did: string;
}

/**
 * Takes a lease inside a transaction.
 * @returns the name under which it is held; null: somebody else has it
 * @throws DomainError 404 when the upload has been removed, 429 when too many files of the artist
 * are arriving
 */
export async function beginLease(trx: Db, upload: LeasedUpload): Promise<string | null> {
	await lockArtist(trx, upload.artist_did);
	const arriving = await countArriving(trx, upload.artist_did, upload.id);
	if (arriving >= MAX_ARRIVING) {
		throw tooMany(
			`${MAX_ARRIVING} of your files are arriving already. send this one when one of them is done`,
			30
		);
	}
	// a request may wait for the lease of an upload that whoever has it is about to remove
	if (!(await keepFromRemoval(trx, upload.id))) throw uploadNotFound();
	const holder = randomUUID();
	const lease = { uploadId: upload.id, artistDid: upload.artist_did, holder, ms: LEASE_MS };
	return (await takeLease(trx, lease)) ? holder : null;
}

/**
 * Takes the lease of an upload, asking whoever has it to let go, and keeps it.
 * @param onBeat called about every second while it is held
 * @throws DomainError 423 `upload_busy` when the other request does not let go; 404, 429 as `beginLease`
 */
export async function obtainLease(
	ctx: Context,
	upload: LeasedUpload,
	onBeat?: () => Promise<unknown>
): Promise<Lease> {
	const giveUpAt = performance.now() + WAIT_MS;
	for (;;) {
		const lease = await tryLease(ctx, upload, onBeat);
		if (lease) return lease;
		if (performance.now() > giveUpAt) {
			throw uploadBusy();
		}
		await wantLease(ctx.db, upload.id);
		// a topic of its own: listeners of the upload itself have nothing to read
		await announce(ctx.db, { topic: 'upload', id: callFor(upload.id), did: '' });
		await sleep(ASK_AGAIN_MS);
	}
}

const uploadBusy = () =>
	new DomainError(
		423,
		'upload_busy',
		'another request is still writing to this upload. try again in a moment',
		{ retryAfterSeconds: 5 }
	);

/**
 * Looks again and again, for as long as a request that died may hold a lease, and asks nobody to let go.
 * @param look returns undefined while somebody else has it
 * @throws DomainError 423 `upload_busy` when it still is so
 */
export async function untilFree<Result>(look: () => Promise<Result | undefined>): Promise<Result> {
	const giveUpAt = performance.now() + WAIT_MS;
	for (;;) {
		const result = await look();
		if (result !== undefined) return result;
		if (performance.now() > giveUpAt) throw uploadBusy();
		await sleep(ASK_AGAIN_MS);
	}
}

/**
 * Takes the lease of an upload when nobody has it, and keeps it; null: somebody has it.
 * @throws DomainError 404, 429 as `beginLease`
 */
export async function tryLease(
	ctx: Context,
	upload: LeasedUpload,
	onBeat?: () => Promise<unknown>
): Promise<Lease | null> {
	const holder = await ctx.db.transaction().execute((trx) => beginLease(trx, upload));
	return holder === null ? null : keepLease(ctx, upload, holder, onBeat);
}

const callFor = (uploadId: string) => `${uploadId}/lease`;

/** Keeps a lease that `beginLease` took, until it is released or lost. */
export function keepLease(
	ctx: Context,
	upload: LeasedUpload,
	holder: string,
	onBeat?: () => Promise<unknown>
): Lease {
	const control = new AbortController();
	const heldMs = LEASE_MS - MARGIN_MS;
	let heldUntil = performance.now() + heldMs;
	let released = false;
	let timer: NodeJS.Timeout | undefined;
	let beating: Promise<void> | undefined;
	let lastFailure: unknown;

	const beat = async () => {
		const askedAt = performance.now();
		try {
			const state = await renewLease(ctx.db, upload.id, holder, LEASE_MS);
			if (!state || state.wanted) {
				control.abort(takenOver());
				return;
			}
			heldUntil = askedAt + heldMs;
			end.refresh();
		} catch (cause) {
			// not the end yet: the database may be back before the lease has run out
			lastFailure = cause;
			return;
		}
		// what else happens on a beat says nothing about the lease
		await onBeat?.().catch((cause: unknown) => {
			ctx.log.warn('lease_beat_failed', { uploadId: upload.id, ...describeError(cause) });
		});
	};
	const beatNow = () => {
		beating ??= beat().finally(() => {
			beating = undefined;
			if (released || control.signal.aborted) return;
			clearTimeout(timer);
			timer = setTimeout(beatNow, BEAT_MS);
		});
	};
	timer = setTimeout(beatNow, BEAT_MS);
	const end = setTimeout(() => control.abort(databaseAway(lastFailure)), heldMs);
	const stopListening = ctx.hub.subscribe({ id: callFor(upload.id) }, beatNow);
	const stopWaiting = ctx.hub.onClose(() => control.abort(stopping()));

	return {
		signal: control.signal,
		check() {
			control.signal.throwIfAborted();
			// timers are late when the process is busy; the clock is not
			if (performance.now() > heldUntil) throw databaseAway(lastFailure);
		},
		async release() {
			if (released) return;
			released = true;
			stopListening();
			stopWaiting();
			clearTimeout(timer);
			clearTimeout(end);
			await endLease(ctx.db, upload.id, holder);
		}
	};
}

const takenOver = () =>
	new DomainError(423, 'upload_taken_over', 'another request goes on with this upload');

const stopping = () =>
	unavailable('server_stopping', 'the server is restarting. try again in a moment', {
		retryAfterSeconds: 2
	});

const databaseAway = (cause: unknown) =>
	unavailable('database_unavailable', 'the database does not answer. try again in a moment', {
		cause
	});
