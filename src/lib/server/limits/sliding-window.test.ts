import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goOn } from './go-on.ts';
import { waitSeconds } from './sliding-window.ts';

const limit = { most: 60, windowSeconds: 3600 };

describe('how long one waits until there is room', () => {
	it('not at all when there is', () => {
		assert.equal(waitSeconds({ before: 0, present: 59, elapsed: 0.5 }, limit, 1), 0);
		assert.equal(waitSeconds({ before: 60, present: 0, elapsed: 0.5 }, limit, 1), 0);
	});

	it('until the window before has faded far enough', () => {
		// 60 * (1 - elapsed) + 30 + 1 <= 60 from elapsed = 31/60 on
		const seconds = waitSeconds({ before: 60, present: 30, elapsed: 0.5 }, limit, 1);
		assert.ok(Math.abs(seconds - 60) < 0.001, String(seconds));
	});

	it('into the next window when the present one is full', () => {
		// half an hour to its end, then until 1/60 of it has faded
		const seconds = waitSeconds({ before: 0, present: 60, elapsed: 0.5 }, limit, 1);
		assert.ok(Math.abs(seconds - 1860) < 0.001, String(seconds));
	});

	it('until nothing is left when all of the limit is wanted', () => {
		const seconds = waitSeconds({ before: 0, present: 1, elapsed: 0.5 }, limit, 500);
		assert.ok(Math.abs(seconds - 5400) < 0.001, String(seconds));
	});
});

describe('when to go on', () => {
	const now = new Date('2026-01-02T14:20:10Z');
	const cases: [number, string][] = [
		[0, 'go on in 1 second'],
		[40.2, 'go on in 41 seconds'],
		[700, 'go on in 12 minutes, at 14:31 utc'],
		[3600, 'go on in 60 minutes, at 15:20 utc'],
		[4 * 3600 + 1, 'go on in 5 hours, at 18:20 utc']
	];
	for (const [seconds, sentence] of cases) {
		it(sentence, () => assert.equal(goOn(seconds, now), sentence));
	}
});
