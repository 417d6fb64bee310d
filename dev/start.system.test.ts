import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { reservePort } from './network/reserve-port.ts';
import { SAMPLE_ARTISTS } from './samples/catalogue.ts';
import { PublishedSamples } from './samples/published.ts';

const READY = /ctrl-c stops everything/;

type Start = { npm: ChildProcess; output: string[]; exited: Promise<number | null> };

/** Every process whose environment names the data folder: all that belongs to a start. */
const processesOf = (dataDir: string): number[] =>
	readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DATA_DIR=${dataDir}\0`);
			} catch {
				return false;
			}
		})
		.map(Number);

describe('npm start', { timeout: 400_000 }, () => {
	let dataDir: string;
	let port: number;
	let current: Start | undefined;

	before(async () => {
		dataDir = await mkdtemp(path.join(tmpdir(), 'plyr-start-'));
		const { port: free, listener } = await reservePort([0]);
		listener.close();
		port = free;
		// the music has its own tests
		const published = await PublishedSamples.open(dataDir);
		for (const { releases } of SAMPLE_ARTISTS) {
			for (const { piece } of releases.flatMap((release) => release.tracks)) {
				await published.markDone(piece.slug);
			}
		}
	});
	afterEach(async () => {
		current?.npm.kill('SIGKILL');
		await waitUntilNothingRuns();
	});
	after(() => rm(dataDir, { recursive: true, force: true }));

	const run = (): Start => {
		const npm = spawn('npm', ['start'], {
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
			env: {
				...process.env,
				NODE_TEST_CONTEXT: undefined,
				// the network from its sources, as everybody has it
				PLYR_NETWORK_PROGRAM: undefined,
				DATA_DIR: dataDir,
				PORT: String(port)
			}
		});
		const output: string[] = [];
		for (const stream of [npm.stdout, npm.stderr]) {
			createInterface({ input: stream }).on('line', (line) => output.push(line));
		}
		const exited = once(npm, 'exit').then(([code]) => code as number | null);
		return { npm, output, exited };
	};
	const startUntilReady = async (): Promise<Start> => {
		const start = run();
		current = start;
		while (!start.output.some((line) => READY.test(line))) {
			assert.equal(start.npm.exitCode, null, start.output.join('\n'));
			await sleep(50);
		}
		return start;
	};
	const waitUntilNothingRuns = async () => {
		for (let waitedMs = 0; processesOf(dataDir).length > 0 && waitedMs < 12_000; waitedMs += 100) {
			await sleep(100);
		}
		assert.deepEqual(processesOf(dataDir), []);
	};
	const answers = async () => (await fetch(`http://127.0.0.1:${port}/ready`)).status;

	it('says where the site is and how to sign in, and Ctrl-C stops all of it', async () => {
		const { npm, output, exited } = await startUntilReady();
		assert.equal(await answers(), 200);
		assert.ok(output.includes(`plyr.fm is at http://127.0.0.1:${port}`));
		assert.ok(output.some((line) => line.includes('alice.test with the password alice-pass')));
		assert.ok(existsSync(path.join(dataDir, 'logs', 'app.log')));
		// as a terminal does it: to the whole group
		process.kill(-(npm.pid ?? 0), 'SIGINT');
		assert.notEqual(await exited, 1);
		await waitUntilNothingRuns();
	});

	it('names who holds the port when it is started a second time', async () => {
		await startUntilReady();
		const second = run();
		assert.equal(await second.exited, 1);
		assert.match(second.output.join('\n'), /port \d+ is held by process \d+ \(.*src\/server\.ts/);
		assert.equal(await answers(), 200);
	});

	it('leaves nothing running after a kill -9, and nothing broken', async () => {
		const { npm } = await startUntilReady();
		const ports = await readFile(path.join(dataDir, 'network', 'ports.json'), 'utf8');
		npm.kill('SIGKILL');
		await waitUntilNothingRuns();

		await startUntilReady();
		assert.equal(await answers(), 200);
		assert.equal(await readFile(path.join(dataDir, 'network', 'ports.json'), 'utf8'), ports);
	});

	it('ends when the app is gone, and says so', async () => {
		const { output, exited } = await startUntilReady();
		const app = processesOf(dataDir).find((pid) =>
			readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0src/server.ts\0')
		);
		assert.ok(app);
		process.kill(app, 'SIGKILL');
		assert.equal(await exited, 1);
		assert.match(output.join('\n'), /the app has stopped/);
	});
});
