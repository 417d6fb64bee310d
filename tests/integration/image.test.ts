import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningNetwork, startTestNetwork } from '../../dev/testing/test-network.ts';
import { freePort } from '../free-port.ts';
import type { Image } from '../image/build-image.ts';
import { type ComposeHands, followCompose } from '../image/compose-steps.ts';
import { Container, type ContainerOptions } from '../image/container.ts';
import { walkJourney } from '../image/journey.ts';
import { canBuildImages } from '../image/layer-store.ts';
import { makeLocalImage } from '../image/local-image.ts';
import { MemoryGroup } from '../image/memory-group.ts';
import { readBlocks } from '../operating/page.ts';

const MIB = 1024 * 1024;

const skip = canBuildImages() ? false : 'only root may put file systems together';

describe('the image', { skip, timeout: 600_000 }, () => {
	let image: Image;
	let removeImage: () => void;
	let network: RunningNetwork;
	const networkDir = mkdtempSync('/tmp/plyr-image-network-');
	const backup = mkdtempSync('/tmp/plyr-image-backup-');
	const running: Container[] = [];

	before(async () => {
		({ image, remove: removeImage } = makeLocalImage());
		network = await startTestNetwork({ dir: networkDir });
	});
	after(async () => {
		for (const one of running) await one.remove();
		await network.stop();
		removeImage();
		for (const dir of [networkDir, backup]) rmSync(dir, { recursive: true, force: true });
	});

	const start = (env: Record<string, string>, more: Omit<ContainerOptions, 'env'> = {}) => {
		const one = new Container(image, { env, ...more });
		running.push(one);
		return one;
	};
	/** the network of this machine in place of the world's */
	const local = (port: number) => ({
		PUBLIC_URL: `http://127.0.0.1:${port}`,
		PORT: String(port),
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true'
	});

	it('says how it is run: as nobody in particular, with one volume', () => {
		assert.equal(image.user, 'plyr');
		assert.deepEqual(image.volumes, ['/data']);
		assert.equal(image.stopSignal, 'SIGTERM');
	});

	it('needs nothing but its address, writes nowhere but /data, and is one group of processes', async () => {
		const port = await freePort();
		const site = start({ PUBLIC_URL: 'https://music.example.org', PORT: String(port) });
		await site.healthy();
		const commands = site.processes().map(({ command }) => command);
		for (const part of ['src/server.ts', 'transcoder/src/server.ts', '/bin/postgres -D']) {
			assert.ok(
				commands.some((command) => command.includes(part)),
				commands.join('\n')
			);
		}
		assert.equal(site.exec('id', '-u').output.trim(), '10001');
		for (const folder of ['/', '/app', '/etc', '/app/cache', '/usr/local/bin']) {
			assert.notEqual(site.exec('touch', `${folder}/written`).code, 0, folder);
		}
		const keys = path.join(site.volume, 'keys');
		assert.deepEqual(readdirSync(keys).sort(), ['oauth-client.json', 'oauth-encryption.key']);
		for (const name of readdirSync(keys)) {
			assert.equal(statSync(path.join(keys, name)).mode & 0o777, 0o600);
		}
		assert.match(site.output, /"event":"keys_made","folder":"\/data\/keys","advice":"back this/);

		const kept = readFileSync(path.join(keys, 'oauth-encryption.key'), 'utf8');
		assert.deepEqual(await site.stop(), { code: 0, signal: null });
		const again = start(
			{ PUBLIC_URL: 'https://music.example.org', PORT: String(port) },
			{ volume: site.volume }
		);
		await again.healthy();
		assert.equal(readFileSync(path.join(keys, 'oauth-encryption.key'), 'utf8'), kept);
		assert.doesNotMatch(again.output, /keys_made/);
		await again.stop();
	});

	it('shares its volume with a command, and with no second site; starts again after the power was cut', async () => {
		const port = await freePort();
		const site = start(local(port));
		await site.healthy();
		const { volume } = site;
		const migrate = start(local(port), { volume, command: ['plyr', 'migrate'] });
		assert.deepEqual(await migrate.exited, { code: 0, signal: null });
		assert.match(migrate.output, /^the database is as this version needs it$/m);
		const second = start(local(await freePort()), { volume });
		while (!second.output.includes('"process_died"')) await sleep(50);
		assert.match(second.output, /another container already uses the database/);
		await second.kill();
		await site.healthy();
		assert.equal(site.output.includes('"database_log"'), false, site.output);

		await site.kill();
		const again = start(local(port), { volume });
		await again.healthy();
		await again.stop();
	});

	it('has an artist sign in, send, and be heard, within half a gigabyte', async () => {
		const memory = MemoryGroup.isPossible() ? new MemoryGroup('short', 512) : undefined;
		const port = await freePort();
		const site = start(local(port), { memory });
		await site.healthy();
		await walkJourney(`http://127.0.0.1:${port}`, 20 * MIB);
		const { code, output } = site.exec('plyr', 'doctor');
		assert.match(output, /^ok +keys: /m);
		assert.equal(code, 0, output);
		await site.stop();
		if (!memory) return;
		assert.equal(memory.killed(), 0);
		await memory.remove();
	});

	it('starts again what died, and buries what is left of it', async () => {
		const port = await freePort();
		const site = start({ ...local(port), ROLES: 'web' });
		await site.healthy();
		const server = site.processes().find(({ command }) => command.includes('src/server.ts'));
		process.kill(server?.pid ?? 0, 'SIGKILL');
		while (!site.output.includes('"process_died","code":137')) await sleep(50);
		await site.healthy();
		const states = site.processes().map(({ pid }) => readFileSync(`/proc/${pid}/stat`, 'utf8'));
		assert.ok(
			states.every((state) => !/\) Z /.test(state)),
			states.join('\n')
		);
		assert.deepEqual(await site.stop(), { code: 0, signal: null });
	});

	describe('by the pages of whoever runs it', () => {
		const blockOf = (file: string, heading: string, word: string): string => {
			const blocks = readBlocks(`docs/${file}.md`).get(heading) ?? [];
			const [found, ...more] = blocks.filter(({ text }) => text.includes(word));
			assert.ok(found && more.length === 0, word);
			return found.text;
		};
		let port: number;
		let site: Container;
		let keys: string;
		const hands: ComposeHands = {
			run: async (inner, { env, file }) => {
				const command = inner === '' ? undefined : ['sh', '-c', inner];
				const input = file === undefined ? undefined : keys;
				const { volume } = site;
				const one = start({ ...local(port), ...env }, { volume, backup, command, input });
				if (inner === '') {
					await lookAt(one);
					return;
				}
				assert.equal((await one.exited).code, 0, `${inner}\n${one.output}`);
			},
			exec: (inner) => {
				const { code, output } = site.exec('sh', '-c', inner);
				assert.equal(code, 0, `${inner}\n${output}`);
				return Promise.resolve();
			},
			up: async () => {
				site = start(local(port), { volume: site.volume, backup });
				await site.healthy();
			},
			down: async () => {
				await site.stop();
			}
		};
		/** Somebody has a look at a copy, and ends it. */
		async function lookAt(one: Container): Promise<void> {
			await one.healthy();
			assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /a long piece/);
			await one.stop();
		}
		/** As a volume that the engine makes. */
		async function newVolume(): Promise<Container> {
			const one = start(local(port), { backup, command: ['true'] });
			await one.exited;
			return one;
		}
		let good: string;

		before(async () => {
			port = await freePort();
			site = start(local(port), { backup });
			await site.healthy();
			await walkJourney(`http://127.0.0.1:${port}`, MIB);
			const made = site.exec('plyr', 'backup', '/backup');
			assert.equal(made.code, 0, made.output);
			good = /^(\S+), of /m.exec(made.output)?.[1] ?? '';
			({ output: keys } = site.exec('plyr', 'keys', 'export'));
		});

		it('goes back behind what has damaged it, as often as it is tried', async () => {
			const script = blockOf('deployment', 'a new version', 'aside=').replace(
				'2026-11-28T04-15-02Z-9f3c2a',
				good
			);
			for (const times of [1, 2]) {
				await followCompose(script, hands);
				assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /a long piece/);
				const aside = readdirSync(site.volume).filter((name) => name.startsWith('damaged-'));
				assert.equal(aside.length, times);
				await sleep(1_000);
			}
		});

		it('comes back on an empty machine, of its backup and its keys', async () => {
			const former = readFileSync(path.join(site.volume, 'keys/oauth-encryption.key'), 'utf8');
			await site.stop();
			site = await newVolume();
			assert.deepEqual(readdirSync(site.volume), []);
			await followCompose(blockOf('backup', 'a restore', 'chown -R 10001'), hands);
			const folder = path.join(site.volume, 'keys');
			assert.equal(readFileSync(path.join(folder, 'oauth-encryption.key'), 'utf8'), former);
			assert.equal(statSync(folder).mode & 0o777, 0o700);
			assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /a long piece/);
		});

		it('is tried out beside itself, in a drill', async () => {
			await site.stop();
			site = await newVolume();
			const script = blockOf('backup', 'a restore', '--project-name drill');
			const own = { PUBLIC_URL: `http://127.0.0.1:${port}` };
			await followCompose(script, {
				...hands,
				run: (inner, { env, ...asked }) => hands.run(inner, { ...asked, env: { ...env, ...own } }),
				down: (withVolumes) => {
					assert.ok(withVolumes);
					return Promise.resolve();
				}
			});
		});
	});

	it('works in parts: a worker without pages, pages without a worker, a transcoder by itself', async () => {
		const [webPort, workerPort, transcoderPort] = await Promise.all([
			freePort(),
			freePort(),
			freePort()
		]);
		const key = { TRANSCODER_AUTH_TOKEN: 'a-key-of-this-test' };
		const transcoder = start({
			...key,
			ROLES: 'transcoder',
			TRANSCODER_PORT: String(transcoderPort)
		});
		const worker = start({
			...local(workerPort),
			...key,
			ROLES: 'worker',
			TRANSCODER_URL: `http://127.0.0.1:${transcoderPort}`
		});
		const web = start({ ...local(webPort), ROLES: 'web' });
		await Promise.all([transcoder.healthy(), worker.healthy(), web.healthy()]);
		const has = (one: Container, part: string) =>
			one.processes().some(({ command }) => command.includes(part));
		assert.ok(!has(worker, 'transcoder/src') && !has(web, 'transcoder/src'));
		assert.ok(!has(transcoder, 'src/server.ts --') && !has(transcoder, 'postgres'));
		assert.equal((await fetch(`http://127.0.0.1:${workerPort}/`)).status, 404);
		assert.equal((await fetch(`http://127.0.0.1:${workerPort}/health`)).status, 200);
		assert.equal((await fetch(`http://127.0.0.1:${webPort}/`)).status, 200);
		for (const one of [transcoder, worker, web]) assert.equal((await one.stop()).code, 0);
	});

	it('stops at once, and says why, with a configuration that cannot work', async () => {
		const site = start({ PUBLIC_URL: 'http://music.example.org' });
		assert.deepEqual(await site.exited, { code: 78, signal: null });
		assert.match(site.output, /PUBLIC_URL: must be https/);
		const worker = start({ PUBLIC_URL: 'https://music.example.org', ROLES: 'worker' });
		assert.deepEqual(await worker.exited, { code: 78, signal: null });
		assert.match(worker.output, /TRANSCODER_URL: is needed/);
		for (const ROLES of ['nothing', 'transcoder,wroker']) {
			const nobody = start({ ROLES });
			assert.deepEqual(await nobody.exited, { code: 78, signal: null }, ROLES);
			assert.match(nobody.output, /may name web, worker and transcoder/);
		}
		const open = start({ ROLES: 'transcoder' });
		assert.deepEqual(await open.exited, { code: 78, signal: null });
		assert.match(open.output, /^TRANSCODER_AUTH_TOKEN is not set/m);
	});

	it('runs a command instead, as a release does', async () => {
		const migrate = start(
			{ PUBLIC_URL: 'https://music.example.org' },
			{ command: ['plyr', 'migrate'] }
		);
		assert.deepEqual(await migrate.exited, { code: 0, signal: null });
		assert.match(migrate.output, /^applied: /m);
		assert.ok(existsSync(path.join(migrate.volume, 'postgres')));
	});
});
