import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

/**
 * What asks other machines past the guard, and why it may: the operator has chosen the address, or it
 * is our own. Whatever somebody else has chosen goes through `safeFetch`.
 */
const UNGUARDED: Record<string, string> = {
	'src/lib/server/atproto/safe-fetch.ts': 'it is the guard',
	'src/lib/server/media/transcoder.ts': 'TRANSCODER_URL, or the one beside us',
	'src/lib/server/media/transcoder-request.ts': 'TRANSCODER_URL, or the one beside us',
	'src/lib/server/db/cluster-holder.ts': 'the socket of our own database, in DATA_DIR',
	'src/lib/server/db/sockets.ts': 'DATABASE_URL',
	'src/lib/server/doctor/jobs.ts': 'the site itself, at this machine',
	'src/lib/server/doctor/public-address.ts': 'PUBLIC_URL',
	'src/lib/server/doctor/storage.ts': 'the bucket of the configuration',
	'src/lib/server/embed/embed-player.ts': 'its text runs in browsers'
};

const SOURCES = [
	'src/lib/server/**/*.ts',
	'src/routes/**/*.ts',
	'src/cli/**/*.ts',
	'src/*.server.ts',
	'src/server.ts',
	'transcoder/src/**/*.ts'
];
const NO_PRODUCT = /\.test\.ts$|\/testing\/|\/contract\/|-test-server\.ts$/;

const WAYS_OUT = [
	// the global one: not a method of something, not the declaration of one
	/(?<![.\w#])fetch\((?!\w+\??: )/,
	/\bglobalThis\.fetch\b/,
	/\bhttps?\.(?:request|get)\(/,
	/\b(?:net|tls)\.(?:connect|createConnection)\(/,
	/import \{[^}]*\b(?:request|get|connect|createConnection|Socket|createSocket)\b[^}]*\} from 'node:(?:https?|http2|net|tls|dgram)'/,
	/from 'undici'|\bnew (?:WebSocket|EventSource)\(/
];

const withoutComments = (source: string) =>
	source.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

const reachesOut = (source: string) =>
	WAYS_OUT.some((pattern) => pattern.test(withoutComments(source)));

describe('what is asked of other machines', () => {
	it('goes through the guard, but where the operator has chosen the address', () => {
		const found = globSync(SOURCES)
			.filter((file) => !NO_PRODUCT.test(file))
			.filter((file) => reachesOut(readFileSync(file, 'utf8')));
		assert.deepEqual(found.sort(), Object.keys(UNGUARDED).sort());
	});

	it('is noticed, whichever way it is asked', () => {
		const ways = [
			"const answer = await fetch('https://example.org/');",
			'return globalThis.fetch(url);',
			'https.get(url, done);',
			"import { createServer, request } from 'node:http';",
			'const socket = net.connect(80, host);',
			"import { fetch as ask } from 'undici';",
			'const line = new WebSocket(url);'
		];
		for (const way of ways) assert.ok(reachesOut(way), way);
		const others = [
			'await ctx.oauth.safeFetch(url);',
			'fetch(did: string, path: string): Promise<Response>;',
			'await this.#fetch(url);',
			"import { createServer } from 'node:http';",
			'/** as fetch() does it */'
		];
		for (const other of others) assert.ok(!reachesOut(other), other);
	});
});
