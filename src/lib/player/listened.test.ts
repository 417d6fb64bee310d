import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Listened } from './listened.ts';

const MINUTES_3 = 180;

describe('what was listened to', () => {
	let listened: Listened;
	let position: number;
	let nowMs: number;
	let said: number[];

	const begin = (durationSeconds: number) => {
		listened = new Listened(durationSeconds);
		position = 0;
		nowMs = 1_000_000;
		said = [];
		feed(false);
	};
	beforeEach(() => begin(MINUTES_3));

	function feed(isPlaying = true, rate?: number) {
		const sample = { positionSeconds: position, isPlaying, nowMs };
		const seconds = listened.feed(rate === undefined ? sample : { ...sample, rate });
		if (seconds !== null) said.push(seconds);
	}

	/** Plays on, looked at every `everySeconds`. */
	function play(seconds: number, { rate = 1, everySeconds = 0.25 } = {}) {
		feed(true, rate);
		for (let passed = 0; passed < seconds; passed += everySeconds) {
			nowMs += everySeconds * 1000;
			position += everySeconds * rate;
			feed(true, rate);
		}
	}

	function seek(to: number) {
		position = to;
		feed();
	}

	it('is enough after 30 seconds of a longer track, and said once', () => {
		play(29.75);
		assert.deepEqual(said, []);
		play(0.25);
		assert.deepEqual(said, [30]);
		play(100);
		assert.deepEqual(said, [30]);
	});

	it('is enough after half of a shorter track', () => {
		begin(20);
		play(9.75);
		assert.deepEqual(said, []);
		play(0.25);
		assert.deepEqual(said, [10]);
	});

	it('takes 30 seconds where nobody knows the length', () => {
		for (const unknown of [0, NaN, Infinity, -1]) {
			begin(unknown);
			play(29.75);
			assert.deepEqual(said, []);
			play(0.5);
			assert.equal(said.length, 1);
		}
	});

	it('is never said to be less than enough: the server would refuse it', () => {
		for (const length of [3.333, 7.1, 59.9, 61]) {
			begin(length);
			play(31, { everySeconds: 0.1 });
			assert.ok((said[0] ?? 0) >= Math.min(30, length / 2), `${length}: ${said[0]}`);
		}
	});

	it('does not contain what was jumped over', () => {
		play(5);
		seek(60);
		seek(120);
		seek(175);
		play(2);
		assert.ok(Math.abs(listened.seconds - 7) < 0.01, String(listened.seconds));
		assert.deepEqual(said, []);
	});

	it('does not contain jumps to and fro, however many', () => {
		play(1);
		for (let n = 0; n < 1000; n++) {
			nowMs += 10;
			seek(n % 2 === 0 ? 100 : 5);
		}
		// the ten seconds it took are all there was time for
		assert.ok(listened.seconds <= 11.01, String(listened.seconds));
	});

	it('does not contain pauses and stalls', () => {
		play(10);
		feed(false);
		nowMs += 3_600_000;
		feed(false);
		seek(10);
		play(10);
		assert.ok(Math.abs(listened.seconds - 20) < 0.01, String(listened.seconds));
	});

	it('does not contain what a player jumped to while it was paused', () => {
		play(10);
		feed(false);
		nowMs += 60_000;
		position = 70;
		feed(false);
		feed();
		assert.ok(Math.abs(listened.seconds - 10) < 0.01, String(listened.seconds));
	});

	it('goes on in a tab that is looked at once a minute', () => {
		begin(3600);
		play(300, { everySeconds: 60 });
		assert.deepEqual(said, [60]);
	});

	it('does not contain a jump of a clock, a tab that slept, or both with a jump', () => {
		play(10);
		nowMs += 3_600_000;
		feed();
		position += 0.2;
		nowMs += 3_600_000;
		feed();
		position += 100;
		nowMs += 3_600_000;
		feed();
		nowMs -= 9_000_000;
		position += 20;
		feed();
		assert.ok(listened.seconds < 10.5, String(listened.seconds));
	});

	it('counts the seconds of the audio at another speed', () => {
		play(19.75, { rate: 1.5 });
		assert.deepEqual(said, []);
		play(0.5, { rate: 1.5 });
		assert.equal(said.length, 1);
		begin(MINUTES_3);
		play(45, { rate: 0.5 });
		assert.deepEqual(said, []);
	});

	it('begins anew when the track is started again from its beginning, and only then', () => {
		play(40);
		seek(20);
		play(60);
		assert.equal(said.length, 1);
		seek(0.1);
		play(29.5);
		assert.equal(said.length, 1);
		play(0.75);
		assert.equal(said.length, 2);
	});

	it('adds up what was listened to before the track was begun again without being enough', () => {
		play(20);
		seek(0);
		play(10.25);
		assert.equal(said.length, 1);
	});

	it('takes no harm from what is no number', () => {
		play(10);
		listened.feed({ positionSeconds: NaN, isPlaying: true, nowMs });
		listened.feed({ positionSeconds: 10, isPlaying: true, nowMs: NaN });
		feed();
		assert.ok(Math.abs(listened.seconds - 10) < 0.01, String(listened.seconds));
	});
});
