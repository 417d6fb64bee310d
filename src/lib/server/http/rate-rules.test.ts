import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rateRuleOf, ruledRoutes } from './rate-rules.ts';

const ROUTES = path.resolve('src/routes');
const MUTATES =
	/export const (?:(?:POST|PUT|PATCH|DELETE|fallback)\b|actions\b)|\bas (?:POST|PUT|PATCH|DELETE)\b/;

describe('the limits of routes', () => {
	it('cover every route that changes something', () => {
		const files = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' });
		const mutating = files
			.filter((name) => /\+(?:page\.)?server\.ts$/.test(name))
			.filter((name) => MUTATES.test(readFileSync(path.join(ROUTES, name), 'utf8')))
			.map((name) => `/${path.dirname(name)}`);
		assert.ok(mutating.length > 10, 'no mutating route was found at all');
		for (const route of mutating) {
			for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
				assert.ok(rateRuleOf(method, route), `${method} ${route}`);
			}
		}
	});

	it('are checked for every request, when it is known who asks', () => {
		const hooks = readFileSync('src/hooks.server.ts', 'utf8');
		assert.match(hooks, /sequence\([\s\S]*\bsession,[\s\S]*\brateLimit\b/);
		assert.ok(hooks.split('\n').length <= 41);
	});

	it('name routes that exist', () => {
		for (const route of ruledRoutes) {
			assert.ok(existsSync(path.join(ROUTES, route)), route);
		}
	});

	it('cover what is searched while somebody types', () => {
		assert.equal(rateRuleOf('GET', '/api/search/handles')?.limit, 'search');
		assert.equal(rateRuleOf('GET', '/api/tags')?.limit, 'search');
	});

	it('leave reading and listening alone', () => {
		for (const route of ['/(listen)', '/audio/[file_id]', '/api/tracks', '/api/uploads/events']) {
			assert.equal(rateRuleOf('GET', route), undefined);
			assert.equal(rateRuleOf('HEAD', route), undefined);
		}
		assert.equal(rateRuleOf('HEAD', '/api/uploads/tus/[...id]'), undefined);
	});
});
