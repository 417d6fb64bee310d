import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { factsOf, sampleBytes } from '#lib/server/storage/contract/sample-bytes.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { streamOf } from '#lib/server/storage/source.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { startObjectServer } from './send-object-test-server.ts';
import { sendObject, type SendableObject } from './send-object.ts';

const MIB = 1024 * 1024;
const LARGE = 64 * MIB;
const LISTENERS = 200;
const large: SendableObject = {
	key: 'audio/large.flac',
	...factsOf(sampleBytes(LARGE)),
	contentType: 'audio/flac',
	lastModified: new Date()
};
let dir: string;
let storage: Storage;
let url: string;
let stop: () => Promise<void>;
let bytesRead = 0;
const responses = new Set<ServerResponse>();

before(async () => {
	dir = await mkdtemp(join(tmpdir(), 'plyr-listeners-'));
	storage = await createStorage({ backend: 'filesystem', dir });
	await storage.put(large.key, sampleBytes(LARGE), { contentType: 'audio/flac' });
	async function* counting(chunks: AsyncIterable<Uint8Array>) {
		for await (const chunk of chunks) {
			assert.ok(chunk.byteLength <= 64 * 1024);
			bytesRead += chunk.byteLength;
			yield chunk;
		}
	}
	const counted: Pick<Storage, 'read' | 'head'> = {
		head: (name) => storage.head(name),
		read: async (name, options) => {
			const chunks = await storage.read(name, options);
			return streamOf(counting(chunks));
		}
	};
	const running = await startObjectServer(counted, large);
	({ url, stop } = running);
	running.server.on('request', (_: IncomingMessage, outgoing: ServerResponse) =>
		responses.add(outgoing)
	);
});
after(async () => {
	await stop();
	await rm(dir, { recursive: true, force: true });
});

const listen = async (range?: string): Promise<IncomingMessage> => {
	const headers = range === undefined ? {} : { range };
	const request = get(url, { headers, agent: false });
	// leaving on purpose is no failure
	request.on('error', () => undefined);
	const [incoming] = (await once(request, 'response')) as [IncomingMessage];
	incoming.on('error', () => undefined);
	incoming.pause();
	return incoming;
};

const openCopies = async () => {
	const names = await readdir('/proc/self/fd');
	const targets = await Promise.all(
		names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => ''))
	);
	return targets.filter((target) => target.endsWith(large.key)).length;
};

const untilNoneOpen = async () => {
	for (let tries = 0; tries < 100 && (await openCopies()) > 0; tries += 1) await sleep(20);
	return await openCopies();
};

it('a paused listener holds 64 KiB of ours, and reading stops', async () => {
	bytesRead = 0;
	responses.clear();
	const incoming = await listen();
	// the system's own buffers fill first
	const stillFor = { reads: -1, rounds: 0 };
	for (let round = 0; round < 100 && stillFor.rounds < 5; round += 1) {
		await sleep(100);
		stillFor.rounds = bytesRead === stillFor.reads ? stillFor.rounds + 1 : 0;
		stillFor.reads = bytesRead;
	}
	assert.equal(stillFor.rounds, 5, 'it reads on though nobody takes');
	assert.ok(bytesRead < LARGE / 2);
	const [outgoing] = responses;
	const socket: Socket | null | undefined = outgoing?.socket;
	assert.ok(outgoing && socket);
	assert.ok(socket.writableLength <= 64 * 1024 + 1024, String(socket.writableLength));
	incoming.destroy();
	assert.equal(await untilNoneOpen(), 0);
});

it('200 paused listeners cost little memory, and leave no open file when they go', async () => {
	const idle = process.memoryUsage.rss();
	const range = (n: number) => (n % 3 === 0 ? 'bytes=0-99999,9000000-60000000' : 'bytes=5-');
	const listeners = await Promise.all(
		Array.from({ length: LISTENERS }, (_, n) => listen(n % 2 === 0 ? range(n) : undefined))
	);
	await sleep(300);
	const grownMib = (process.memoryUsage.rss() - idle) / MIB;
	// 64 KiB each would be 13 MiB; the clients live in this process too, and some of what passed
	// through waits to be collected. without back-pressure it would be 12,800
	assert.ok(grownMib < 160, `${grownMib} MiB for ${LISTENERS} listeners`);
	const open = await openCopies();
	assert.ok(open >= LISTENERS / 2, `${open} open files`);
	for (const incoming of listeners) incoming.destroy();
	assert.equal(await untilNoneOpen(), 0);
});

it('a listener that leaves before the answer begins leaves no open file', async () => {
	const controller = new AbortController();
	await sendObject(new Request(url, controller), storage, large);
	assert.equal(await openCopies(), 1);
	controller.abort();
	assert.equal(await untilNoneOpen(), 0);
});

it('after a pause the rest arrives, every byte of it', async () => {
	const incoming = await listen('bytes=1000000-40000000');
	await sleep(100);
	incoming.resume();
	const received: Buffer[] = [];
	for await (const chunk of incoming) received.push(chunk as Buffer);
	const expected = sampleBytes(LARGE).subarray(1_000_000, 40_000_001);
	assert.deepEqual(factsOf(Buffer.concat(received)), factsOf(expected));
});
