import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from './config.ts';
import { readSecrets } from './secrets.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'plyr-keys-test-'));

describe('the keys of the site', () => {
	after(() => rmSync(dir, { recursive: true, force: true }));

	it('are made once, also when two processes start together, and kept private', async () => {
		const config = readConfig({ DATA_DIR: dir });
		const [one, two] = await Promise.all([readSecrets(config), readSecrets(config)]);
		const later = await readSecrets(config);
		assert.equal(one.encryptionKeys[0]?.length, 32);
		assert.deepEqual(one, two);
		assert.deepEqual(one, later);
		assert.equal(one.clientKeys[0]?.alg, 'ES256');
		for (const name of ['oauth-encryption.key', 'oauth-client.json']) {
			assert.equal(statSync(path.join(dir, 'keys', name)).mode & 0o777, 0o600);
		}
	});

	it('are spoken of once, when nobody can have a copy yet', async () => {
		const config = readConfig({ DATA_DIR: path.join(dir, 'another') });
		const told: string[] = [];
		await readSecrets(config, (folder) => told.push(folder));
		await readSecrets(config, (folder) => told.push(folder));
		assert.deepEqual(told, [path.join(dir, 'another', 'keys')]);
	});

	it('come from the environment when they are given, several while rotating', async () => {
		const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
		const given = keys.map((key) => key.toString('base64')).join(',');
		const secrets = await readSecrets(readConfig({ DATA_DIR: dir, OAUTH_ENCRYPTION_KEY: given }));
		assert.deepEqual(secrets.encryptionKeys, keys);
	});
});
