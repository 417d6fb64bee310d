import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

const { PlaybackSpeeds } = await import('./playback-speeds.svelte.ts');

const alice = { did: 'did:plc:alice' };
const bob = { did: 'did:plc:bob' };

describe('the speed of an artist', () => {
	const kept = new Map<string, string>();
	const scope = globalThis as { localStorage?: unknown };
	const again = () => {
		const speeds = new PlaybackSpeeds();
		speeds.restore();
		return speeds;
	};

	beforeEach(() => {
		kept.clear();
		Object.defineProperty(scope, 'localStorage', {
			configurable: true,
			value: {
				getItem: (name: string) => kept.get(name) ?? null,
				setItem: (name: string, value: string) => kept.set(name, value)
			}
		});
	});
	afterEach(() => delete scope.localStorage);

	it('is that of all their pieces and of nobody else', () => {
		const speeds = again();
		speeds.set(alice, 1.5);
		assert.deepEqual([speeds.of(alice), speeds.of(bob), speeds.of(undefined)], [1.5, 1, 1]);
	});

	it('is there at the next visit, until it is as it was recorded', () => {
		again().set(alice, 1.5);
		assert.equal(again().of(alice), 1.5);
		again().set(alice, 1);
		assert.equal(again().of(alice), 1);
		assert.equal(kept.get('playback_speeds'), '[]');
	});

	it('is between half and double, also when something else was kept', () => {
		const speeds = again();
		speeds.set(alice, 9);
		assert.equal(speeds.of(alice), 2);
		speeds.set(alice, 0);
		assert.equal(speeds.of(alice), 0.5);
		for (const text of ['{', 'null', '{"a":1}', `[["${alice.did}",40],["${alice.did}"],7,null]`]) {
			kept.set('playback_speeds', text);
			assert.equal(again().of(alice), 1, text);
		}
	});

	it('is forgotten for who was set first when there are too many', () => {
		const speeds = again();
		speeds.set(alice, 1.5);
		for (let index = 0; index < 200; index++) speeds.set({ did: `did:plc:${index}` }, 1.25);
		assert.equal(speeds.of(alice), 1);
		assert.equal(speeds.of({ did: 'did:plc:0' }), 1.25);
	});
});
