import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReplicaLag } from './replica-lag.ts';

describe('how far a replica is behind', () => {
	it('is not known before it has been where the primary was', () => {
		const lag = new ReplicaLag();
		assert.equal(lag.behindMs(0, 0), Infinity);
		lag.sawPrimary(100, 1_000);
		assert.equal(lag.behindMs(99, 1_001), Infinity);
		assert.equal(lag.behindMs(100, 2_000), 0);
	});

	it('is the time since the primary did what it has not done', () => {
		const lag = new ReplicaLag();
		lag.sawPrimary(100, 1_000);
		assert.equal(lag.behindMs(100, 1_000), 0);
		lag.sawPrimary(200, 2_000);
		lag.sawPrimary(300, 3_000);
		assert.equal(lag.behindMs(100, 3_500), 1_500);
		assert.equal(lag.behindMs(250, 3_500), 500);
		assert.equal(lag.behindMs(300, 9_000), 0);
	});

	it('is nothing while the primary rests', () => {
		const lag = new ReplicaLag();
		for (let at = 0; at < 60_000; at += 1_000) lag.sawPrimary(100, at);
		assert.equal(lag.behindMs(100, 60_000), 0);
	});

	it('may be all of the time in which nothing was heard of the primary', () => {
		const lag = new ReplicaLag();
		lag.sawPrimary(100, 1_000);
		assert.equal(lag.behindMs(100, 1_000), 0);
		lag.missedPrimary();
		assert.equal(lag.heardAtMs, 1_000);
		lag.sawPrimary(200, 61_000);
		assert.equal(lag.heardAtMs, 61_000);
		assert.equal(lag.behindMs(100, 61_500), 60_500);
		assert.equal(lag.behindMs(200, 61_500), 0);
		lag.sawPrimary(300, 62_000);
		assert.equal(lag.behindMs(250, 62_500), 500);
	});

	it('is not known either of a primary that was silent from the beginning', () => {
		const lag = new ReplicaLag();
		lag.missedPrimary();
		lag.sawPrimary(100, 5_000);
		assert.equal(lag.behindMs(99, 5_000), Infinity);
		assert.equal(lag.behindMs(100, 5_000), 0);
		lag.sawPrimary(200, 6_000);
		assert.equal(lag.behindMs(100, 6_500), 500);
	});

	it('goes on growing when a replica stands still for longer than is remembered', () => {
		const lag = new ReplicaLag();
		lag.sawPrimary(0, 0);
		assert.equal(lag.behindMs(0, 0), 0);
		for (let i = 1; i <= 5_000; i++) lag.sawPrimary(i, i * 1_000);
		assert.ok(lag.behindMs(0, 5_000_000) > 500_000);
	});
});
