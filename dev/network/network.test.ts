import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@atproto/api';
import { NodeOAuthClient, OAuthCallbackError, requestLocalLock } from '@atproto/oauth-client-node';
import { walkAuthorization } from './fetch-login.ts';
import { spawnNetwork, startNetwork, type NetworkAddresses } from './start-network.ts';

const scope = 'atproto repo:fm.plyr.dev.track';
const redirectUri = 'http://127.0.0.1:3999/auth/callback';
const alice = { username: 'alice.test', password: 'alice-pass' };

function memoryStore() {
	const values = new Map<string, unknown>();
	return {
		get: (key: string) => structuredClone(values.get(key)) as never,
		set: (key: string, value: unknown) => void values.set(key, structuredClone(value)),
		del: (key: string) => void values.delete(key)
	};
}

const clientOf = (network: NetworkAddresses, sessionStore = memoryStore()) =>
	new NodeOAuthClient({
		clientMetadata: {
			client_id: `http://localhost?${new URLSearchParams({ redirect_uri: redirectUri, scope })}`,
			redirect_uris: [redirectUri],
			scope,
			grant_types: ['authorization_code', 'refresh_token'],
			response_types: ['code'],
			application_type: 'native',
			token_endpoint_auth_method: 'none',
			dpop_bound_access_tokens: true
		},
		stateStore: memoryStore(),
		sessionStore,
		handleResolver: network.pdsUrl,
		plcDirectoryUrl: network.plcUrl,
		allowHttp: true,
		requestLock: requestLocalLock
	});

async function signIn(client: NodeOAuthClient, who = alice): Promise<string> {
	const callback = await walkAuthorization(await client.authorize(who.username), who);
	return (await client.callback(callback.searchParams)).session.did;
}

const titles = async (pdsUrl: string, did: string): Promise<unknown[]> => {
	const query = new URLSearchParams({ repo: did, collection: 'fm.plyr.dev.track' });
	const response = await fetch(`${pdsUrl}/xrpc/com.atproto.repo.listRecords?${query}`);
	const { records } = (await response.json()) as { records: { value: { title: string } }[] };
	return records.map((record) => record.value.title);
};

const writeTrack = async (client: NodeOAuthClient, did: string, title: string) =>
	new Agent(await client.restore(did)).com.atproto.repo.createRecord({
		repo: did,
		collection: 'fm.plyr.dev.track',
		record: { $type: 'fm.plyr.dev.track', title }
	});

async function occupy(port: number) {
	const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
	await once(server, 'listening');
	return { port: (server.address() as AddressInfo).port, free: () => server.close() };
}

const isAlive = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};

describe('the local network', { timeout: 300_000 }, () => {
	let dir: string;
	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-network-'));
	});
	after(() => rm(dir, { recursive: true, force: true }));

	it('keeps accounts, records, sessions and its address over a kill -9', async () => {
		const sessions = memoryStore();
		const first = spawnNetwork({ dir });
		const before = await first.ready;
		assert.deepEqual(
			before.accounts.map((account) => account.handle),
			['alice.test', 'bob.test', 'carol.test']
		);
		const client = clientOf(before, sessions);
		const did = await signIn(client);
		await writeTrack(client, did, 'before the kill');
		process.kill(first.child.pid, 'SIGKILL');
		await first.child.exited;

		const again = await startNetwork({ dir });
		try {
			assert.deepEqual(again.accounts, before.accounts);
			assert.equal(again.pdsUrl, before.pdsUrl);
			assert.equal(again.plcUrl, before.plcUrl);
			assert.deepEqual(await titles(again.pdsUrl, did), ['before the kill']);
			await writeTrack(clientOf(again, sessions), did, 'after the kill');
			assert.equal((await titles(again.pdsUrl, did)).length, 2);
		} finally {
			await again.stop();
		}
	});

	it('moves to another port when its own is taken, and every account is found there', async () => {
		const before = await startNetwork({ dir });
		await before.stop();
		const stranger = await occupy(Number(new URL(before.pdsUrl).port));
		const moved = await startNetwork({ dir });
		try {
			assert.notEqual(moved.pdsUrl, before.pdsUrl);
			assert.equal(moved.movedAccounts, 3);
			const client = clientOf(moved);
			for (const account of moved.accounts) {
				const document = await (await fetch(`${moved.plcUrl}/${account.did}`)).text();
				assert.ok(document.includes(moved.pdsUrl) && !document.includes(before.pdsUrl));
				const { handle: username, password } = account;
				assert.equal(await signIn(client, { username, password }), account.did);
			}
			const [did = ''] = moved.accounts.map((account) => account.did);
			await writeTrack(client, did, 'after the move');
			assert.equal((await titles(moved.pdsUrl, did))[0], 'after the move');
		} finally {
			await moved.stop();
			stranger.free();
		}
		const settled = await startNetwork({ dir });
		await settled.stop();
		assert.equal(settled.pdsUrl, moved.pdsUrl);
		assert.equal(settled.movedAccounts, 0);
	});

	it('takes the wished ports, and the next ones where somebody listens', async () => {
		const fresh = await mkdtemp(path.join(tmpdir(), 'plyr-network-'));
		const stranger = await occupy(0);
		const network = spawnNetwork({ dir: fresh, pdsPort: stranger.port });
		try {
			const { pdsUrl } = await network.addresses;
			const port = Number(new URL(pdsUrl).port);
			assert.ok(port > stranger.port && port < stranger.port + 100, pdsUrl);
		} finally {
			await network.stop();
			stranger.free();
			await rm(fresh, { recursive: true, force: true });
		}
	});

	it('tells the app when consent is denied', async () => {
		const network = await startNetwork({ dir });
		try {
			const client = clientOf(network);
			const authorize = await client.authorize('alice.test');
			const callback = await walkAuthorization(authorize, { ...alice, deny: true });
			assert.equal(callback.searchParams.get('error'), 'access_denied');
			await assert.rejects(client.callback(callback.searchParams), OAuthCallbackError);
		} finally {
			await network.stop();
		}
	});

	it('stops within three seconds, also with a stream open, and when its parent is gone', async () => {
		const network = spawnNetwork({ dir });
		const { pdsUrl } = await network.ready;
		const path = '/xrpc/com.atproto.sync.subscribeRepos?cursor=0';
		const stream = new WebSocket(pdsUrl.replace('http', 'ws') + path);
		await once(stream, 'message');
		const startedAt = performance.now();
		await network.stop();
		assert.ok(performance.now() - startedAt < 3000);

		const orphan = spawnNetwork({ dir });
		await orphan.ready;
		orphan.child.closeInput();
		for (let waitedMs = 0; isAlive(orphan.child.pid) && waitedMs < 3000; waitedMs += 50) {
			await sleep(50);
		}
		assert.equal(isAlive(orphan.child.pid), false);
	});
});
