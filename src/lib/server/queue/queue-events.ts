import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { eventStream, type ServerSentEvent } from '#lib/server/events/sse.ts';
import { hubForOneMore } from './own-streams.ts';
import { getQueue, getQueueMark, queueNewsId } from './queue.ts';

/** A person's next click is a moment away; nothing has to settle. */
const SETTLE_MS = 20;
/** Lost news are seldom, and the streams many: everybody who has the site open has one. */
const LOOK_AGAIN_MS = 20_000;

/**
 * Somebody's queue as events: as it is now, unless the listener has it, and again whenever it
 * changed; an event named `playhead` when only the place in it did. The id of an event is the
 * revision of the queue.
 * @param lastEventId the revision the listener knows already
 * @param page whose pushes, named `<page>-…`, the listener knows of by their answers
 */
export function queueEvents(
	ctx: Context,
	viewer: Viewer,
	{ lastEventId, page }: { lastEventId: string | null; page: string | null }
): Response {
	let known = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : -1;
	let playheadAt = 0;
	return eventStream({
		hub: hubForOneMore(ctx.hub, viewer.did),
		log: ctx.log,
		match: { id: queueNewsId(viewer.did) },
		timing: { settleMs: SETTLE_MS, lookAgainMs: LOOK_AGAIN_MS },
		async look() {
			const { revision, lastPush, playhead } = await getQueueMark(ctx, viewer);
			const events: ServerSentEvent[] = [];
			const isOwn = page !== null && lastPush?.startsWith(`${page}-`) === true;
			if (isOwn && revision === known + 1) known = revision;
			// also one that is less: then the queue was put back, or is gone
			if (revision !== known) {
				const queue = await getQueue(ctx, viewer);
				events.push({ id: String(queue.revision), content: queue });
				known = queue.revision;
			}
			if (playhead && playhead.at > playheadAt) {
				events.push({ id: String(known), name: 'playhead', content: playhead });
				playheadAt = playhead.at;
			}
			return { events, isEnd: false };
		}
	});
}
