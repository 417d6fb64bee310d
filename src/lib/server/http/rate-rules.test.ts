import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rateRuleOf, ruledRoutes } from './rate-rules.ts';

const ROUTES = path.resolve('src/routes');
const MUTATES =
	/export const (?:(?:POST|PUT|PATCH|DELETE|fallback)\b|actions\b)|\bas (?:POST|PUT|PATCH|DELETE)\b/;

/** Every method of every route, as `GET /api/tags`; a page is read, and its actions are sent. */
function everyMethod(): { method: string; id: string }[] {
	const files = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' });
	const all = files.flatMap((name) => {
		const id = `/${path.dirname(name).replace(/^\.$/, '')}`;
		if (name.endsWith('+page.svelte')) return [{ method: 'GET', id }];
		if (!/\+(?:page\.)?server\.ts$/.test(name)) return [];
		const source = readFileSync(path.join(ROUTES, name), 'utf8');
		const methods = [
			...source.matchAll(
				/export const (GET|POST|PUT|PATCH|DELETE)\b|\bas (GET|POST|PUT|PATCH|DELETE)\b|export \{ (GET), OPTIONS \}/g
			)
		].map(([, one, two, three]) => one ?? two ?? three ?? '');
		if (/export const actions\b/.test(source)) methods.push('POST');
		return [...new Set(methods)].map((method) => ({ method, id }));
	});
	return all.toSorted((a, b) => (a.id + a.method < b.id + b.method ? -1 : 1));
}

/** A route as it is written down: without the groups, which are in no address. */
const written = ({ method, id }: { method: string; id: string }) =>
	`${method} ${id.replaceAll(/\/\([a-z]+\)/g, '').replace('[x+2e]', '.') || '/'}`;

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

	it('are written down: each route has one, or a reason why it has none', () => {
		const docs = readFileSync('docs/limits.md', 'utf8');
		const rows = new Map(
			[...docs.matchAll(/^\| `([A-Z]+ \/\S*)` +\| (.+?) +\|$/gm)].map(([, route, limit]) => [
				route ?? '',
				limit ?? ''
			])
		);
		const routes = everyMethod();
		assert.ok(routes.length > 120, String(routes.length));
		const faults = routes.flatMap((route) => {
			const rule = rateRuleOf(route.method, route.id);
			const row = rows.get(written(route));
			rows.delete(written(route));
			const wanted = rule ? new RegExp(`^${rule.limit}$`) : /^none: [a-z, ]{10,}/;
			if (row !== undefined && wanted.test(row)) return [];
			return [`| \`${written(route)}\` | ${rule?.limit ?? 'none: …'} |, not ${row}`];
		});
		assert.deepEqual([...faults, ...rows.keys()], []);
	});

	it('hold for who asks for the head alone', () => {
		for (const route of ['/auth/callback', '/og/track/[id].jpg', '/(listen)/track/[id]/download']) {
			assert.ok(rateRuleOf('HEAD', route), route);
		}
	});

	it('are checked for every request, when it is known who asks', () => {
		const hooks = readFileSync('src/hooks.server.ts', 'utf8');
		assert.match(hooks, /inTurn\([\s\S]*\bsession,[\s\S]*\brateLimit\b/);
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
		for (const route of ['/(listen)', '/audio/[file_id]', '/api/tracks', '/images/[image_id]']) {
			assert.equal(rateRuleOf('GET', route), undefined);
			assert.equal(rateRuleOf('HEAD', route), undefined);
		}
		assert.equal(rateRuleOf('HEAD', '/api/uploads/tus/[...id]'), undefined);
	});
});
