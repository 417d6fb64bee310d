import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteSize, clockTime, day, machineLength, timeLeft, trackLength } from './format.ts';

describe('times and sizes as people read them', () => {
	it('shows minutes and seconds, and hours only when there are any', () => {
		assert.equal(clockTime(0), '0:00');
		assert.equal(clockTime(83.9), '1:23');
		assert.equal(clockTime(600), '10:00');
		assert.equal(clockTime(3723), '1:02:03');
	});

	it('shows an unknown or impossible time as the beginning', () => {
		assert.equal(clockTime(NaN), '0:00');
		assert.equal(clockTime(Infinity), '0:00');
		assert.equal(clockTime(-4), '0:00');
	});

	it('says of the length of a track what the player says at its end', () => {
		for (const ms of [59_400, 59_600, 60_000]) assert.equal(trackLength(ms), clockTime(ms / 1000));
		assert.equal(trackLength(59_600), '0:59');
		assert.equal(machineLength(83_700), 'PT83S');
	});

	it('never shows a thousand of one unit where one of the next would do', () => {
		assert.equal(byteSize(512), '512 bytes');
		assert.equal(byteSize(999_600), '1.0 MB');
		assert.equal(byteSize(4_210_000), '4.2 MB');
		assert.equal(byteSize(99_960_000), '100 MB');
		assert.equal(byteSize(1_536_000_000), '1.5 GB');
	});

	it('speaks of a wait only as exactly as it is known', () => {
		assert.equal(timeLeft(2), 'a few seconds');
		assert.equal(timeLeft(31), 'about 35 seconds');
		assert.equal(timeLeft(70), 'about a minute');
		assert.equal(timeLeft(185), 'about 3 minutes');
		assert.equal(timeLeft(3700), 'about an hour');
		assert.equal(timeLeft(7300), 'about 2 hours');
	});

	it('names the same day wherever it is read', () => {
		assert.equal(day('2025-11-19T23:59:00.000Z'), 'nov 19, 2025');
	});
});
