import assert from 'node:assert/strict';
import { request, type IncomingMessage } from 'node:http';
import { createReadStream, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { makeSparseWav } from './testing/audio.ts';
import { memoryBytes } from './testing/processes.ts';
import { startServiceProcess, type ServiceProcess } from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

const MIB = 1024 * 1024;
/** What Node keeps in flight and uncollected; it is the same for 50 MB and for 5 GB. */
const ALLOWED_GROWTH_BYTES = 90 * MIB;

/** Posts a file and counts the bytes of the answer without keeping them. */
function postAndCount(url: string, path: string): Promise<{ status: number; bytes: number }> {
	return new Promise((resolve, reject) => {
		const headers = { 'content-length': statSync(path).size };
		const outgoing = request(url, { method: 'POST', headers }, (response: IncomingMessage) => {
			let bytes = 0;
			response.on('data', (chunk: Buffer) => (bytes += chunk.length));
			response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
			response.on('error', reject);
		});
		outgoing.on('error', reject);
		createReadStream(path).pipe(outgoing);
	});
}

/** The most the service's own process grew beyond what it had before `work`, in bytes. */
async function growthOf(service: ServiceProcess, work: () => Promise<void>): Promise<number> {
	const beforeBytes = memoryBytes(service.pid, 'VmRSS');
	await work();
	return memoryBytes(service.pid, 'VmHWM') - beforeBytes;
}

describe('the memory of the service', () => {
	it('does not grow with the file: 500 MB in and 250 MB out', async (test) => {
		const folder = temporaryFolder();
		const service = await startServiceProcess(folder);
		const shape = { formatTag: 1, channels: 2, rateHz: 192_000, bitsPerSample: 32 };
		const path = makeSparseWav(folder, 'large.wav', { ...shape, dataBytes: 500 * MIB });
		const grownBytes = await growthOf(service, async () => {
			const { status, bytes } = await postAndCount(`${service.url}/transcode?target=wav`, path);
			assert.equal(status, 200);
			assert.ok(Math.abs(bytes - 250 * MIB) < MIB, `${bytes} bytes`);
		});
		test.diagnostic(`grew by ${Math.round(grownBytes / MIB)} MiB`);
		assert.ok(grownBytes < ALLOWED_GROWTH_BYTES, `grew by ${Math.round(grownBytes / MIB)} MiB`);
		await service.end('SIGTERM');
	});

	it('does not grow with the sound: 150 MB analysed', async (test) => {
		const folder = temporaryFolder();
		const service = await startServiceProcess(folder);
		const shape = { formatTag: 3, channels: 1, rateHz: 192_000, bitsPerSample: 64 };
		const path = makeSparseWav(folder, 'large.wav', { ...shape, dataBytes: 150 * MIB });
		const grownBytes = await growthOf(service, async () => {
			assert.equal((await postAndCount(`${service.url}/analyse`, path)).status, 200);
		});
		test.diagnostic(`grew by ${Math.round(grownBytes / MIB)} MiB`);
		assert.ok(grownBytes < ALLOWED_GROWTH_BYTES, `grew by ${Math.round(grownBytes / MIB)} MiB`);
		await service.end('SIGTERM');
	});
});
