import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import {
	type AddressInfo,
	createServer as createTcpServer,
	type Server as TcpServer
} from 'node:net';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { type NameServer, startNameServer } from '#lib/server/testing/name-server.ts';
import { createGrantClient } from './grant-client.ts';
import { createSafeFetch, FetchFailed, type SafeFetch, UnsafeFetch } from './safe-fetch.ts';

/** What addresses strangers give us, so that we ask somebody for them who trusts this machine. */
const LITERALS = {
	'this machine': [
		...[
			'127.0.0.1',
			'127.255.255.254',
			'127.0.0.1.',
			'127.1',
			'127.0.1',
			'2130706433',
			'0x7f000001'
		],
		...[
			'0x7f.1',
			'0177.0.0.1',
			'017700000001',
			'0x7f.0x0.0x0.0x1',
			'0',
			'0.0.0.0',
			'[::]',
			'[::1]'
		],
		...['[0:0:0:0:0:0:0:1]', '127。0。0。1', '１２７.0.0.1', '①②⑦.⓪.⓪.①', '%31%32%37.0.0.1']
	],
	'this machine, within IPv6': [
		...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[0:0:0:0:0:ffff:127.0.0.1]'],
		...['[64:ff9b::127.0.0.1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]']
	],
	'what a cloud tells its machines': [
		...['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518'],
		...['⑯⑨.②⑤④.⑯⑨.②⑤④', '[::ffff:a9fe:a9fe]', '[fd00:ec2::254]', '[fe80::a9fe:a9fe]'],
		...['169.254.170.2', '100.100.100.200', '192.0.0.192']
	],
	'the network it is in': [
		...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1'],
		...['100.127.255.255', '169.254.0.1', '192.0.0.1', '[fc00::1]', '[fdff::1]', '[fe80::1]'],
		...[
			'[fec0::1]',
			'[::ffff:10.0.0.1]',
			'[::ffff:192.168.0.1]',
			'[64:ff9b::a00:1]',
			'[2002:a00:1::]'
		]
	],
	'nobody, or everybody': [
		...['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '192.88.99.1'],
		...[
			'224.0.0.1',
			'239.255.255.250',
			'240.0.0.1',
			'255.255.255.255',
			'[2001:db8::1]',
			'[ff02::1]'
		],
		...['[ff0e::1]', '[100::1]', '[2001:10::1]', '[2001:20::1]', '[3fff::1]', '[5f00::1]']
	]
};

const ADDRESSES = Object.entries(LITERALS).flatMap(([where, hosts]) =>
	hosts.map((host) => ({ where, address: `https://${host}/` }))
);

const SCHEMES = [
	...['http://example.com/', 'http://1.1.1.1/', 'ftp://example.com/', 'file:///etc/passwd'],
	...[
		'file://localhost/etc/passwd',
		'data:text/plain,x',
		'blob:https://example.com/x',
		'about:blank'
	],
	...[
		'javascript:1',
		'gopher://127.0.0.1:6379/_INFO',
		'dict://127.0.0.1:11211/stats',
		'ws://1.1.1.1/'
	],
	...['wss://1.1.1.1/', 'jar:https://example.com!/', 'unix:///run/docker.sock', 'ldap://1.1.1.1/']
];

const FORMS = [
	...['https://name:password@1.1.1.1/', 'https://1.1.1.1@127.0.0.1/'],
	...[
		'https://[fe80::1%25eth0]/',
		'https://[::1]:99999/',
		'https://127.0.0.1:0x50/',
		'https://',
		'//x',
		''
	]
];

const PORTS = [
	1, 21, 22, 23, 25, 53, 80, 110, 143, 389, 445, 587, 636, 993, 1433, 2375, 2379, 3306
];
const MORE_PORTS = [5432, 6000, 6379, 6443, 6667, 9200, 10080, 10250, 11211, 27017];

/** Names of the attacker's own zone: what they lead to at the first look-up, the second one… */
const ZONE: Record<string, string[][]> = {
	'loopback.attacker.example': [['127.0.0.1']],
	'loopback6.attacker.example': [['::1']],
	'mapped.attacker.example': [['::ffff:127.0.0.1']],
	'metadata.attacker.example': [['169.254.169.254']],
	'private.attacker.example': [['10.0.0.5']],
	'shared.attacker.example': [['100.64.0.5']],
	'local.attacker.example': [['fe80::1']],
	'unique.attacker.example': [['fd00::1']],
	'zero.attacker.example': [['0.0.0.0']],
	'unspecified.attacker.example': [['::']],
	'nat64.attacker.example': [['64:ff9b::7f00:1']],
	'sixtofour.attacker.example': [['2002:7f00:1::']],
	'one-of-two.attacker.example': [['1.1.1.1', '127.0.0.1']],
	'one-of-both-kinds.attacker.example': [['1.1.1.1', '::1']],
	'other-kind.attacker.example': [['127.0.0.1', '2606:4700::1111']],
	'nothing.attacker.example': [[]]
};
/** Public by its form, and routed nowhere: nothing answers there. */
const NOWHERE = '3ffe::1';
const REBINDING = {
	'rebinding.attacker.example': [[NOWHERE], ['127.0.0.1']],
	'rebinding6.attacker.example': [[NOWHERE], ['::1']]
};

describe('an address somebody else chose', () => {
	let names: NameServer;
	let trap: TcpServer;
	let trapPort: number;
	let trapped = 0;
	let guarded: SafeFetch;
	before(async () => {
		names = await startNameServer({
			...ZONE,
			...REBINDING,
			'bait.attacker.example': [['127.0.0.1']]
		});
		trap = createTcpServer((socket) => {
			trapped++;
			socket.destroy();
		}).listen(0);
		await once(trap, 'listening');
		trapPort = (trap.address() as AddressInfo).port;
		guarded = createSafeFetch({
			allowInsecureNetwork: false,
			lookup: names.lookup,
			timeLimitMs: 1_000
		});
	});
	after(() => {
		trap.close();
		names.close();
	});

	/** It is refused, and nobody was asked for it. */
	async function assertRefused(address: string, by: SafeFetch = guarded): Promise<void> {
		await assert.rejects(by(address), isUnsafe);
		assert.equal(trapped, 0, `${address} was connected to`);
	}

	it('is one of a long list', () => {
		const all = [...ADDRESSES, ...SCHEMES, ...FORMS, ...PORTS, ...Object.keys(ZONE)];
		assert.ok(ADDRESSES.length >= 60, String(ADDRESSES.length));
		assert.ok(all.length >= 120, String(all.length));
	});

	for (const { where, address } of ADDRESSES) {
		it(`is refused when it is ${where}: ${address}`, () => assertRefused(address));
	}

	for (const address of SCHEMES) {
		it(`is refused for how it is spoken to: ${address}`, () => assertRefused(address));
	}

	for (const address of FORMS) {
		it(`is refused for its form: ${address || 'nothing'}`, () => assertRefused(address));
	}

	it('is refused at ports where no web server is', async () => {
		for (const port of [...PORTS, ...MORE_PORTS]) await assertRefused(`https://1.1.1.1:${port}/`);
		// what is asked at another one gets as far as the line
		for (const port of ['', ':443', ':8443', ':3000']) {
			const gone = AbortSignal.abort(new Error('stop'));
			const cause: unknown = await guarded(`https://[${NOWHERE}]${port}/`, { signal: gone }).catch(
				(reason: unknown) => reason
			);
			assert.ok(cause instanceof FetchFailed && !(cause instanceof UnsafeFetch), port);
		}
	});

	for (const name of Object.keys(ZONE)) {
		const isNothing = name.startsWith('nothing');
		it(`is ${isNothing ? 'not reached' : 'refused'} by a name: ${name}`, async () => {
			const before = names.questions();
			if (isNothing) await assert.rejects(guarded(`https://${name}:${trapPort}/`), FetchFailed);
			else await assertRefused(`https://${name}:${trapPort}/`);
			assert.ok(names.questions() > before, 'the name server was not asked');
		});
	}

	it('is refused when its name leads elsewhere by the time it is connected to', async () => {
		const bait = httpRequest({
			host: 'bait.attacker.example',
			port: trapPort,
			lookup: names.lookup
		});
		bait.on('error', () => undefined).end();
		await once(trap, 'connection');
		assert.equal(trapped, 1, 'the bait works: who does not look at the address gets there');
		trapped = 0;
		for (const name of Object.keys(REBINDING)) {
			// the first answer is a public address, and it is the one that is connected to
			const first = guarded(`https://${name}:${trapPort}/`, { signal: AbortSignal.timeout(500) });
			await assert.rejects(first, (error: unknown) => error instanceof FetchFailed);
			assert.equal(trapped, 0, 'it was connected to what the name says now');
			await assertRefused(`https://${name}:${trapPort}/`);
		}
	});

	describe('that leads to another one', () => {
		let server: Server;
		let base: string;
		let location = '';
		const open = createSafeFetch({ allowInsecureNetwork: true, timeLimitMs: 1_000 });
		before(async () => {
			server = createServer((request, response) => {
				const status = Number(request.url?.slice(1));
				response.writeHead(status, { location, refresh: `0; url=${location}` }).end();
			}).listen(0, '127.0.0.1');
			await once(server, 'listening');
			base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		});
		after(() => {
			server.closeAllConnections();
			server.close();
		});

		for (const status of [300, 301, 302, 303, 305, 307, 308]) {
			it(`is not followed (${status}), wherever it leads`, async () => {
				const targets = [
					'http://127.0.0.1',
					'http://localhost',
					'https://localhost',
					'//127.0.0.1'
				];
				for (const target of [
					...targets.map((host) => `${host}:${trapPort}/`),
					'file:///etc/passwd'
				]) {
					location = target;
					await assertRefused(`${base}/${status}`, open);
					const manual = await open(`${base}/${status}`, { redirect: 'manual' });
					assert.equal(manual.status, status);
					assert.equal(trapped, 0, target);
				}
			});
		}
	});

	it('is refused wherever an identity is looked for', async () => {
		const at = (host: string) => `https://${host}:${trapPort}`;
		const client = await createGrantClient({
			config: readConfig({ ATPROTO_PLC_URL: at('127.0.0.1') }),
			secrets: { encryptionKeys: [], clientKeys: [] },
			lock: noLock,
			fetch: guarded,
			sessionStore: noStore,
			stateStore: noStore
		});
		const { identityResolver } = client;
		for (const identity of [
			`did:web:localhost%3A${trapPort}`,
			'did:web:127.0.0.1',
			'did:web:169.254.169.254',
			'did:web:loopback.attacker.example',
			'did:plc:ewvi7nxzyoun6zhxrhs64oiz',
			'loopback.attacker.example',
			'metadata.attacker.example'
		]) {
			const signal = AbortSignal.timeout(5_000);
			await assert.rejects(identityResolver.resolve(identity, { signal }), Error, identity);
			assert.equal(trapped, 0, identity);
		}
	});
});

const noLock = Object.assign(
	<T>(_name: string, action: () => T | PromiseLike<T>) => Promise.resolve(action()),
	{ unlocked: <T>(action: () => Promise<T>) => action() }
);

const noStore = {
	get: () => Promise.resolve(undefined),
	set: () => Promise.resolve(),
	del: () => Promise.resolve()
};

/** The look-up fails while connecting, so the refusal may be the cause of the failure. */
const isUnsafe = (error: unknown): boolean => {
	assert.ok(error instanceof FetchFailed, String(error));
	const isRefusal = error instanceof UnsafeFetch || error.cause instanceof UnsafeFetch;
	assert.ok(isRefusal, `${error.message}: ${String(error.cause)}`);
	return true;
};
