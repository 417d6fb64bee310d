import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DomainError } from '#lib/server/errors.ts';
import { developerTokenOf, requireScope, WRITABLE } from './developer-token.ts';

/** What changes something under /api and is for people who sign in: each has a reason. */
const WITHOUT_TOKENS = new Set([
	// makes and ends sign-ins
	'/api/auth/exchange',
	'/api/auth/logout',
	// settings
	'/api/preferences',
	// begins the account
	'/api/artists',
	// of browsers, about themselves
	'/api/client-errors',
	// a question, whose method is only for its length
	'/api/tracks/likes/batch'
]);

const MUTATES = /export const (?:POST|PUT|PATCH|DELETE|fallback)\b/;
const refusal = (method: string, id: string | null, scope: 'read' | 'write') => {
	const request = new Request('https://plyr.example.org/', { method });
	try {
		requireScope({ request, route: { id } } as never, scope);
		return undefined;
	} catch (cause) {
		assert.ok(cause instanceof DomainError);
		return cause.code;
	}
};

describe('a developer token', () => {
	it('has an answer for every route that changes something: for writing, or never', () => {
		const api = path.resolve('src/routes/api');
		const mutating = readdirSync(api, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith('+server.ts'))
			.filter((name) => MUTATES.test(readFileSync(path.join(api, name), 'utf8')))
			.map((name) => `/api/${path.dirname(name)}`);
		// made of a function of their own
		mutating.push('/api/uploads/tus/[...id]');
		assert.deepEqual([...new Set(mutating)].sort(), [...WRITABLE, ...WITHOUT_TOKENS].sort());
	});

	it('for reading changes nothing, and one for writing no settings and no sign-ins', () => {
		assert.equal(refusal('GET', '/api/tracks/me', 'read'), undefined);
		assert.equal(refusal('POST', '/api/tracks/likes/batch', 'read'), undefined);
		assert.equal(refusal('GET', '/(listen)/track/[id]/download', 'read'), undefined);
		assert.equal(refusal('POST', '/api/tracks/[id]/like', 'read'), 'token_is_read_only');
		assert.equal(refusal('POST', '/api/tracks/[id]/like', 'write'), undefined);
		assert.equal(refusal('PATCH', '/api/preferences', 'write'), 'token_not_here');
		assert.equal(refusal('POST', '/api/auth/logout', 'write'), 'token_not_here');
		assert.equal(refusal('DELETE', '/api/something/new', 'write'), 'token_not_here');
		// an address where there is nothing is answered as one
		assert.equal(refusal('GET', null, 'read'), undefined);
	});

	it('is for no page', () => {
		assert.equal(refusal('GET', '/(member)/portal', 'write'), 'token_not_here');
		assert.equal(refusal('POST', '/(member)/settings/[section]', 'write'), 'token_not_here');
	});

	it('is told from the id of a session', () => {
		const of = (authorization: string) =>
			developerTokenOf({ request: new Request('https://x.test', { headers: { authorization } }) });
		assert.equal(of('Bearer plyr_abc'), 'plyr_abc');
		assert.equal(of('bearer  plyr_abc'), 'plyr_abc');
		assert.equal(of(`Bearer ${'a'.repeat(43)}`), undefined);
		assert.equal(of('Basic plyr_abc'), undefined);
	});
});
