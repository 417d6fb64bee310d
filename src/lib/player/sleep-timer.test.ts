import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { SleepTimer as SleepTimerClass } from './sleep-timer.svelte.ts';

const { SleepTimer } = await import('./sleep-timer.svelte.ts');
const MINUTE_MS = 60_000;

describe('the sleep timer', () => {
	let nowMs: number;
	let pauses: number;
	let timer: SleepTimerClass;
	const player = { isWanted: true, pause: () => (pauses += 1) };

	beforeEach(() => {
		nowMs = 1_000_000;
		pauses = 0;
		player.isWanted = true;
		timer = new SleepTimer(player, () => nowMs);
	});

	const pass = (ms: number) => {
		nowMs += ms;
		timer.look();
	};

	it('pauses once when its time has come, and is off then', () => {
		timer.set(15);
		assert.equal(timer.leftMs, 15 * MINUTE_MS);
		pass(15 * MINUTE_MS - 1);
		assert.deepEqual([pauses, timer.leftMs], [0, 1]);
		pass(1);
		assert.deepEqual([pauses, timer.choice, timer.leftMs], [1, null, null]);
		pass(15 * MINUTE_MS);
		assert.equal(pauses, 1);
	});

	it('pauses when it is asked next, however long the device slept', () => {
		timer.set(30);
		pass(8 * 60 * MINUTE_MS);
		assert.equal(pauses, 1);
	});

	it('does not pause who was paused already, and begins again the next morning', () => {
		timer.set(30);
		player.isWanted = false;
		pass(MINUTE_MS);
		player.isWanted = true;
		pass(8 * 60 * MINUTE_MS);
		assert.deepEqual([pauses, timer.choice], [0, null]);
	});

	it('begins anew when it is set again, and does nothing when it is turned off', () => {
		timer.set(15);
		pass(14 * MINUTE_MS);
		timer.set(30);
		pass(29 * MINUTE_MS);
		assert.equal(pauses, 0);
		timer.set(null);
		pass(60 * MINUTE_MS);
		assert.equal(pauses, 0);
	});

	it('waits for the end of the track when it is told so, and only once', () => {
		assert.equal(timer.endTrack(), false);
		timer.set('end of track');
		pass(600 * MINUTE_MS);
		assert.deepEqual([pauses, timer.leftMs], [0, null]);
		assert.equal(timer.endTrack(), true);
		assert.equal(timer.choice, null);
		assert.equal(timer.endTrack(), false);
	});

	it('is not ended by the end of a track when it has a time', () => {
		timer.set(15);
		assert.equal(timer.endTrack(), false);
		assert.equal(timer.choice, 15);
	});
});
