import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { examinePublicAddress } from '#lib/server/doctor/public-address.ts';
import { layReadyCluster } from '#lib/server/testing/ready-cluster.ts';
import { startChild } from '../../dev/child.ts';
import { freePort } from '../free-port.ts';
import { emptyFolder, removeFolder, typePlyr } from './backup-steps.ts';

/** A namespace of its own for what is mounted; whoever is not root needs to be it in there. */
const OWN_MOUNTS = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const canMount = spawnSync('unshare', [...OWN_MOUNTS, 'true']).status === 0;
const ON_SMALL_DISK = 'mount -t tmpfs -o size=32m none "$0" && exec "$@"';

/** A program that converts nothing to what most browsers play. */
const WITHOUT_MP3 = `#!/bin/sh
case "$*" in *libmp3lame*) echo "Unknown encoder 'libmp3lame'" >&2; exit 8;; esac
exec "$REAL_FFMPEG" "$@"
`;

/** What the first fault is, with what helps; typed as an operator does it. */
function firstFault({ code, said }: { code: number | null; said: string }): string {
	const [fault] = /^fault .*\n.*$/m.exec(said) ?? [];
	assert.ok(fault !== undefined && code === 1, `${code}: ${said}`);
	return fault;
}

describe('the doctor, on a machine', { timeout: 120_000 }, () => {
	let dir: string;
	let env: NodeJS.ProcessEnv;
	before(async () => {
		dir = await emptyFolder();
		await layReadyCluster(path.join(dir, 'postgres'));
		env = {
			PATH: process.env['PATH'],
			FFMPEG_PATH: process.env['FFMPEG_PATH'],
			FFPROBE_PATH: process.env['FFPROBE_PATH'],
			NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
			DATA_DIR: dir,
			ATPROTO_PLC_URL: `http://127.0.0.1:${await freePort()}`,
			DEV_ALLOW_INSECURE_NETWORK: 'true'
		};
	});
	after(() => removeFolder(dir));

	it(
		'names a disk that is full',
		{ skip: !canMount && 'nothing can be mounted here' },
		async () => {
			const small = path.join(dir, 'small');
			await mkdir(small);
			const doctor = [small, process.execPath, 'src/cli/plyr.ts', 'doctor'];
			const around = { env: { ...env, DATA_DIR: small }, encoding: 'utf8' as const };
			const { status, stdout } = spawnSync(
				'unshare',
				[...OWN_MOUNTS, 'sh', '-c', ON_SMALL_DISK, ...doctor],
				around
			);
			assert.match(
				firstFault({ code: status, said: stdout }),
				/^fault {2}disk: 0\.0 GB are free where .*\n.*make room, or move DATA_DIR to a larger disk/
			);
		}
	);

	it('names an ffmpeg that cannot do what is needed', async (t) => {
		const ffmpeg = path.join(dir, 'ffmpeg');
		const found = spawnSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' });
		const real = process.env['FFMPEG_PATH'] ?? found.stdout.trim();
		await writeFile(ffmpeg, WITHOUT_MP3.replace('$REAL_FFMPEG', real));
		await chmod(ffmpeg, 0o755);
		const fault = firstFault(await typePlyr({ ...env, FFMPEG_PATH: ffmpeg }, 'doctor'));
		t.diagnostic(fault);
		assert.match(
			fault,
			/^fault {2}transcoder: it does not convert: .*\n.*install an ffmpeg with libmp3lame/
		);
	});

	it('names a transcoder that was given another token', async (t) => {
		const port = await freePort();
		const transcoder = startChild(['transcoder/src/server.ts'], {
			...env,
			TRANSCODER_PORT: String(port),
			TRANSCODER_AUTH_TOKEN: 'the-token-of-the-transcoder-itself-0123456789'
		});
		t.after(() => transcoder.stop(3_000));
		const url = `http://127.0.0.1:${port}`;
		for (let i = 0; i < 200 && !(await fetch(url).catch(() => null)); i++) {
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		const ours = {
			TRANSCODER_URL: url,
			TRANSCODER_AUTH_TOKEN: 'another-token-0123456789-0123456789'
		};
		const fault = firstFault(await typePlyr({ ...env, ...ours }, 'doctor'));
		t.diagnostic(fault);
		assert.match(
			fault,
			/^fault {2}transcoder: it does not convert: .*\n.*give both sides the same TRANSCODER_AUTH_TOKEN/
		);
	});

	it('names a certificate that nobody trusts', async (t) => {
		const [keyFile, certFile] = [path.join(dir, 'key.pem'), path.join(dir, 'cert.pem')];
		const subject = ['-subj', '/CN=localhost', '-newkey', 'rsa:2048', '-nodes'];
		const made = spawnSync('openssl', [
			...['req', '-x509', ...subject],
			...['-keyout', keyFile, '-out', certFile]
		]);
		assert.equal(made.status, 0, made.stderr.toString());
		const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)]);
		const server = createServer({ key, cert }, (_, response) => response.end());
		await new Promise<void>((resolve) => server.listen(0, resolve));
		t.after(() => server.close());
		const publicUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
		const config = { ...readConfig({}), publicUrl, isSecure: true };
		const found = await examinePublicAddress(config);
		const fault = found.find(({ state }) => state === 'fault');
		assert.match(fault?.says ?? '', /cannot be reached: .*(?:self.signed|certificate)/i);
		assert.match(fault?.cure ?? '', /let the proxy get a certificate for this name/);
	});
});
