import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSeal } from '#lib/server/atproto/seal.ts';
import { createSessionStore, type SessionStore } from '#lib/server/atproto/stores.ts';
import { ConfigError, readConfig } from '#lib/server/config.ts';
import { type Context, createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { readSecrets } from '#lib/server/secrets.ts';
import { layReadyCluster } from '#lib/server/testing/ready-cluster.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';

const quiet = createLogger('error', () => undefined);

describe('the keys that encrypt sign-ins', () => {
	let dir: string;
	let env: NodeJS.ProcessEnv;
	/** the site, which knows the keys it was started with */
	let site: Context;
	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-keys-'));
		await chmod(dir, 0o711);
		await layReadyCluster(path.join(dir, 'postgres'));
		env = { DATA_DIR: dir, ROLES: 'web', DEV_ALLOW_INSECURE_NETWORK: 'true' };
		site = await createContext(readConfig(env), quiet);
	});
	after(async () => {
		await site.dispose();
		await rm(dir, { recursive: true, force: true });
	});

	const plyr = async (...args: string[]) => {
		const lines: string[] = [];
		const code = await runPlyr(args, { env, say: (line) => lines.push(line) });
		return { code, lines };
	};
	/** Grants as a process sees them that was started with the keys there are now. */
	const grants = async (): Promise<SessionStore> => {
		const { encryptionKeys } = await readSecrets(site.config);
		return createSessionStore({ db: site.db, log: quiet, seal: createSeal(encryptionKeys) });
	};
	const grant = (name: string) => ({ tokenSet: { scope: 'atproto', sub: name } }) as never;
	const holderOf = async (store: SessionStore, did: string) => (await store.get(did))?.tokenSet.sub;
	const keptKeys = async () =>
		(await readFile(path.join(dir, 'keys/oauth-encryption.key'), 'utf8')).trim().split('\n');

	it('are replaced step by step, beside the running site, and nobody is signed out', async () => {
		const first = await grants();
		await first.set('did:plc:alice', grant('alice'));
		const [former] = await keptKeys();

		assert.equal((await plyr('keys', 'rotate')).code, 0);
		assert.equal((await keptKeys())[1], former);
		// the site has not been started again
		await first.set('did:plc:bob', grant('bob'));
		const second = await grants();
		assert.equal(await holderOf(second, 'did:plc:alice'), 'alice');
		assert.equal(await holderOf(second, 'did:plc:bob'), 'bob');
		await second.set('did:plc:carol', grant('carol'));

		const { lines } = await plyr('keys', 'reseal');
		assert.deepEqual(lines, ['2 sign-ins are sealed with the newest key']);
		// written by a process that is slow to go
		await first.set('did:plc:dora', grant('dora'));
		assert.deepEqual((await plyr('keys', 'drop')).lines, [
			'the former keys are gone. start the site again'
		]);
		assert.equal((await keptKeys()).length, 1);
		const third = await grants();
		for (const name of ['alice', 'bob', 'carol', 'dora']) {
			assert.equal(await holderOf(third, `did:plc:${name}`), name);
		}
	});

	it('are kept while something is sealed with a key that nobody has, and that is kept too', async () => {
		const stranger = createSeal([Buffer.alloc(32, 7)]);
		const theirs = createSessionStore({ db: site.db, log: quiet, seal: stranger });
		await theirs.set('did:plc:eve', grant('eve'));
		await plyr('keys', 'rotate');
		const { code, lines } = await plyr('keys', 'drop');
		assert.equal(code, 1);
		assert.match(lines[0] ?? '', /; 1 no key of this site opens: the keys were left as they are$/);
		assert.equal((await keptKeys()).length, 2);
		// whoever asks for it finds nothing, and does not destroy it
		assert.equal(await holderOf(await grants(), 'did:plc:eve'), undefined);
		assert.equal(await holderOf(theirs, 'did:plc:eve'), 'eve');
	});

	it('that open nothing stop the start, until they are put right or the former ones given up', async () => {
		await site.db.deleteFrom('oauth_sessions').where('did', '!=', 'did:plc:eve').execute();
		await site.dispose();
		await assert.rejects(createContext(readConfig(env), quiet), (cause: unknown) => {
			assert.ok(cause instanceof ConfigError);
			assert.match(cause.message, /OAUTH_ENCRYPTION_KEY: opens none of the sign-ins/);
			return true;
		});
		assert.deepEqual((await plyr('keys', 'forget')).lines, [
			'1 sign-ins that no key of this site opens are gone; those people sign in again'
		]);
		site = await createContext(readConfig(env), quiet);
	});

	it('that the environment gives are changed there', async () => {
		const given = Buffer.alloc(32, 1).toString('base64');
		const lines: string[] = [];
		await runPlyr(['keys', 'rotate'], {
			env: { ...env, OAUTH_ENCRYPTION_KEY: given },
			say: (line) => lines.push(line)
		});
		const [, line = ''] = lines;
		assert.match(line, /^OAUTH_ENCRYPTION_KEY=.{44},.{44}$/);
		assert.ok(line.endsWith(`,${given}`));
		assert.doesNotThrow(() => readConfig({ OAUTH_ENCRYPTION_KEY: line.split(/=(.*)/)[1] }));
	});

	it('are made as the application takes them', async () => {
		const { lines } = await plyr('keys', 'new');
		const made = Object.fromEntries(
			lines.map((line): [string, string] => [
				line.split('=')[0] ?? '',
				line.split(/=(.*)/)[1] ?? ''
			])
		);
		const config = readConfig(made);
		assert.equal(config.oauthEncryptionKeys.length, 1);
		assert.notEqual(config.oauthClientKeys, undefined);
	});
});
