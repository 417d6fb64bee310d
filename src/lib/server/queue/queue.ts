import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { QueueSnapshotJson, QueueStateJson } from '#lib/queue/queue-json.ts';
import { byRank, emptyQueue, type Stamped } from '#lib/queue/queue-state.ts';
import { stateToJson } from '#lib/queue/queue-json.ts';
import type { Context } from '#lib/server/context.ts';
import type { Playhead } from '#lib/server/db/schema.ts';
import { conflict, DomainError } from '#lib/server/errors.ts';
import { announce } from '#lib/server/events/hub.ts';
import {
	findQueue,
	findQueueMark,
	type QueueMark,
	type StoredQueue,
	writePlayhead,
	writeQueue
} from './queries.ts';
import type { playheadBody, queueBody } from './queue-body.ts';

type Reader = Pick<Context, 'db'>;

/** A clock that is further ahead than this is wrong, and would win every merge to come. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Somebody's queue as the API answers it. */
export interface QueueResponse extends QueueSnapshotJson {
	playhead: Playhead | null;
	/** milliseconds since 1970, for devices whose clock is wrong */
	now: number;
}

/** What changed is announced under this id. */
export const queueNewsId = (did: string): string => `queue:${did}`;

/** Somebody's queue; an empty one of revision 0 when there is none. */
export async function getQueue(ctx: Reader, viewer: Viewer): Promise<QueueResponse> {
	return response(await findQueue(ctx.db, viewer.did));
}

/** How far somebody's queue is, and where playback is in it. */
export async function getQueueMark(ctx: Reader, viewer: Viewer): Promise<QueueMark> {
	return (
		(await findQueueMark(ctx.db, viewer.did)) ?? { revision: 0, lastPush: null, playhead: null }
	);
}

/**
 * Writes somebody's whole queue.
 * @param revision what it was made from; null: whatever is there now is overwritten
 * @returns the queue as it is now; a push that had arrived before changes nothing
 * @throws DomainError 409 `queue_conflict` with the present queue as detail
 */
export async function putQueue(
	ctx: Pick<Context, 'db' | 'metrics'>,
	viewer: Viewer,
	body: z.output<typeof queueBody>,
	revision: number | null
): Promise<QueueResponse> {
	const { did } = viewer;
	const pushId = body.push_id ?? crypto.randomUUID();
	const state = settled(body.state);
	const isWritten = await ctx.db.transaction().execute(async (trx) => {
		const written = await writeQueue(trx, { did, state, pushId, revision });
		if (written) await announce(trx, { topic: 'queue', id: queueNewsId(did), did });
		return written;
	});
	const now = response(await findQueue(ctx.db, did));
	if (isWritten || now.recent_pushes.includes(pushId)) return now;
	ctx.metrics.queueConflicts.add(1);
	const message = 'the queue was changed on another device meanwhile';
	throw conflict('queue_conflict', message, { detail: { message, ...now } });
}

/** Whether a push is the last that was written, and was written as it came. */
export const isAsSent = (now: QueueResponse, sent: z.output<typeof queueBody>): boolean =>
	sent.push_id !== undefined &&
	now.recent_pushes[0] === sent.push_id &&
	isDeepStrictEqual(now.state, sent.state);

/**
 * Says where playback is, so that another device can go on there.
 * @throws DomainError 409 `no_queue`
 */
export async function putPlayhead(
	ctx: Reader,
	viewer: Viewer,
	body: z.output<typeof playheadBody>
): Promise<Playhead> {
	const playhead: Playhead = { ...body, at: Date.now() };
	await ctx.db.transaction().execute(async (trx) => {
		if (!(await writePlayhead(trx, viewer.did, playhead))) {
			throw conflict('no_queue', 'there is no queue to be anywhere in');
		}
		await announce(trx, { topic: 'queue', id: queueNewsId(viewer.did), did: viewer.did });
	});
	return playhead;
}

/**
 * The revision of an If-Match header; null: there is none.
 * @throws DomainError 400 `invalid_if_match`
 */
export function revisionOf(ifMatch: string | null): number | null {
	if (ifMatch === null || ifMatch.trim() === '*') return null;
	const digits = /^"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
	if (digits !== undefined) return Number(digits);
	throw new DomainError(
		400,
		'invalid_if_match',
		'invalid if-match header (a quoted integer is expected, such as "3")'
	);
}

function response(stored: StoredQueue | undefined): QueueResponse {
	const now = Date.now();
	if (!stored) {
		return {
			...{ state: stateToJson(emptyQueue()), revision: 0 },
			recent_pushes: [],
			playhead: null,
			now
		};
	}
	return { ...stored, now };
}

/** In the order of the ranks, and without times that are yet to come. */
function settled(state: QueueStateJson): QueueStateJson {
	const latest = Date.now() + CLOCK_TOLERANCE_MS;
	const past = (at: number) => (at > latest ? Date.now() : at);
	const stamp = <T>(one: Stamped<T>): Stamped<T> => ({ ...one, at: past(one.at) });
	return {
		items: state.items.map((item) => ({ ...item, moved_at: past(item.moved_at) })).sort(byRank),
		current: stamp(state.current),
		repeat: stamp(state.repeat),
		source: stamp(state.source)
	};
}
