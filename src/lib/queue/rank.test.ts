import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RANK_PATTERN, rankBetween, ranksBetween } from './rank.ts';

function assertBetween(after: string | null, rank: string, before: string | null): void {
	assert.match(rank, RANK_PATTERN);
	if (after !== null) assert.ok(after < rank, `${after} < ${rank}`);
	if (before !== null) assert.ok(rank < before, `${rank} < ${before}`);
}

describe('a rank', () => {
	it('is found between any two others, also when they are neighbours', () => {
		const ranks: string[] = [rankBetween(null, null)];
		let seed = 7;
		for (let i = 0; i < 3_000; i++) {
			seed = (seed * 48_271) % 2_147_483_647;
			const index = seed % (ranks.length + 1);
			const after = ranks[index - 1] ?? null;
			const before = ranks[index] ?? null;
			const rank = rankBetween(after, before);
			assertBetween(after, rank, before);
			ranks.splice(index, 0, rank);
		}
		assert.ok(Math.max(...ranks.map(({ length }) => length)) < 16);
	});

	it('stays short at the end, however much is added there', () => {
		let last = rankBetween(null, null);
		for (let i = 0; i < 20_000; i++) {
			const next = rankBetween(last, null);
			assertBetween(last, next, null);
			last = next;
		}
		assert.equal(last.length, 5);
	});

	it('is found before the first one again and again', () => {
		let first = rankBetween(null, null);
		for (let i = 0; i < 500; i++) {
			const rank = rankBetween(null, first);
			assertBetween(null, rank, first);
			first = rank;
		}
	});

	it('is found for many at once, in their order', () => {
		for (const before of ['V0001', null]) {
			const ranks = ranksBetween('V', before, 1_000);
			assert.equal(ranks.length, 1_000);
			for (const [i, rank] of ranks.entries()) {
				assertBetween(ranks[i - 1] ?? 'V', rank, before);
			}
		}
	});

	it('is found behind the last one the counter has', () => {
		assertBetween('zzzzV', rankBetween('zzzzV', null), null);
	});
});
