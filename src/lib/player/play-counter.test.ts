import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PlayCounter } from './play-counter.ts';
import { LastListen } from './report-play.ts';

/** The player plays a track from one position on, looked at several times a second. */
function hear(counter: PlayCounter, trackId: number, fromSeconds: number, toSeconds: number) {
	for (let at = fromSeconds; at <= toSeconds; at += 0.25) {
		clock.nowMs += 250;
		const track = { id: trackId, durationMs: 180_000 };
		counter.look({ track, positionSeconds: at, status: 'playing', speed: 1 });
	}
}

const clock = { nowMs: 0 };

it('tells with each play how long the one before was in the end', (context) => {
	context.mock.method(performance, 'now', () => clock.nowMs);
	const told: (number | undefined)[][] = [];
	const last = new LastListen();
	const counter = new PlayCounter((id, seconds, listen) =>
		told.push([id, seconds, last.replace(listen)])
	);
	hear(counter, 1, 0, 120);
	// too little to count, so it is none of those whose mean is wished for
	hear(counter, 2, 0, 10);
	hear(counter, 3, 0, 40);
	// once more from its beginning
	hear(counter, 3, 0, 35);
	hear(counter, 4, 0, 31);
	assert.deepEqual(told, [
		[1, 30, undefined],
		[3, 30, 120],
		[3, 30, undefined],
		[4, 30, 35]
	]);
});
