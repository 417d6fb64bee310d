import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useMemoryStorage } from '../../../tests/memory-storage.ts';
import { readStored, store, storedNames } from '#lib/safe-storage.ts';
import { addToEnd } from './change-queue.ts';
import { keptQueue } from './kept-queue.ts';
import { emptyQueue } from './queue-state.ts';
import type { KeptQueue } from './queue-sync.ts';
import { UnsentStore } from './unsent-store.ts';

const DID = 'did:web:alice.test';
const clock = { now: () => 1, newId: () => crypto.randomUUID(), random: Math.random };

function unsent(revision: number, trackId: number): KeptQueue {
	const base = { state: emptyQueue(), revision, recentPushes: ['a push'] };
	const state = addToEnd(base.state, [trackId], clock);
	return { base, state, unanswered: { id: 'a-push', state, revision, isLast: false } };
}

describe('what could not be sent of a queue', () => {
	beforeEach(useMemoryStorage);

	it('is there for the next page, that of every tab', () => {
		const tabs = [new UnsentStore(DID, 'one'), new UnsentStore(DID, 'two')];
		tabs[0]?.keep(unsent(3, 1));
		tabs[1]?.keep(unsent(7, 2));
		const found = new UnsentStore(DID, 'three').read();
		assert.deepEqual(
			found.map(({ base, state }) => [base.revision, state?.items[0]?.trackId]),
			[
				[7, 2],
				[3, 1]
			]
		);
		assert.equal(found[0]?.unanswered?.id, 'a-push');
	});

	it('is not taken away by a tab that has nothing to keep', () => {
		const idle = new UnsentStore(DID, 'idle');
		new UnsentStore(DID, 'busy').keep(unsent(3, 1));
		idle.forget();
		assert.equal(new UnsentStore(DID, 'next').read().length, 1);
	});

	it('is not taken away when its page left more since it was found', () => {
		const lives = new UnsentStore(DID, 'lives');
		lives.keep(unsent(3, 1));
		const next = new UnsentStore(DID, 'next');
		lives.keep(unsent(3, 2));
		next.forget();
		assert.equal(new UnsentStore(DID, 'later').read()[0]?.state?.items[0]?.trackId, 2);
	});

	it('stays until it is sent, though the page that found it dies', () => {
		new UnsentStore(DID, 'one').keep(unsent(3, 1));
		new UnsentStore(DID, 'dies').read();
		const next = new UnsentStore(DID, 'next');
		assert.equal(next.read().length, 1);
		next.forget();
		assert.deepEqual(storedNames('queue_unsent'), []);
	});

	it('says when there is no room, and leaves what earlier pages left', () => {
		new UnsentStore(DID, 'one').keep(unsent(3, 1));
		const next = new UnsentStore(DID, 'two');
		Object.preventExtensions(localStorage);
		assert.equal(next.keep(unsent(3, 2)), false);
		assert.equal(new UnsentStore(DID, 'three').read()[0]?.state?.items[0]?.trackId, 1);
	});

	it('is nobody else’s', () => {
		new UnsentStore(`${DID}:child`, 'one').keep(unsent(3, 1));
		assert.deepEqual(new UnsentStore(DID, 'two').read(), []);
	});

	const good = JSON.stringify({
		...{ base: { state: { items: [] }, revision: 1, recent_pushes: [] } },
		...{ state: null, unanswered: null }
	});
	const bad = ['', 'null', '[]', '{}', '"x"', '{', '{"base":{"revision":1}}', good];
	for (const stored of bad) {
		it(`is passed over when it cannot be understood: ${stored.slice(0, 30) || 'nothing'}`, () => {
			store(`queue_unsent:${DID}#old`, stored);
			assert.deepEqual(new UnsentStore(DID, 'new').read(), []);
			store('queue', stored);
			assert.equal(keptQueue(), null);
			assert.equal(readStored('queue'), stored);
		});
	}
});
