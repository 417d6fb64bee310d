import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { createLogger } from '#lib/server/log.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { TranscoderClient } from './transcoder-client.ts';
import {
	FfmpegMissing,
	NotAudio,
	TranscoderBusy,
	TranscoderRefused,
	TranscoderUnreachable
} from './transcoder-errors.ts';
import { openTranscoder, type Transcoder } from './transcoder.ts';

const never = new AbortController().signal;

/** A file in memory, opened as often as asked. */
function fileOf(bytes: Uint8Array) {
	const file = {
		opened: 0,
		sizeBytes: bytes.byteLength,
		open: () => {
			file.opened++;
			return Promise.resolve(new Blob([Uint8Array.from(bytes)]).stream());
		}
	};
	return file;
}

describe('our own transcoder', () => {
	let dataDir: string;
	let transcoder: Transcoder;
	const lines: Record<string, unknown>[] = [];
	before(async () => {
		dataDir = await mkdtemp(path.join(os.tmpdir(), 'plyr-transcoder-test-'));
		const log = createLogger('debug', (line) =>
			lines.push(JSON.parse(line) as Record<string, unknown>)
		);
		transcoder = await openTranscoder(readConfig({ DATA_DIR: dataDir }), log);
	});
	after(async () => {
		await transcoder.close();
		await rm(dataDir, { recursive: true, force: true });
	});

	it('is started with the application and says what it can do', async () => {
		const { ffmpeg, detail } = await transcoder.capabilities();
		assert.equal(ffmpeg, true, String(detail));
	});

	it('measures a file', async () => {
		const bytes = await makeSample('flac', { seconds: 2, tags: { title: 'a tone' } });
		const found = await transcoder.analyse(fileOf(bytes), never);
		assert.equal(found.codec, 'flac');
		assert.equal(found.durationMs, 2000);
		assert.equal(found.tags['title'], 'a tone');
		assert.equal(found.peaks.length, 1800);
	});

	it('converts a file', async () => {
		const bytes = await makeSample('aiff', { seconds: 2 });
		const converted = await transcoder.transcode(fileOf(bytes), 'mp3', never);
		const chunks: Buffer[] = [];
		for await (const chunk of converted as AsyncIterable<Buffer>) chunks.push(chunk);
		const found = await transcoder.analyse(fileOf(Buffer.concat(chunks)), never);
		assert.equal(found.codec, 'mp3');
		assert.equal(Buffer.concat(chunks).length, Number(converted.headers['content-length']));
	});

	it('says in a sentence what is no audio', async () => {
		await assert.rejects(
			transcoder.analyse(fileOf(Buffer.from('words '.repeat(999))), never),
			(cause) => cause instanceof NotAudio && /no sound/.test(cause.message)
		);
	});

	it('is left in the middle of its work when the caller stops', async () => {
		const stop = new AbortController();
		const file = fileOf(await makeSample('wav', { seconds: 120 }));
		const running = transcoder.analyse(file, stop.signal);
		setTimeout(() => stop.abort(new Error('we stop')), 100);
		await assert.rejects(running, /we stop|abort/i);
		const { ffmpeg } = await transcoder.capabilities();
		assert.equal(ffmpeg, true);
	});

	it('is started again when it dies, and requests wait for it', async () => {
		const pid = await transcoderPid(dataDir);
		process.kill(pid, 'SIGKILL');
		const bytes = await makeSample('mp3', { seconds: 1 });
		await sleep(20);
		const found = await transcoder.analyse(fileOf(bytes), never);
		assert.equal(found.codec, 'mp3');
		assert.ok(lines.some((line) => line['event'] === 'transcoder_stopped'));
		assert.notEqual(await transcoderPid(dataDir), pid);
	});
});

const at = (url: string) => () => Promise.resolve({ url, key: 'k' });

/** The process that was given this folder. */
async function transcoderPid(dataDir: string): Promise<number> {
	const { readdir } = await import('node:fs/promises');
	for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
		const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
		const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
		const isOurs = environment.includes(`TRANSCODER_TEMP_DIR=${dataDir}`);
		if (isOurs && command.includes('transcoder/src/server.ts')) return Number(pid);
	}
	throw new Error('there is no transcoder');
}

