import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';

/** What changes something for anybody: each has a reason. */
const PUBLIC = new Set([
	// signing in and out
	'login/+page.server.ts',
	'auth/logout/+server.ts',
	'api/auth/exchange/+server.ts',
	// whoever sees something that should not be here may say so
	'(listen)/report/+page.server.ts',
	// most listeners are not signed in; what they choose is kept in their browser
	'(listen)/settings/+page.server.ts',
	'api/tracks/[id]/play/+server.ts',
	// a browser tells what went wrong in it, whoever looks
	'api/client-errors/+server.ts',
	// who is not signed in is sent to sign in, and what they wished is remembered
	'(listen)/track/[id]/like/+page.server.ts'
]);

const MUTATES = /export const (?:(?:POST|PUT|PATCH|DELETE|fallback)\b|actions\b)/;
const GUARDED = /\brequire(?:Session|Artist|ArtistPage|Viewer|Operator)\(/;

it('every route that changes something asks who is there, or is on the short public list', () => {
	const routes = path.resolve('src/routes');
	const files = readdirSync(routes, { recursive: true, encoding: 'utf8' });
	const mutating = files
		.filter((name) => /\+(?:page\.)?server\.ts$/.test(name))
		.filter((name) => MUTATES.test(readFileSync(path.join(routes, name), 'utf8')));
	assert.ok(mutating.length > PUBLIC.size, 'no mutating route was found at all');
	const open = mutating.filter(
		(name) => !GUARDED.test(readFileSync(path.join(routes, name), 'utf8'))
	);
	assert.deepEqual(open.sort(), [...PUBLIC].sort());
});
