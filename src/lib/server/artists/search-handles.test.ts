import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createSafeFetch } from '#lib/server/atproto/safe-fetch.ts';
import { readConfig } from '#lib/server/config.ts';
import { createLogger } from '#lib/server/log.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { searchHandles } from './search-handles.ts';

type Searcher = Parameters<typeof searchHandles>[0];

const ALINA = { did: 'did:plc:alina', handle: 'alina.example.org', displayName: 'Alina' };

describe('looking for people, with a public service that knows more of them', () => {
	let database: TestDatabase;
	let service: Server;
	let url: string;
	let answerWith: RequestListener;
	/** queries the service was asked with */
	let asked: string[];
	let logged: string[];
	let ctx: Searcher;

	before(async () => {
		database = await openTestDatabase();
		await seedArtist(database.db, 'did:plc:alice', 'Alice');
		service = createServer((request, response) => {
			asked.push(new URL(request.url ?? '/', url).searchParams.get('q') ?? '');
			answerWith(request, response);
		}).listen(0, '127.0.0.1');
		await once(service, 'listening');
		url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/typeahead`;
	});
	after(async () => {
		service.closeAllConnections();
		service.close();
		await database.close();
	});
	beforeEach(() => {
		asked = [];
		logged = [];
		answerWith = says({ actors: [ALINA] });
		ctx = searcher({});
	});

	/** As a process that has asked nothing yet. */
	function searcher({ allowInsecureNetwork = true, handleSearchUrl = url }): Searcher {
		const safeFetch = createSafeFetch({ allowInsecureNetwork });
		return {
			config: { ...readConfig({}), handleSearchUrl },
			db: database.db,
			log: createLogger('info', (line) => logged.push(line)),
			// the rest of signing in is not used
			oauth: { safeFetch } as Searcher['oauth']
		};
	}

	const says =
		(body: unknown, status = 200): RequestListener =>
		(_request, response) => {
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(typeof body === 'string' ? body : JSON.stringify(body));
		};
	const search = async (text = 'ali') =>
		(await searchHandles(ctx, { text, limit: null })).map(({ handle }) => handle);
	const HERE = ['alice.test'];
	const BOTH = ['alice.test', 'alina.example.org'];

	it('finds artists of this site first, then others, each once', async () => {
		const alice = { did: 'did:plc:alice', handle: 'alice.elsewhere.example' };
		const avatar = 'javascript:alert(1)';
		answerWith = says({ actors: [alice, { ...ALINA, avatar }] });
		const people = await searchHandles(ctx, { text: ' @ALI', limit: null });
		assert.deepEqual(
			people.map(({ handle, display_name: name, avatar_url: picture }) => [handle, name, picture]),
			[
				['alice.test', 'Alice', null],
				['alina.example.org', 'Alina', null]
			]
		);
		assert.deepEqual(asked, ['ali']);
	});

	it('asks once for what was asked a moment ago, also while the answer is on its way', async () => {
		const found = await Promise.all([search(), search(), search('Ali ')]);
		assert.deepEqual(found, [BOTH, BOTH, BOTH]);
		assert.deepEqual(await search(), BOTH);
		assert.deepEqual(asked, ['ali']);
	});

	it('asks nobody when there are enough people here', async () => {
		const [only] = await searchHandles(ctx, { text: 'ali', limit: '1' });
		assert.equal(only?.handle, 'alice.test');
		assert.deepEqual(asked, []);
	});

	const troubles: Record<string, RequestListener> = {
		'answers with an error': says({ actors: [ALINA] }, 500),
		'answers with junk': says('<html>not json'),
		'answers with something else': says({ actors: [{ did: 'no did', handle: 3 }] }),
		'answers with too much': says(`{"actors":[],"x":"${'x'.repeat(6 * 1024 * 1024)}"}`),
		'breaks off': (request) => request.socket.destroy()
	};
	for (const [what, trouble] of Object.entries(troubles)) {
		it(`finds the people here when the service ${what}, and says so in the log`, async () => {
			answerWith = trouble;
			assert.deepEqual(await search(), HERE);
			assert.match(logged.join(), /handle_search_unanswered/);
		});
	}

	it('finds them within a few seconds when the service says nothing', async () => {
		answerWith = () => undefined;
		const startedAt = performance.now();
		assert.deepEqual(await search(), HERE);
		assert.ok(performance.now() - startedAt < 5_000);
	});

	it('finds them when nobody listens there', async () => {
		ctx = searcher({ handleSearchUrl: 'http://127.0.0.1:9/typeahead' });
		assert.deepEqual(await search(), HERE);
	});

	it('does not follow the service to another address', async () => {
		const inside: string[] = [];
		const secret = createServer((request, response) => {
			inside.push(request.url ?? '');
			response.end(JSON.stringify({ actors: [ALINA] }));
		}).listen(0, '127.0.0.1');
		await once(secret, 'listening');
		const { port } = secret.address() as AddressInfo;
		answerWith = (_request, response) =>
			response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
		assert.deepEqual(await search(), HERE);
		assert.match(logged.join(), /redirect/);
		secret.close();
		assert.deepEqual(inside, []);
	});

	it('asks no private address where the network is not a local one', async () => {
		const port = new URL(url).port;
		for (const handleSearchUrl of [url, `https://127.0.0.1:${port}/`, 'https://localhost/']) {
			ctx = searcher({ allowInsecureNetwork: false, handleSearchUrl });
			assert.deepEqual(await search(), HERE);
		}
		assert.deepEqual(asked, []);
	});

	it('leaves a service alone for a moment that did not answer, and then asks again', async (test) => {
		answerWith = says('', 503);
		for (const text of ['al', 'ali', 'alic']) assert.deepEqual(await search(text), HERE);
		assert.deepEqual(asked, ['al'], 'whoever types does not wait at each letter');
		answerWith = says({ actors: [ALINA] });
		test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 11_000 });
		assert.deepEqual(await search(), BOTH);
	});
});
