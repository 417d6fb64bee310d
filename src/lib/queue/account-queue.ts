import { later } from '#lib/later.ts';
import { whenLeaving } from '#lib/player/keep-listening.ts';
import { bringAlong } from './bring-along.ts';
import type { QueueClock } from './change-queue.ts';
import type { QueueParts } from './keep-queue.ts';
import { keptPosition } from './kept-queue.ts';
import { offerElsewhere } from './offer-elsewhere.ts';
import { ownDeviceId, tellPlayhead } from './playhead-line.ts';
import { browserFeed, type FeedNews, QueueFeed } from './queue-feed.ts';
import { snapshotFromJson, snapshotToJson } from './queue-json.ts';
import { pushQueue } from './queue-line.ts';
import type { QueueState } from './queue-state.ts';
import { type QueueLink, type QueuePush, type QueueSnapshot, QueueSync } from './queue-sync.ts';
import { QueueTabs } from './queue-tabs.ts';
import { SharedFeed } from './shared-feed.ts';
import { UnsentStore } from './unsent-store.ts';

interface AccountParts extends QueueParts {
	did: string;
}

/**
 * Keeps the queue of this page and the one of somebody's account the same. What comes from other
 * tabs and devices never starts sound here. @returns how to stop
 */
export function keepWithAccount(parts: AccountParts): () => void {
	const { did, listening, player, toasts, clock } = parts;
	const pageId = clock.newId();
	const store = new UnsentStore(did, pageId);
	const receive = (state: QueueState) => {
		void listening.receive(state, keptPosition(state.current.value ?? ''));
	};
	const push = async (one: QueuePush) => {
		const answer = await pushQueue(one);
		// the server does not tell this page of it
		if (answer.kind === 'accepted') feed.tell(newsOf(answer.snapshot, clock));
		return answer;
	};
	const link = { push, newId: () => `${pageId}-${clock.newId()}`, later };
	const sync = openSync(link, parts, store, receive);
	const tabs = new QueueTabs(did, (before, after) => sync.adopt(before, after));
	if (sync.isUnsent) receive(sync.state);
	// played before this was there
	else if (listening.current) sync.change(listening.queue);
	listening.onChange = (queue) => {
		tabs.tell(sync.state, queue);
		sync.change(queue);
	};

	const deviceId = ownDeviceId(clock.newId);
	const stopTelling = tellPlayhead(listening, player, deviceId, () => sync.revision > 0);
	const elsewhere = offerElsewhere(listening, player, { deviceId, now: clock.now });
	const hear = (news: FeedNews) => {
		if (news.kind === 'signed_out') {
			parts.signedOut();
			return;
		}
		if (news.kind === 'playhead') {
			elsewhere.hear(news.playhead);
			return;
		}
		clock.set(Date.now() + news.aheadMs);
		sync.receive(snapshotFromJson(news.queue), news);
		bringAlong(sync, parts, receive);
		elsewhere.look();
	};
	const connect = (told: (news: FeedNews) => void) => new QueueFeed(told, browserFeed(pageId));
	const feed = new SharedFeed(`plyr-feed:${did}`, hear, connect);
	const stopWatching = watchLine(feed, sync);
	const stopLeaving = whenLeaving(() => {
		// first: then what is kept knows of this push
		sync.flush(true);
		if (!sync.isUnsent) store.forget();
		else if (!store.keep(sync.keep())) {
			const message = 'your queue is not saved yet, and this browser has no room to keep it';
			toasts.show({ kind: 'warning', message }, 'queue');
		}
	});
	return () => {
		for (const stop of [stopWatching, stopLeaving, stopTelling, elsewhere.stop]) stop();
		tabs.close();
		sync.stop();
	};
}

const newsOf = (snapshot: QueueSnapshot, clock: QueueClock): FeedNews => ({
	...{ kind: 'queue', queue: snapshotToJson(snapshot), isPutBack: false },
	aheadMs: clock.now() - Date.now()
});

function openSync(
	link: QueueLink,
	{ toasts }: AccountParts,
	store: UnsentStore,
	receive: (state: QueueState) => void
): QueueSync {
	const [kept, ...others] = store.read();
	const sync = new QueueSync(
		link,
		{
			changed: receive,
			refused: (reason) =>
				toasts.show({ kind: 'error', message: `the queue is not saved: ${reason}` }, 'queue'),
			leftOut: (count) => {
				const what = count === 1 ? 'one track' : `${count.toLocaleString('en')} tracks`;
				const message = `the queue is full: ${what} found no room beside what another device added`;
				toasts.show({ kind: 'warning', message }, 'queue');
			},
			saved: () => store.forget()
		},
		kept
	);
	for (const { base, state } of others) if (state) sync.adopt(base.state, state);
	return sync;
}

/** The feed, also after the line was gone or the page was not looked at. @returns how to stop */
function watchLine(feed: SharedFeed, sync: QueueSync): () => void {
	const reconnect = () => {
		feed.open();
		sync.reconnected();
	};
	const look = () => {
		if (document.visibilityState === 'visible') feed.open();
		else feed.rest();
	};
	feed.open();
	addEventListener('online', reconnect);
	document.addEventListener('visibilitychange', look);
	return () => {
		removeEventListener('online', reconnect);
		document.removeEventListener('visibilitychange', look);
		feed.close();
	};
}
