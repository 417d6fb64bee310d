import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedNews } from './queue-feed.ts';
import { SharedFeed, type SharedFeedEnvironment } from './shared-feed.ts';

const SOON_MS = 150;

const newsOf = (revision: number, isPutBack = false): FeedNews => ({
	kind: 'queue',
	queue: { state: {} as never, revision, recent_pushes: [] },
	...{ aheadMs: 0, isPutBack }
});
const playhead: FeedNews = { kind: 'playhead', playhead: { item_id: 'a' } as never };

let tabs: Tab[] = [];

/** A tab: with the locks and channels of the browser, and a connection that only says it is open. */
class Tab {
	isConnected = false;
	connections = 0;
	readonly heard: (number | string)[] = [];
	readonly shared: SharedFeed;
	fromServer: (news: FeedNews) => void = () => undefined;

	constructor(name: string, environment?: SharedFeedEnvironment) {
		const hear = (news: FeedNews) => {
			if (news.kind !== 'queue') this.heard.push(news.kind);
			else this.heard.push(news.isPutBack ? -news.queue.revision : news.queue.revision);
		};
		const connect = (tell: (news: FeedNews) => void) => {
			this.fromServer = tell;
			return {
				open: () => {
					if (!this.isConnected) this.connections += 1;
					this.isConnected = true;
				},
				close: () => {
					this.isConnected = false;
				}
			};
		};
		this.shared = new SharedFeed(name, hear, connect, environment);
		this.shared.open();
		tabs.push(this);
	}
}

const silent = { onmessage: null, postMessage: () => undefined, close: () => undefined };
const connected = () => tabs.filter(({ isConnected }) => isConnected);

describe('the news of the queue in several tabs', () => {
	let count = 0;
	const newName = () => `plyr-feed:test-${(count += 1)}`;
	afterEach(() => {
		for (const { shared } of tabs) shared.close();
		tabs = [];
	});

	it('come by one connection to all of them', async () => {
		const name = newName();
		const [first, ...others] = Array.from({ length: 8 }, () => new Tab(name));
		assert.ok(first);
		await sleep(SOON_MS);
		assert.deepEqual(connected(), [first]);
		for (const news of [newsOf(3), playhead, newsOf(2, true)]) first.fromServer(news);
		await sleep(SOON_MS);
		for (const { heard } of [first, ...others]) assert.deepEqual(heard, [3, 'playhead', -2]);
		const late = new Tab(name);
		await sleep(SOON_MS);
		assert.deepEqual(late.heard, [2, 'playhead'], 'who comes later hears how it is');
		assert.deepEqual(connected(), [first]);
	});

	it('are also what the tab that listens knows by itself, and never older than what was told', async () => {
		const name = newName();
		const [first, second] = [new Tab(name), new Tab(name)];
		await sleep(SOON_MS);
		first.shared.tell(newsOf(4));
		second.shared.tell(newsOf(9));
		first.fromServer(newsOf(5));
		first.shared.tell(newsOf(4));
		await sleep(SOON_MS);
		assert.deepEqual([first.heard, second.heard], [[5], [4, 5]]);
		const late = new Tab(name);
		await sleep(SOON_MS);
		assert.deepEqual(late.heard, [5]);
	});

	it('come by another one when the tab that listened is closed', async () => {
		const name = newName();
		const [first, second, third] = [new Tab(name), new Tab(name), new Tab(name)];
		await sleep(SOON_MS);
		first.shared.close();
		await sleep(SOON_MS);
		assert.deepEqual(connected(), [second]);
		second.fromServer(newsOf(5));
		await sleep(SOON_MS);
		assert.deepEqual([first.heard, third.heard], [[], [5]]);
	});

	it('are taken over from a tab that does not answer', async () => {
		const name = newName();
		const stuck = new Tab(name, {
			locks: navigator.locks,
			channel: silent
		});
		await sleep(SOON_MS);
		assert.equal(stuck.isConnected, true);
		const other = new Tab(name);
		await sleep(2_000 + SOON_MS);
		assert.deepEqual(connected(), [other]);
		other.shared.close();
		await sleep(SOON_MS);
		assert.deepEqual(connected(), [stuck], 'it waits for its turn');
	});

	it('stay with a tab that answers, however quiet the server is', async () => {
		const name = newName();
		const first = new Tab(name);
		await sleep(SOON_MS);
		const second = new Tab(name);
		await sleep(2_000 + SOON_MS);
		assert.deepEqual(connected(), [first]);
		assert.equal(second.connections, 0);
	});

	const refused = new DOMException('request() is not allowed', 'SecurityError');
	const without: [string, SharedFeedEnvironment][] = [
		['there are no locks', { locks: undefined, channel: undefined }],
		[
			'the browser gives no locks',
			{ channel: silent, locks: { request: () => Promise.reject(refused) } }
		]
	];
	for (const [what, environment] of without) {
		it(`come to each tab while it is looked at, where ${what}`, async () => {
			const name = newName();
			const tab = new Tab(name, environment);
			const other = new Tab(name, environment);
			await sleep(SOON_MS);
			assert.deepEqual(connected(), [tab, other]);
			tab.shared.rest();
			assert.deepEqual(connected(), [other]);
			tab.shared.open();
			assert.deepEqual(connected(), [tab, other]);
		});
	}

	it('are not given up by a tab that is not looked at, where they are shared', async () => {
		const tab = new Tab(newName());
		await sleep(SOON_MS);
		tab.shared.rest();
		assert.equal(tab.isConnected, true);
	});
});
