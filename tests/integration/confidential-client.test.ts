import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { type Oauth, openOauth } from '#lib/server/atproto/oauth.ts';
import { createSeal } from '#lib/server/atproto/seal.ts';
import { createSessionStore } from '#lib/server/atproto/stores.ts';
import { createLogger } from '#lib/server/log.ts';
import type { JsonWebKeyWithId } from '#lib/server/secrets.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import type { LocalNetwork } from '../../dev/network/start-network.ts';
import { startTestNetwork } from '../../dev/testing/test-network.ts';
import { configFor, signInAs } from './local-people.ts';
import { tokensAtPds } from './pds-tokens.ts';

const collection = 'fm.plyr.dev.track';
const log = createLogger('error', () => undefined);

function makeKey(kid: string): JsonWebKeyWithId {
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}

/** The client as it is in production: an https origin, and keys it signs with. */
describe('the confidential client', { timeout: 120_000 }, () => {
	const firstKey = makeKey('first');
	const secondKey = makeKey('second');
	const encryptionKey = randomBytes(32);
	let dir: string;
	let network: LocalNetwork & { stop(): Promise<void> };
	let database: TestDatabase;
	let web: Server;
	let published: Oauth;

	before(async () => {
		web = createServer((request, response) => {
			const isKeys = request.url === '/.well-known/jwks.json';
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify(isKeys ? published.jwks() : published.clientMetadata()));
		}).listen(0, '127.0.0.1');
		await once(web, 'listening');
		const { port } = web.address() as AddressInfo;
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-confidential-'));
		const appOrigin = `https://plyr.internal=http://127.0.0.1:${port}`;
		[network, database] = await Promise.all([
			startTestNetwork({ dir, appOrigin }),
			openTestDatabase()
		]);
		published = await open([firstKey, secondKey]);
	});
	after(async () => {
		await network.stop();
		await database.close();
		web.closeAllConnections();
		web.close();
		await rm(dir, { recursive: true, force: true });
	});

	const open = (clientKeys: JsonWebKeyWithId[]) =>
		openOauth({
			config: { ...configFor(network), publicUrl: 'https://plyr.internal', isSecure: true },
			log,
			db: database.db,
			locks: database.locks,
			secrets: { encryptionKeys: [encryptionKey], clientKeys },
			...unseen()
		});

	const store = () =>
		createSessionStore({ db: database.db, seal: createSeal([encryptionKey]), log });

	async function expireSoon(did: string): Promise<void> {
		const session = await store().get(did);
		assert.ok(session);
		const expiresAt = new Date(Date.now() + 3_000).toISOString();
		await store().set(did, {
			...session,
			tokenSet: { ...session.tokenSet, expires_at: expiresAt }
		});
	}

	async function write(oauth: Oauth, did: string): Promise<void> {
		const agent = await oauth.agentFor(did);
		const record = { $type: collection, title: 'a test' };
		await agent.com.atproto.repo.createRecord({ repo: did, collection, record });
	}

	it('signs people in, writes in their name and renews, all signed with its first key', async () => {
		const { did } = await signInAs(published, 'alice');
		assert.deepEqual((await store().get(did))?.authMethod, {
			method: 'private_key_jwt',
			kid: 'first'
		});
		await write(published, did);
		await expireSoon(did);
		await write(published, did);
		assert.deepEqual(tokensAtPds(dir, did), { grants: 1, renewals: 1 });
	});

	it('renews a grant with the key it was given to after another one came first', async () => {
		const { did } = await signInAs(published, 'bob');
		const rotated = await open([secondKey, firstKey]);
		await expireSoon(did);
		await write(rotated, did);
		await signInAs(rotated, 'bob');
		assert.deepEqual((await store().get(did))?.authMethod, {
			method: 'private_key_jwt',
			kid: 'second'
		});
	});

	it('asks to sign in again when the key of a grant was taken away', async () => {
		const { did } = await signInAs(published, 'carol');
		const without = await open([secondKey]);
		await assert.rejects(without.agentFor(did), SignInAgain);
	});

	it('revokes with the last sign-out', async () => {
		const { did } = await signInAs(published, 'alice');
		await published.revoke(did);
		assert.equal(tokensAtPds(dir, did).grants, 0);
	});

	it('shows the public halves of its keys only, and where it lives', () => {
		const { keys } = published.jwks();
		assert.deepEqual(
			keys.map(({ kid }) => kid),
			['first', 'second']
		);
		assert.equal(JSON.stringify(keys).includes('"d"'), false);
		assert.partialDeepStrictEqual(published.clientMetadata(), {
			client_id: 'https://plyr.internal/client-metadata.json',
			redirect_uris: ['https://plyr.internal/auth/callback'],
			jwks_uri: 'https://plyr.internal/.well-known/jwks.json',
			token_endpoint_auth_method: 'private_key_jwt',
			application_type: 'web',
			dpop_bound_access_tokens: true
		});
	});

	it('does not start without a key, or with one that cannot sign', () => {
		assert.throws(() => open([]), /no key/);
		const { d: _d, ...publicHalf } = firstKey;
		assert.throws(() => open([publicHalf]), /the key first/);
	});
});
