import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '#lib/server/log.ts';
import type { Hub } from './hub.ts';
import { eventStream, type ServerSentEvent } from './sse.ts';

/** A hub of this process, without a database behind it. */
function localHub() {
	const listeners = new Set<() => void>();
	const closers = new Set<() => void>();
	const hub: Hub = {
		subscribe(_match, listener) {
			const call = () => listener({ topic: 'upload', id: 'one', did: 'did:plc:a' });
			listeners.add(call);
			return () => listeners.delete(call);
		},
		onClose(action) {
			closers.add(action);
			return () => closers.delete(action);
		},
		closeStreams: () => [...closers].forEach((close) => close()),
		close: () => Promise.resolve()
	};
	const tell = () => [...listeners].forEach((listener) => listener());
	return { hub, tell, listeners, closers };
}

const timing = { keepAliveMs: 60, lookAgainMs: 10_000, settleMs: 0, retryMs: 500 };
const found = (events: ServerSentEvent[], isEnd = false) => Promise.resolve({ events, isEnd });
const event = (id: number): ServerSentEvent => ({ id: String(id), content: { id } });

function stream(look: () => Promise<{ events: ServerSentEvent[]; isEnd: boolean }>, change = {}) {
	const { hub, tell, listeners, closers } = localHub();
	const lines: string[] = [];
	const log = createLogger('warn', (line) => lines.push(line));
	const response = eventStream({
		hub,
		log,
		match: { id: 'one' },
		look,
		timing: { ...timing, ...change }
	});
	const reader = response.body?.getReader();
	assert.ok(reader);
	const next = async () => {
		const { done, value } = await reader.read();
		return done ? null : new TextDecoder().decode(value);
	};
	return { reader, next, hub, tell, listeners, closers, lines };
}

describe('a stream of events', () => {
	it('says how soon to come back, then what is new', async () => {
		let id = 0;
		const { next, tell } = stream(() => found([event(++id)]));
		assert.equal(await next(), 'retry: 500\n\n');
		assert.equal(await next(), 'id: 1\ndata: {"id":1}\n\n');
		tell();
		assert.equal(await next(), 'id: 2\ndata: {"id":2}\n\n');
	});

	it('breaks a silence with a comment', async () => {
		const { next } = stream(() => found([]));
		await next();
		assert.equal(await next(), ': still here\n\n');
		assert.equal(await next(), ': still here\n\n');
	});

	it('looks again by itself, because news can be lost', async () => {
		let isNew = false;
		const look = () => found(isNew ? [event(1)] : []);
		const { next } = stream(look, { lookAgainMs: 50, keepAliveMs: 5_000 });
		await next();
		setTimeout(() => (isNew = true), 20);
		assert.equal(await next(), 'id: 1\ndata: {"id":1}\n\n');
	});

	it('keeps nothing for a slow listener, who skips to the present', async () => {
		let version = 0;
		let looks = 0;
		let sent = 0;
		const { next, tell } = stream(() => {
			looks++;
			const isNew = version > sent;
			sent = version;
			return found(isNew ? [event(version)] : []);
		});
		await next();
		for (let i = 0; i < 1000; i++) {
			version++;
			tell();
		}
		await sleep(30);
		assert.equal(looks, 0);
		assert.equal(await next(), 'id: 1000\ndata: {"id":1000}\n\n');
		assert.equal(looks, 1);
	});

	it('ends after its last event, and stops listening', async () => {
		const { next, listeners, closers } = stream(() => found([event(1)], true));
		await next();
		assert.equal(await next(), 'id: 1\ndata: {"id":1}\n\n');
		assert.equal(await next(), null);
		assert.equal(listeners.size + closers.size, 0);
	});

	it('ends when the process stops, also while it waits', async () => {
		const { next, hub, listeners, closers } = stream(() => found([]), {
			keepAliveMs: 60_000
		});
		await next();
		setTimeout(() => hub.closeStreams(), 20);
		assert.equal(await next(), null);
		assert.equal(listeners.size + closers.size, 0);
	});

	it('stops listening when the listener leaves', async () => {
		const { reader, next, listeners, closers } = stream(() => found([]));
		await next();
		const waiting = reader.read();
		await reader.cancel();
		assert.equal((await waiting).done, true);
		assert.equal(listeners.size + closers.size, 0);
	});

	it('ends and says so in the log when what is new cannot be found out', async () => {
		const { next, lines } = stream(() => Promise.reject(new Error('no database')));
		await next();
		assert.equal(await next(), null);
		assert.match(lines.join(''), /event_stream_failed.*no database/);
	});
});
