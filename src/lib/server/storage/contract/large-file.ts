import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { StorageConfig } from '#lib/server/config.ts';
import { createStorage } from '../create-storage.ts';
import type { StoredBytes } from '../storage.ts';
import { sampleBytes } from './sample-bytes.ts';

// run in a process of its own: memory that other tests left unused would hide what this one takes

const CHUNK_BYTES = 64 * 1024;
const CHUNKS = 4800;
const MEASURE_EVERY_MS = 10;

/** How far resident memory was above idle at its highest, in MiB, in each step with 300 MiB. */
export const largeFileReport = z.object({
	put: z.number(),
	append: z.number(),
	publish: z.number(),
	read: z.number(),
	/** all bytes came out as they went in */
	isIntact: z.boolean()
});

export type LargeFileReport = z.infer<typeof largeFileReport>;

/** Chunks that the receiver may keep, as a network would give them. */
async function* largeFile(chunks: number): AsyncGenerator<Uint8Array, void> {
	const block = sampleBytes(CHUNK_BYTES);
	for (let number = 0; number < chunks; number += 1) {
		block.writeUInt32LE(number);
		yield await Promise.resolve(Buffer.from(block));
	}
}

function factsOfLargeFile(): StoredBytes {
	const block = sampleBytes(CHUNK_BYTES);
	const hash = createHash('sha256');
	for (let number = 0; number < CHUNKS; number += 1) {
		block.writeUInt32LE(number);
		hash.update(block);
	}
	return { sizeBytes: CHUNKS * CHUNK_BYTES, sha256: hash.digest('hex') };
}

async function growthDuring(idle: number, work: () => Promise<unknown>): Promise<number> {
	let peak = 0;
	const measure = () => (peak = Math.max(peak, process.memoryUsage.rss()));
	const timer = setInterval(measure, MEASURE_EVERY_MS);
	await work();
	measure();
	clearInterval(timer);
	return Math.round((peak - idle) / 1024 / 1024);
}

async function report(config: StorageConfig): Promise<LargeFileReport> {
	const storage = await createStorage(config);
	const mp3 = { contentType: 'audio/mpeg' };
	// code is loaded and connections are made before anything is measured
	await storage.put('large/warm.mp3', largeFile(10), mp3);
	await storage.staging.append('large-warm', 0, largeFile(10));

	const promised = { ...factsOfLargeFile(), ...mp3 };
	const idle = process.memoryUsage.rss();
	const grown = (work: () => Promise<unknown>) => growthDuring(idle, work);
	let put: { sha256: string } | undefined;
	const readBack = createHash('sha256');
	const growth = {
		put: await grown(async () => {
			put = await storage.put('large/put.mp3', largeFile(CHUNKS), mp3);
		}),
		append: await grown(() => storage.staging.append('large', 0, largeFile(CHUNKS))),
		publish: await grown(() => storage.staging.publish('large', 'large/pub.mp3', promised)),
		read: await grown(async () => {
			for await (const chunk of await storage.read('large/pub.mp3')) readBack.update(chunk);
		})
	};
	await storage.close();
	const isIntact = put?.sha256 === promised.sha256 && readBack.digest('hex') === promised.sha256;
	return { ...growth, isIntact };
}

const [, script, config] = process.argv;
if (script === import.meta.filename && config !== undefined) {
	process.stdout.write(JSON.stringify(await report(JSON.parse(config) as StorageConfig)));
}
