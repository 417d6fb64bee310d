import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { OWN_SETTINGS, variables } from './config-variables.ts';
import { ConfigError, readConfig } from './config.ts';
import { sessionSettings } from './db/session-settings.ts';

const PRODUCTION = { PUBLIC_URL: 'https://plyr.example.org' };

function problemsOf(env: Record<string, string>): Record<string, string> {
	try {
		readConfig(env);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return Object.fromEntries(error.problems.map((p) => [p.variable, p.reason]));
	}
	return {};
}

describe('configuration', () => {
	it('needs nothing: every variable has a default that runs the whole product here', () => {
		const config = readConfig({});
		assert.equal(config.publicUrl, 'http://127.0.0.1:3000');
		assert.equal(config.isSecure, false);
		assert.equal(config.database.url, undefined);
		assert.equal(config.storage.backend, 'filesystem');
		assert.equal(config.maxUploadBytes, 1536 * 1024 * 1024);
	});

	it('treats an empty variable as one that is not set', () => {
		assert.equal(readConfig({ PORT: '', PUBLIC_URL: ' ' }).port, 3000);
	});

	it('runs everything by default, and what ROLES names otherwise', () => {
		assert.deepEqual(readConfig({}).roles, { web: true, worker: true, transcoder: true });
		const roles = readConfig({ ROLES: ' web , transcoder' }).roles;
		assert.deepEqual(roles, { web: true, worker: false, transcoder: true });
		assert.match(problemsOf({ ROLES: 'web,painter' })['ROLES'] ?? '', /may name web, worker/);
		assert.match(problemsOf({ ROLES: 'transcoder' })['ROLES'] ?? '', /a program of its own/);
	});

	it('asks a worker for a transcoder; pages need none', () => {
		assert.deepEqual(problemsOf({ ROLES: 'web' }), {});
		assert.ok(problemsOf({ ROLES: 'web,worker' })['TRANSCODER_URL']);
		assert.deepEqual(problemsOf({ ROLES: 'worker,transcoder' }), {});
		assert.deepEqual(problemsOf({ ROLES: 'worker', TRANSCODER_URL: 'http://10.0.0.7:8082' }), {});
	});

	it('believes the one proxy that https needs, none without it, and what is said', () => {
		assert.equal(readConfig({}).trustedProxyCount, 0);
		assert.equal(readConfig(PRODUCTION).trustedProxyCount, 1);
		assert.equal(readConfig({ ...PRODUCTION, TRUSTED_PROXY_COUNT: '0' }).trustedProxyCount, 0);
		assert.equal(readConfig({ ...PRODUCTION, TRUSTED_PROXY_COUNT: '2' }).trustedProxyCount, 2);
	});

	it('refuses to mix environments: what is named after one with the namespace of another', () => {
		const s3 = {
			STORAGE_BACKEND: 's3',
			S3_REGION: 'eu-central-1',
			AWS_ACCESS_KEY_ID: 'id',
			AWS_SECRET_ACCESS_KEY: 'secret',
			OAUTH_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64')
		};
		const problems = (env: Record<string, string>) => Object.keys(problemsOf({ ...s3, ...env }));
		const of = (bucket: string, namespace: string) =>
			problems({ S3_BUCKET: bucket, ATPROTO_APP_NAMESPACE: namespace });
		assert.deepEqual(of('plyr-audio-stg', 'fm.plyr'), ['S3_BUCKET']);
		assert.deepEqual(of('plyr-audio-prod', 'fm.plyr.stg'), ['S3_BUCKET']);
		assert.deepEqual(of('dev-audio', 'fm.plyr.stg'), ['S3_BUCKET']);
		assert.deepEqual(of('plyr-audio-stg', 'fm.plyr.stg'), []);
		assert.deepEqual(of('plyr-audio', 'fm.plyr.stg'), []);
		assert.deepEqual(of('devon-prodigy', 'fm.plyr'), []);
		const database = 'postgres://plyr@db.example.org/plyr-staging';
		assert.deepEqual(problems({ S3_BUCKET: 'plyr', DATABASE_URL: database }), ['DATABASE_URL']);
		const at = (url: string) => problems({ S3_BUCKET: 'plyr', PUBLIC_URL: url });
		assert.deepEqual(at('https://stg.plyr.example'), ['PUBLIC_URL']);
		// a top-level domain is anybody's
		assert.deepEqual(at('https://music.dev'), []);
		assert.match(
			problemsOf({ ...s3, S3_BUCKET: 'plyr-dev' })['S3_BUCKET'] ?? '',
			/^is named after development, and ATPROTO_APP_NAMESPACE \(fm.plyr\) is that of production$/
		);
	});

	it('builds collections and the permission asked for from the namespace', () => {
		const { atproto } = readConfig({ ATPROTO_APP_NAMESPACE: 'fm.plyr.dev' });
		assert.equal(atproto.trackCollection, 'fm.plyr.dev.track');
		assert.equal(
			atproto.scope,
			'atproto repo:fm.plyr.dev.track repo:fm.plyr.dev.like repo:fm.plyr.dev.list'
		);
	});

	it('names every wrong variable at once, with the reason and an example', () => {
		const env = { PORT: 'soon', STORAGE_BACKEND: 'tape', MAX_UPLOAD_SIZE_MB: '-1' };
		assert.throws(
			() => readConfig(env),
			(error: Error) => {
				assert.match(error.message, /PORT: is not a whole number\. example: PORT=3000/);
				assert.match(error.message, /STORAGE_BACKEND: is none of filesystem, r2, s3/);
				assert.match(error.message, /MAX_UPLOAD_SIZE_MB: /);
				return true;
			}
		);
	});

	it('refuses a public address with a path', () => {
		assert.match(problemsOf({ PUBLIC_URL: 'https://a.org/music' })['PUBLIC_URL'] ?? '', /origin/);
	});

	it('refuses plain http for anything but this machine', () => {
		assert.ok(problemsOf({ PUBLIC_URL: 'http://plyr.example.org' })['PUBLIC_URL']);
		assert.ok(problemsOf({ PUBLIC_URL: 'http://localhost:3000' })['PUBLIC_URL']);
		assert.deepEqual(problemsOf({ PUBLIC_URL: 'http://127.0.0.1:4000' }), {});
	});

	it('accepts a production site that says nothing else', () => {
		assert.deepEqual(problemsOf(PRODUCTION), {});
		assert.equal(readConfig(PRODUCTION).isSecure, true);
	});

	const local = {
		PUBLIC_URL: 'https://localhost',
		ATPROTO_PLC_URL: 'http://localhost:2582',
		ATPROTO_HANDLE_RESOLVER_URL: 'http://127.0.0.1:2583',
		S3_ENDPOINT_URL: 'http://[::1]:9000',
		S3_PUBLIC_URL: 'http://files.localhost',
		TRANSCODER_URL: 'http://127.0.0.1:8082',
		DATABASE_URL: 'postgres://localhost/plyr',
		DEV_ALLOW_INSECURE_NETWORK: 'true'
	};
	for (const [name, value] of Object.entries(local)) {
		it(`refuses a production site with ${name}=${value}`, () => {
			assert.ok(problemsOf({ ...PRODUCTION, [name]: value })[name]);
		});
	}

	for (const host of ['localhost.', '[::]', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '127.1']) {
		it(`takes ${host} for a local address`, () => {
			const env = { ...PRODUCTION, S3_ENDPOINT_URL: `http://${host}:9000` };
			assert.ok(problemsOf(env)['S3_ENDPOINT_URL']);
		});
	}

	it('checks the rest as well when one value cannot be read', () => {
		const env = {
			...PRODUCTION,
			PORT: 'abc',
			STORAGE_BACKEND: 's3',
			S3_REGION: 'eu-central-1',
			DEV_ALLOW_INSECURE_NETWORK: '1'
		};
		const named = Object.keys(problemsOf(env));
		for (const name of ['PORT', 'S3_BUCKET', 'DEV_ALLOW_INSECURE_NETWORK']) {
			assert.ok(named.includes(name), `${name} is not named`);
		}
	});

	it('asks for the keys when the database is an external one', () => {
		const env = { ...PRODUCTION, DATABASE_URL: 'postgres://db.example.org/plyr' };
		assert.deepEqual(Object.keys(problemsOf(env)), ['OAUTH_ENCRYPTION_KEY', 'OAUTH_CLIENT_KEYS']);
	});

	const keys = {
		OAUTH_ENCRYPTION_KEY: variables.OAUTH_ENCRYPTION_KEY.example,
		OAUTH_CLIENT_KEYS: '[{"kty":"EC","crv":"P-256","kid":"1","x":"x","y":"y","d":"d"}]'
	};
	it('wants both ways to a database behind a pooler, which may be on the same machine', () => {
		const env = { ...PRODUCTION, ...keys, DATABASE_URL: 'postgres://localhost:6432/plyr' };
		const pooled = { ...env, DATABASE_POOLER: 'transaction' };
		assert.match(
			problemsOf(pooled)['DATABASE_DIRECT_URL'] ?? '',
			/^is needed with a DATABASE_POOLER/
		);
		const direct = 'postgres://db.example.org/plyr';
		assert.deepEqual(problemsOf({ ...pooled, DATABASE_DIRECT_URL: direct }), {});
		const local = { ...pooled, DATABASE_DIRECT_URL: 'postgres://localhost/plyr' };
		assert.deepEqual(Object.keys(problemsOf(local)), ['DATABASE_DIRECT_URL']);
		const other = { ...pooled, DATABASE_DIRECT_URL: 'postgres://db.example.org/plyr-staging' };
		assert.match(problemsOf(other)['DATABASE_DIRECT_URL'] ?? '', /^is named after staging/);
		assert.deepEqual(Object.keys(problemsOf({ DATABASE_DIRECT_URL: direct })), ['DATABASE_POOLER']);
		assert.deepEqual(Object.keys(problemsOf({ DATABASE_POOLER: 'transaction' })), [
			'DATABASE_URL',
			'DATABASE_DIRECT_URL'
		]);
		assert.match(
			problemsOf({ DATABASE_POOLER: 'session' })['DATABASE_POOLER'] ?? '',
			/neither none nor transaction/
		);
	});

	it('refuses an address that sets what the site tells every connection', () => {
		assert.deepEqual(Object.keys(sessionSettings(readConfig({}).database)), [...OWN_SETTINGS]);
		const env = { ...PRODUCTION, ...keys, DATABASE_URL: 'postgres://db.example.org/plyr' };
		for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'DATABASE_REPLICA_URL']) {
			for (const setting of OWN_SETTINGS) {
				const address = `postgres://db.example.org/plyr?sslmode=require&${setting}=0`;
				const reason = problemsOf({ ...env, [name]: address })[name] ?? '';
				assert.match(reason, new RegExp(`^sets ${setting}: leave that out`), name);
			}
		}
		const withLess = { ...env, DATABASE_URL: 'postgres://db.example.org/plyr?sslmode=require' };
		assert.deepEqual(problemsOf(withLess), {});
	});

	it('takes a replica of an external database only', () => {
		const replica = { DATABASE_REPLICA_URL: 'postgres://replica.example.org/plyr' };
		assert.deepEqual(Object.keys(problemsOf(replica)), ['DATABASE_URL']);
		const env = { ...PRODUCTION, ...keys, DATABASE_URL: 'postgres://db.example.org/plyr' };
		assert.deepEqual(problemsOf({ ...env, ...replica }), {});
		assert.equal(readConfig({ ...env, ...replica }).database.replicaLagMs, 10_000);
		const other = { DATABASE_REPLICA_URL: 'postgres://stg.example.org/plyr' };
		assert.match(problemsOf({ ...env, ...other })['DATABASE_REPLICA_URL'] ?? '', /^is named after/);
	});

	it('refuses an encryption key of the wrong length', () => {
		const key = Buffer.alloc(16).toString('base64');
		assert.match(
			problemsOf({ OAUTH_ENCRYPTION_KEY: key })['OAUTH_ENCRYPTION_KEY'] ?? '',
			/32 bytes/
		);
	});

	it('sends nothing elsewhere unless a collector is named, and reads its headers as they are written', () => {
		assert.equal(readConfig({}).telemetry, undefined);
		const { telemetry } = readConfig({
			OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318/',
			OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a=b, x-team = music'
		});
		assert.equal(telemetry?.endpoint, 'http://collector.internal:4318');
		assert.deepEqual(telemetry.headers, { authorization: 'Bearer a=b', 'x-team': 'music' });
		for (const headers of ['nothing', 'a=', '=b', 'a=b,,c=d', 'a=%zz']) {
			const problems = problemsOf({ OTEL_EXPORTER_OTLP_HEADERS: headers });
			assert.match(problems['OTEL_EXPORTER_OTLP_HEADERS'] ?? '', /name=value/, headers);
		}
	});

	it('asks for what the s3 storage needs, all of it at once', () => {
		const missing = Object.keys(problemsOf({ STORAGE_BACKEND: 'r2' }));
		const needed = ['S3_BUCKET', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'S3_ENDPOINT_URL'];
		assert.deepEqual(missing, needed);
	});

	it('refuses a bucket at aws without its region, which makes its address', () => {
		const s3 = {
			...{ STORAGE_BACKEND: 's3', S3_BUCKET: 'plyr' },
			...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
		};
		const none: Record<string, string>[] = [{}, { S3_REGION: 'auto' }];
		for (const region of none) {
			assert.match(problemsOf({ ...s3, ...region })['S3_REGION'] ?? '', /^is auto, which aws does/);
		}
		assert.deepEqual(problemsOf({ ...s3, S3_REGION: 'eu-central-1' }), {});
		assert.deepEqual(problemsOf({ ...s3, S3_ENDPOINT_URL: 'https://s3.example.org' }), {});
	});

	it('refuses a private storage with an address that gives it away', () => {
		const s3 = {
			...{ STORAGE_BACKEND: 's3', S3_BUCKET: 'plyr', STORAGE_PRIVATE: 'true' },
			S3_REGION: 'eu-central-1',
			...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
		};
		assert.deepEqual(problemsOf(s3), {});
		const named = Object.keys(problemsOf({ ...s3, S3_PUBLIC_URL: 'https://cdn.example.org' }));
		assert.deepEqual(named, ['STORAGE_PRIVATE']);
	});

	it('is described by .env.example and docs/configuration.md, variable by variable', () => {
		const names = Object.keys(variables);
		const example = readFileSync('.env.example', 'utf8');
		const docs = readFileSync('docs/configuration.md', 'utf8');
		assert.deepEqual(
			[...example.matchAll(/^#?([A-Z0-9_]+)=/gm)].map((m) => m[1]),
			names
		);
		assert.deepEqual(
			[...docs.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map((m) => m[1]),
			names
		);
	});
});
