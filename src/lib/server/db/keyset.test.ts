import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError } from '#lib/server/errors.ts';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { KeysetPage } from './keyset.ts';

const refusedField = (query: string) => {
	try {
		KeysetPage.parse(pageRequest(new URLSearchParams(query)));
	} catch (cause) {
		assert.ok(cause instanceof DomainError && cause.status === 422);
		return (cause.detail as { field: string }).field;
	}
	return null;
};

describe('one page of a list', () => {
	it('has fifty rows when nobody says', () => {
		assert.equal(KeysetPage.parse({}).limit, 50);
	});

	it('has as many rows as somebody wants, from one to a hundred', () => {
		for (const limit of [1, 99, 100]) assert.equal(KeysetPage.parse({ limit }).limit, limit);
	});

	it('names the parameter that does not fit', () => {
		for (const limit of ['0', '101', '-1', '1.5', 'x', '1e2']) {
			assert.equal(refusedField(`limit=${limit}`), 'limit', limit);
		}
		for (const cursor of ['1', '.', "'; drop table tracks", '1.1.1']) {
			assert.equal(refusedField(`cursor=${encodeURIComponent(cursor)}`), 'cursor', cursor);
		}
		assert.equal(refusedField('limit=&cursor='), null, 'what is empty is not there');
	});

	it('says where the next one begins, until the end', () => {
		const position = { createdAt: new Date('2026-11-22T18:00:00.123Z'), id: 9007199254740991 };
		const page = new KeysetPage(2);
		const { items, nextCursor } = page.split(['a', 'b', 'one too many'], () => position);
		assert.deepEqual(items, ['a', 'b']);
		const next = KeysetPage.parse({ cursor: nextCursor ?? '' });
		assert.deepEqual(next.after, position);
		assert.deepEqual(
			page.split(['a', 'b'], () => position),
			{ items: ['a', 'b'], nextCursor: null }
		);
		assert.deepEqual(
			page.split([], () => position),
			{ items: [], nextCursor: null }
		);
	});
});
