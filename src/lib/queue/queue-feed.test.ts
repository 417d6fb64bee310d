import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelTime } from '../../../tests/queue/model-time.ts';
import { type FeedNews, QueueFeed } from './queue-feed.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** A stream as the browser shows it; a test says what becomes of it. */
class Stream extends EventTarget {
	readyState = CONNECTING;
	become(readyState: number): void {
		this.readyState = readyState;
		this.dispatchEvent(new Event(readyState === OPEN ? 'open' : 'error'));
	}
	say(revision: number): void {
		const data = JSON.stringify({ state: {}, revision, recent_pushes: [], now: 0 });
		this.dispatchEvent(new MessageEvent('message', { data }));
	}
	close(): void {
		this.readyState = CLOSED;
	}
}

function feedOn(status: () => number) {
	const time = new ModelTime(1);
	const streams: Stream[] = [];
	const openedAt: number[] = [];
	const heard: FeedNews[] = [];
	const begin = time.now;
	const feed = new QueueFeed((news) => heard.push(news), {
		connect() {
			const stream = new Stream();
			streams.push(stream);
			openedAt.push((time.now - begin) / 1_000);
			return stream;
		},
		isSignedIn: () =>
			status() === 0 ? Promise.reject(new TypeError('no line')) : Promise.resolve(status() !== 401),
		later: time.later
	});
	feed.open();
	return { time, streams, openedAt, heard, feed };
}

describe('the news of the queue', () => {
	it('are listened to again when the browser has given up on them, less and less often', async () => {
		const { time, streams, openedAt } = feedOn(() => 502);
		for (let i = 0; i < 8; i++) {
			streams.at(-1)?.become(CLOSED);
			await time.pass(61_000);
		}
		const waits = openedAt.slice(1).map((at, i) => at - 61 * i);
		assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
		streams.at(-1)?.become(OPEN);
		streams.at(-1)?.become(CLOSED);
		const count = streams.length;
		await time.pass(2_000);
		assert.equal(streams.length, count + 1, 'it was there: soon again');
	});

	it('are listened to again when the line is back', async () => {
		let status = 0;
		const { time, streams } = feedOn(() => status);
		streams[0]?.become(CLOSED);
		await time.pass(200_000);
		assert.equal(streams.length, 1);
		status = 200;
		await time.pass(60_000);
		assert.equal(streams.length, 2);
	});

	it('are left to the browser while that tries by itself', async () => {
		const { time, streams, feed } = feedOn(() => 200);
		streams[0]?.become(CONNECTING);
		await time.pass(200_000);
		feed.open();
		assert.equal(streams.length, 1);
	});

	it('are not asked for any more when nobody is signed in, nor when they were closed', async () => {
		const signedOut = feedOn(() => 401);
		signedOut.streams[0]?.become(CLOSED);
		await signedOut.time.pass(600_000);
		assert.equal(signedOut.streams.length, 1);
		assert.deepEqual(signedOut.heard, [{ kind: 'signed_out' }], 'the page is told, once');
		const left = feedOn(() => 200);
		left.streams[0]?.become(CLOSED);
		left.feed.close();
		await left.time.pass(600_000);
		assert.equal(left.streams.length, 1);
		left.feed.open();
		assert.equal(left.streams.length, 2);
	});

	it('that go back are of a server that was put back', () => {
		const { streams, heard } = feedOn(() => 200);
		for (const revision of [3, 4, 2, 3]) streams[0]?.say(revision);
		const putBack = heard.map((news) => news.kind === 'queue' && news.isPutBack);
		assert.deepEqual(putBack, [false, false, true, false]);
	});
});
