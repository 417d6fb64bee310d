import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import type { Finding } from '#lib/server/doctor/finding.ts';
import { examine } from '#lib/server/doctor/doctor.ts';
import { examinePublicAddress } from '#lib/server/doctor/public-address.ts';
import {
	bucketEnvironment,
	describeWithS3,
	startTestBucket,
	type TestBucket
} from '#lib/server/storage/contract/bucket.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { freePort } from '../free-port.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

const faultsOf = async (env: NodeJS.ProcessEnv): Promise<Finding[]> => {
	const faults: Finding[] = [];
	for await (const finding of examine(env)) if (finding.state === 'fault') faults.push(finding);
	return faults;
};

/** Looks at a site that has one thing wrong: that is what is named first, with what helps. */
async function assertFirst(
	env: NodeJS.ProcessEnv,
	wanted: { part: string; says: RegExp; cure: RegExp }
): Promise<void> {
	const [first] = await faultsOf(env);
	assert.ok(first, 'nothing was found');
	assert.equal(first.part, wanted.part, first.says);
	assert.match(first.says, wanted.says);
	assert.match(first.cure ?? '', wanted.cure);
}

describe('the doctor', () => {
	let database: TestDatabase;
	let site: LocalSite;
	let env: NodeJS.ProcessEnv;
	let unused: string;
	const key = randomBytes(32).toString('base64');

	before(async () => {
		database = await openTestDatabase();
		const ofDatabase = {
			DATABASE_URL: 'postgres:///postgres',
			PGHOST: database.address.host,
			PGUSER: database.address.user,
			OAUTH_ENCRYPTION_KEY: key
		};
		site = await startLocalSite(ofDatabase);
		// the client of the database reads these itself
		Object.assign(process.env, { PGHOST: ofDatabase.PGHOST, PGUSER: ofDatabase.PGUSER });
		env = {
			...ofDatabase,
			PORT: new URL(site.url).port,
			DATA_DIR: site.dataDir,
			ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
			ATPROTO_PLC_URL: site.network.plcUrl,
			ATPROTO_HANDLE_RESOLVER_URL: site.network.pdsUrl,
			DEV_ALLOW_INSECURE_NETWORK: 'true'
		};
		unused = `http://127.0.0.1:${await freePort()}`;
		await new Visitor(site.url).signIn('bob');
	});
	after(async () => {
		delete process.env['PGHOST'];
		delete process.env['PGUSER'];
		await site.close();
		await database.close();
	});

	it('finds nothing wrong with a site that is well, part by part', async () => {
		const lines: string[] = [];
		const code = await runPlyr(['doctor'], { env, say: (line) => lines.push(line) });
		assert.equal(code, 0, lines.join('\n'));
		const parts = lines.flatMap((line) => /^ok {5}([a-z-]+):/.exec(line)?.[1] ?? []);
		assert.deepEqual(
			[...new Set(parts)],
			['disk', 'database', 'keys', 'storage', 'transcoder', 'network', 'address', 'jobs']
		);
		assert.equal(lines.at(-1), 'nothing is wrong');
	});

	it('ends with 1 when something is, and says what helps', async () => {
		const lines: string[] = [];
		const code = await runPlyr(['doctor'], {
			env: { ...env, PORT: 'eighty' },
			say: (line) => lines.push(line)
		});
		assert.equal(code, 1);
		assert.deepEqual(lines, [
			'fault  configuration: PORT is not a whole number',
			'       → for example PORT=3000',
			'one fault'
		]);
	});

	it('names a configuration that does not fit together', () =>
		assertFirst(
			{ ...env, PUBLIC_URL: 'https://plyr.example.org', STORAGE_BACKEND: 's3' },
			{ part: 'configuration', says: /^S3_BUCKET is needed/, cure: /S3_BUCKET=/ }
		));

	it('names a folder that cannot be used', async () => {
		const file = path.join(site.dataDir, 'a file');
		await writeFile(file, '');
		await assertFirst(
			{ ...env, DATA_DIR: path.join(file, 'data') },
			{ part: 'disk', says: /a file\/data cannot be used/, cure: /^give the folder/ }
		);
	});

	it('names a database that is not there', async () => {
		const port = await freePort();
		await assertFirst(
			{ ...env, DATABASE_URL: `postgres://plyr@127.0.0.1:${port}/plyr` },
			{ part: 'database', says: /cannot be reached.*ECONNREFUSED/, cure: /^start the database/ }
		);
	});

	it('names a database that nobody made', () =>
		assertFirst(
			{ ...env, DATABASE_URL: 'postgres:///nowhere' },
			{ part: 'database', says: /"nowhere" does not exist/, cure: /createdb/ }
		));

	it('names a database of an older version', async () => {
		const newest = await database.sql<{ name: string; timestamp: string }[]>`
			delete from kysely_migration
			where name = (select max(name) from kysely_migration) returning *`;
		await assertFirst(env, {
			part: 'database',
			says: /^it lacks 1 of \d+ migrations/,
			cure: /plyr migrate/
		});
		await database.sql`insert into kysely_migration ${database.sql(newest)}`;
	});

	it('names keys that are not those people have signed in with, and leaves their sign-ins alone', async () => {
		const other = randomBytes(32).toString('base64');
		await assertFirst(
			{ ...env, OAUTH_ENCRYPTION_KEY: other },
			{ part: 'keys', says: /open none of the 1 newest/, cure: /put the former key/ }
		);
		assert.deepEqual(await faultsOf({ ...env, OAUTH_ENCRYPTION_KEY: `${other},${key}` }), []);
	});

	it('names a transcoder that is not there', () =>
		assertFirst(
			{ ...env, TRANSCODER_URL: unused, TRANSCODER_AUTH_TOKEN: 'x' },
			{ part: 'transcoder', says: /does not answer/, cure: /leave TRANSCODER_URL out/ }
		));

	it('names a directory of identities that is not there', () =>
		assertFirst(
			{ ...env, ATPROTO_PLC_URL: unused },
			{ part: 'network', says: /does not answer.*ECONNREFUSED/, cure: /correct ATPROTO_PLC_URL/ }
		));

	it('names a clock that is wrong', async () => {
		const server = await serve(() => '{}', new Date(Date.now() + 300_000));
		await assertFirst(
			{ ...env, ATPROTO_PLC_URL: urlOf(server) },
			{ part: 'clock', says: /this machine's clock is \d+ s behind/, cure: /ntp/ }
		);
		server.close();
	});

	it('names an address that has no name', async () => {
		const config = { ...readConfig({}), publicUrl: 'https://plyr.invalid', isSecure: true };
		const [found] = await examinePublicAddress(config);
		assert.deepEqual([found?.part, found?.state], ['address', 'fault']);
		assert.match(found?.says ?? '', /^plyr.invalid has no address/);
		assert.match(found?.cure ?? '', /A or AAAA record/);
	});

	it('names uploads that nobody works on', async () => {
		const webOnly = await startLocalSite({ ROLES: 'web' });
		await assertFirst(
			{
				...env,
				DATABASE_URL: '',
				OAUTH_ENCRYPTION_KEY: '',
				PORT: new URL(webOnly.url).port,
				DATA_DIR: webOnly.dataDir
			},
			{ part: 'jobs', says: /^no worker takes jobs/, cure: /ROLES have worker/ }
		);
		await webOnly.close();
	});
});

describeWithS3('the doctor, with a bucket', () => {
	let bucket: TestBucket;
	let site: LocalSite;
	let env: NodeJS.ProcessEnv;
	before(async () => {
		bucket = await startTestBucket();
		site = await startLocalSite();
		env = {
			PORT: new URL(site.url).port,
			DATA_DIR: site.dataDir,
			ATPROTO_PLC_URL: site.network.plcUrl,
			DEV_ALLOW_INSECURE_NETWORK: 'true',
			...bucketEnvironment(bucket)
		};
	});
	after(async () => {
		await site.close();
		await bucket.stop();
	});

	it('finds nothing wrong with one that works', async () => {
		assert.deepEqual(await faultsOf(env), []);
	});

	it('names a bucket that nobody made', () =>
		assertFirst(
			{ ...env, S3_BUCKET: 'nowhere' },
			{
				part: 'storage',
				says: /cannot be written: .*NoSuchBucket/,
				cure: /^make the bucket nowhere/
			}
		));

	it('names a secret that is wrong', () =>
		assertFirst(
			{ ...env, AWS_SECRET_ACCESS_KEY: 'wrong' },
			{ part: 'storage', says: /SignatureDoesNotMatch/, cure: /correct AWS_ACCESS_KEY_ID/ }
		));

	it('names a public address that is not the one of the bucket', async () => {
		const server = await serve(() => 404);
		await assertFirst(
			{ ...env, S3_PUBLIC_URL: urlOf(server) },
			{ part: 'storage', says: /fetched as a browser.*answers 404/, cure: /S3_PUBLIC_URL/ }
		);
		server.close();
	});
});

/** Something else that answers where a part is looked for. */
async function serve(answer: (path: string) => string | number, now?: Date): Promise<Server> {
	const server = createServer((request, response) => {
		const what = answer(request.url ?? '');
		if (now) response.setHeader('date', now.toUTCString());
		response.writeHead(typeof what === 'number' ? what : 200);
		response.end(typeof what === 'number' ? '' : what);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return server;
}

const urlOf = (server: Server): string =>
	`http://127.0.0.1:${(server.address() as AddressInfo).port}`;