describe('a transcoder that does not do what is asked', () => {
	/** A server that answers as told; `close` it at the end. */
	async function serve(listener: RequestListener) {
		const server = createServer(listener);
		server.on('checkContinue', listener);
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const client = new TranscoderClient(at(url), 5_000);
		return { client, close: () => (server.closeAllConnections(), server.close()) };
	}

	const answering = (status: number, code: string, headers: Record<string, string> = {}) =>
		serve((_, response) => {
			response.writeHead(status, { 'content-type': 'application/json', ...headers });
			response.end(JSON.stringify({ error: 'bad request: a sentence', code }));
		});

	const cases: [number, string, new (...args: never[]) => Error][] = [
		[400, 'not_audio', NotAudio],
		[500, 'ffmpeg_failed', TranscoderRefused],
		[504, 'timeout', TranscoderRefused],
		[413, 'too_large', TranscoderRefused],
		[503, 'ffmpeg_missing', FfmpegMissing],
		[401, 'unauthorized', TranscoderUnreachable],
		[500, 'internal', TranscoderUnreachable]
	];
	for (const [status, code, kind] of cases) {
		it(`and answers ${status} ${code} gives ${kind.name}, without reading the file`, async () => {
			const { client, close } = await answering(status, code);
			const file = fileOf(Buffer.alloc(1000));
			await assert.rejects(client.analyse(file, never), kind);
			assert.equal(file.opened, 0);
			close();
		});
	}

	it('because it is busy is asked again after the time it names', async () => {
		let asked = 0;
		const { client, close } = await serve((request, response) => {
			if (++asked < 3) {
				response.writeHead(503, { 'retry-after': '1' });
				response.end(JSON.stringify({ error: 'busy', code: 'busy' }));
				return;
			}
			response.writeContinue();
			request.resume().once('end', () => {
				response.writeHead(400);
				response.end(JSON.stringify({ error: 'the file has arrived', code: 'not_audio' }));
			});
		});
		const file = fileOf(Buffer.alloc(100_000));
		await assert.rejects(client.analyse(file, never), /the file has arrived/);
		assert.deepEqual([asked, file.opened], [3, 1]);
		close();
	});

	it('because all its places are taken keeps ours in line, and gets the file when it is our turn', async () => {
		const file = fileOf(Buffer.alloc(100_000));
		const { client, close } = await serve((request, response) => {
			response.writeProcessing();
			// longer than a server that says nothing is waited for
			setTimeout(() => {
				const sentUnasked = file.opened;
				response.writeContinue();
				request.resume().once('end', () => {
					response.writeHead(400);
					response.end(JSON.stringify({ error: `${sentUnasked} unasked`, code: 'not_audio' }));
				});
			}, 2_500);
		});
		await assert.rejects(client.analyse(file, never), /0 unasked/);
		assert.equal(file.opened, 1);
		close();
	});

	it('because it stays busy is left to be asked another time', async () => {
		const { client, close } = await answering(503, 'busy', { 'retry-after': '0.01' });
		await assert.rejects(client.analyse(fileOf(Buffer.alloc(9)), never), TranscoderBusy);
		close();
	});

	it('because it breaks off is not asked again', async () => {
		let asked = 0;
		const { client, close } = await serve((request, response) => {
			asked++;
			response.writeContinue();
			request.once('data', () => request.socket.destroy());
		});
		await assert.rejects(
			client.analyse(fileOf(Buffer.alloc(500_000)), never),
			TranscoderUnreachable
		);
		assert.equal(asked, 1);
		close();
	});

	it('because it answers nonsense counts as one that does not answer', async () => {
		const { client, close } = await serve((request, response) => {
			response.writeContinue();
			request.resume().once('end', () => response.end('{"peaks": []}'));
		});
		await assert.rejects(client.analyse(fileOf(Buffer.alloc(9)), never), TranscoderUnreachable);
		close();
	});

	it('because the file cannot be read says what is wrong with the file', async () => {
		const { client, close } = await serve((request, response) => {
			response.writeContinue();
			request.resume();
		});
		const open = () => Promise.reject(new Error('the storage is away'));
		await assert.rejects(client.analyse({ open, sizeBytes: 9 }, never), /the storage is away/);
		close();
	});

	it('within its time is given up on', async () => {
		const server = createServer();
		server.on('checkContinue', () => undefined);
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const client = new TranscoderClient(at(url), 300);
		await assert.rejects(client.analyse(fileOf(Buffer.alloc(9)), never), TranscoderUnreachable);
		server.closeAllConnections();
		server.close();
	});

	it('because nobody listens is asked again for a while', async () => {
		const startedAt = performance.now();
		const client = new TranscoderClient(at('http://127.0.0.1:1'), 20_000);
		await assert.rejects(client.analyse(fileOf(Buffer.alloc(9)), never), TranscoderUnreachable);
		assert.ok(performance.now() - startedAt > 2_500);
	});
});
