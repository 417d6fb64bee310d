import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TransferRate } from './transfer-rate.ts';

describe('the time a transfer still takes', () => {
	it('is not guessed from the first moment', () => {
		const rate = new TransferRate();
		rate.note(0, 0);
		rate.note(100_000, 500);
		assert.equal(rate.secondsLeft(1_000_000), null);
	});

	it('follows a steady speed', () => {
		const rate = new TransferRate();
		for (let second = 0; second <= 5; second += 1) rate.note(second * 1_000_000, second * 1000);
		assert.equal(Math.round(rate.secondsLeft(15_000_000) ?? 0), 10);
	});

	it('comes round to a new speed within some seconds', () => {
		const rate = new TransferRate();
		for (let second = 0; second <= 5; second += 1) rate.note(second * 1_000_000, second * 1000);
		for (let second = 6; second <= 26; second += 1) {
			rate.note(5_000_000 + (second - 5) * 100_000, second * 1000);
		}
		const left = rate.secondsLeft(8_100_000) ?? 0;
		assert.ok(left > 7 && left < 11, `${left} s`);
	});

	it('is unknown while nothing moves and when a resumed transfer begins lower', () => {
		const rate = new TransferRate();
		rate.note(0, 0);
		rate.note(0, 3000);
		assert.equal(rate.secondsLeft(1000), null);
		rate.note(5000, 4000);
		rate.note(4000, 5000);
		assert.equal(rate.secondsLeft(10_000), null);
	});
});
