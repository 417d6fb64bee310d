import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startObjectServer } from '#lib/server/http/send-object-test-server.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { type LoadResult, runLoad } from './load.ts';
import { isNginxInstalled, startNginx } from './nginx.ts';

const MIB = 1024 * 1024;
const FILE_BYTES = 64 * MIB;
const KEY = 'audio/file.mp3';
const CONNECTIONS = 16;
const MAX_REQUESTS = 500_000;
const WARM_UP_MS = 300;

/** What players ask for: the first bytes of a seek, a stretch of buffer, the file as a download. */
const SCENARIOS: { name: string; rangeBytes: number | null }[] = [
	{ name: '16 KiB ranges', rangeBytes: 16 * 1024 },
	{ name: '64 KiB ranges', rangeBytes: 64 * 1024 },
	{ name: '1 MiB ranges', rangeBytes: MIB },
	{ name: 'whole file', rangeBytes: null }
];

/** Results per kind of request; `nginx` is null where it is not installed. */
export interface StreamComparison {
	scenario: string;
	ours: LoadResult;
	nginx: LoadResult | null;
}

/**
 * Measures how a server streams one file, next to nginx serving the same bytes. The two take turns,
 * so that a busy machine slows both.
 * @param options.url the file at the server under test, answering 200 and 206 without redirects
 * @param options.filePath the same bytes on this machine
 * @param options.durationMs for each kind of request and server
 */
export async function benchStream(options: {
	url: string;
	filePath: string;
	durationMs: number;
	connections?: number;
}): Promise<StreamComparison[]> {
	const { url, filePath, durationMs, connections = CONNECTIONS } = options;
	const { size } = await stat(filePath);
	const stateDir = await mkdtemp(join(tmpdir(), 'plyr-nginx-'));
	const nginx = isNginxInstalled() ? await startNginx(dirname(filePath), stateDir) : null;
	try {
		const results: StreamComparison[] = [];
		for (const { name, rangeBytes } of SCENARIOS) {
			const nextRange = () => (rangeBytes === null ? null : randomRange(size, rangeBytes));
			const measure = async (target: string) => {
				const load = { url: new URL(target), connections, nextRange, maxRequests: MAX_REQUESTS };
				await runLoad({ ...load, durationMs: WARM_UP_MS });
				return await runLoad({ ...load, durationMs });
			};
			const ours = await measure(url);
			const theirs = nginx && (await measure(`${nginx.url}/${basename(filePath)}`));
			results.push({ scenario: name, ours, nginx: theirs });
		}
		return results;
	} finally {
		await nginx?.stop();
		await rm(stateDir, { recursive: true, force: true });
	}
}

function randomRange(sizeBytes: number, rangeBytes: number): string {
	const start = Math.floor(Math.random() * Math.max(1, sizeBytes - rangeBytes));
	return `bytes=${start}-${start + rangeBytes - 1}`;
}

function print(results: StreamComparison[]): void {
	const numbers = ({ requestsPerSecond, megabytesPerSecond }: LoadResult) =>
		`${requestsPerSecond.toFixed(0).padStart(7)}/s ${megabytesPerSecond.toFixed(0).padStart(5)} MB/s`;
	for (const { scenario, ours, nginx } of results) {
		const ratio = nginx && (ours.megabytesPerSecond / nginx.megabytesPerSecond).toFixed(2);
		const compared = nginx ? `nginx ${numbers(nginx)}   ratio ${ratio}` : 'nginx is not installed';
		console.log(`${scenario.padEnd(14)} ours ${numbers(ours)}   ${compared}`);
	}
}

/** A file of random bytes, served by a process of its own until `stop`. */
async function serveOwnFile(dir: string): Promise<{ url: string; stop: () => void }> {
	const child = fork(import.meta.filename, ['--serve', dir]);
	const url = await new Promise<string>((resolve, reject) => {
		child.once('message', (message) => resolve(z.string().url().parse(message)));
		child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
	});
	return { url, stop: () => child.disconnect() };
}

async function serve(dir: string): Promise<void> {
	const storage = await createStorage({ backend: 'filesystem', dir });
	const facts = await storage.head(KEY);
	if (!facts) throw new Error(`there is no ${KEY} in ${dir}`);
	const described = { ...facts, contentType: 'audio/mpeg', sha256: '0'.repeat(64) };
	const { url } = await startObjectServer(storage, described);
	process.send?.(url);
	process.once('disconnect', () => process.exit());
}

async function writeRandomFile(path: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	const file = await open(path, 'w');
	for (let written = 0; written < FILE_BYTES; written += MIB) await file.write(randomBytes(MIB));
	await file.close();
}

async function download(url: string, path: string): Promise<void> {
	const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
	if (response.status !== 200 || !response.body) throw new Error(`${url}: ${response.status}`);
	await mkdir(dirname(path), { recursive: true });
	await pipeline(response.body, createWriteStream(path));
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			url: { type: 'string', default: process.env.BENCH_STREAM_URL },
			'duration-ms': { type: 'string', default: '2000' },
			serve: { type: 'string' }
		}
	});
	if (values.serve !== undefined) {
		await serve(values.serve);
		return;
	}
	const dir = await mkdtemp(join(tmpdir(), 'plyr-bench-'));
	const filePath = join(dir, KEY);
	const durationMs = Number(values['duration-ms']);
	let stop: () => void = () => undefined;
	try {
		if (values.url !== undefined) await download(values.url, filePath);
		else await writeRandomFile(filePath);
		const own = values.url === undefined ? await serveOwnFile(dir) : undefined;
		if (own) stop = own.stop;
		const url = values.url ?? own?.url ?? '';
		print(await benchStream({ url, filePath, durationMs }));
	} finally {
		stop();
		await rm(dir, { recursive: true, force: true });
	}
}

if (process.argv[1] === import.meta.filename) await main();
