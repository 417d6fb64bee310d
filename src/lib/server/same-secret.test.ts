import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isSameSecret } from './same-secret.ts';

/** Compared with what we know ourselves, not with what somebody sent. */
const OWN = new Set(['src/lib/server/atproto/grants.ts']);
const COMPARED =
	/\b\w*(?:[sS]ecret|[tT]oken|[bB]inding|[sS]ignature|[pP]assword|[hH]mac|csrf|nonce)\b\s*[!=]==?(?!=)(?!\s*(?:null\b|undefined\b|'|"|\d))/;

describe('a secret that somebody sends', () => {
	it('is the one, or is not, whatever their lengths', () => {
		assert.equal(isSameSecret('a secret', 'a secret'), true);
		for (const other of ['a secreT', 'a secret ', '', 'a'.repeat(1_000), undefined]) {
			assert.equal(isSameSecret(other, 'a secret'), false);
		}
	});

	it('is never compared letter by letter', () => {
		const files = globSync(['src/{lib/server,routes,cli}/**/*.ts', 'transcoder/src/**/*.ts']);
		const found = files
			.filter((file) => !file.endsWith('.test.ts') && !OWN.has(file))
			.filter((file) => COMPARED.test(readFileSync(file, 'utf8')));
		assert.deepEqual(found, []);
		for (const bad of ['started.binding !== binding', 'if (token === given)']) {
			assert.match(bad, COMPARED);
		}
	});
});
