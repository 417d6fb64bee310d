import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, statSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { makeAudio, makeSlowWav, tone } from './testing/audio.ts';
import { descendantsOf, isRunning, isConverting, until } from './testing/processes.ts';
import { postFile, startServiceProcess, type ServiceProcess } from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

function programsOf(service: ServiceProcess): number[] {
	return descendantsOf(service.pid).filter(isRunning);
}

function ask(service: ServiceProcess, path: string, expect?: string): ClientRequest {
	const headers = { 'content-length': statSync(path).size, ...(expect && { expect }) };
	const outgoing = request(`${service.url}/transcode?target=opus`, { method: 'POST', headers });
	outgoing.on('error', () => undefined);
	return outgoing;
}

/** Sends a file and does not wait for the answer. */
function begin(service: ServiceProcess, path: string): ClientRequest {
	return createReadStream(path).pipe(ask(service, path));
}

/** Asks whether a file is wanted; it is sent when the service says so. */
function beginAsking(service: ServiceProcess, path: string): ClientRequest {
	const outgoing = ask(service, path, '100-continue');
	outgoing.once('continue', () => createReadStream(path).pipe(outgoing));
	outgoing.flushHeaders();
	return outgoing;
}

async function health(service: ServiceProcess): Promise<Record<string, unknown>> {
	return (await (await fetch(`${service.url}/health`)).json()) as Record<string, unknown>;
}

async function untilFfmpegRuns(service: ServiceProcess): Promise<void> {
	await until('ffmpeg runs', () => programsOf(service).some(isConverting));
}

async function assertIdle(service: ServiceProcess): Promise<void> {
	await until('nothing runs or waits, and no program and no temp folder is left', async () => {
		const { running, waiting } = await health(service);
		const isQuiet = running === 0 && waiting === 0;
		return isQuiet && programsOf(service).length === 0 && service.requestFolders().length === 0;
	});
}

describe('the work of a request', () => {
	const folder = temporaryFolder();
	let slow: string;
	let short: string;

	before(() => {
		slow = makeSlowWav(folder);
		short = makeAudio(folder, 'short.wav', tone(1));
	});

	const start = (environment: Record<string, string> = {}): Promise<ServiceProcess> =>
		startServiceProcess(mkdtempSync(join(folder, 'run-')), environment);

	it('ends at once when the client leaves while ffmpeg runs', async () => {
		const service = await start();
		const outgoing = begin(service, slow);
		await untilFfmpegRuns(service);
		outgoing.destroy();
		const leftMs = performance.now();
		await assertIdle(service);
		assert.ok(performance.now() - leftMs < 1000);
		await until('the log says so', () => service.lines.some(({ code }) => code === 'client_gone'));
		await service.end('SIGTERM');
	});

	it('ends at once when the client leaves while it sends, as a body or as a form', async () => {
		const service = await start();
		const types = ['audio/wav', 'multipart/form-data; boundary=x'];
		for (const type of types) {
			const headers = { 'content-length': 1_000_000, 'content-type': type };
			const outgoing = request(`${service.url}/analyse`, { method: 'POST', headers });
			outgoing.on('error', () => undefined);
			outgoing.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
			outgoing.write(Buffer.alloc(100_000));
			await until('the body arrives', () => service.requestFolders().length === 1);
			assert.deepEqual((await health(service))['waiting'], 1);
			outgoing.destroy();
			await assertIdle(service);
		}
		await service.end('SIGTERM');
	});

	it('waits in line while all places are taken, and not if its client leaves', async () => {
		const service = await start({ TRANSCODER_CONCURRENCY: '1' });
		const first = begin(service, slow);
		await untilFfmpegRuns(service);
		const gone = beginAsking(service, short);
		const [{ statusCode }] = (await once(gone, 'information')) as [{ statusCode: number }];
		assert.equal(statusCode, 102, 'it is told that it was heard');
		const second = postFile(`${service.url}/analyse`, short);
		await until('both are in line', async () => (await health(service))['queued'] === 2);
		gone.destroy();
		await until('one has left', async () => (await health(service))['queued'] === 1);
		assert.equal(service.requestFolders().length, 1, 'nothing of it was read');
		first.destroy();
		assert.equal((await second).status, 200);
		await assertIdle(service);
		await service.end('SIGTERM');
	});

	it('is not begun when no place becomes free, and the answer says when to try again', async () => {
		const service = await start({ TRANSCODER_CONCURRENCY: '1', TRANSCODER_QUEUE_SECONDS: '0' });
		const outgoing = begin(service, slow);
		await untilFfmpegRuns(service);
		assert.deepEqual(await health(service), {
			status: 'ok',
			ffmpeg: (await health(service))['ffmpeg'],
			running: 1,
			waiting: 0,
			queued: 0,
			concurrency: 1
		});
		const refused = await postFile(`${service.url}/analyse`, short);
		assert.deepEqual([refused.status, refused.json()['code']], [503, 'busy']);
		assert.ok(Number(refused.headers['retry-after']) > 0);
		outgoing.destroy();
		await assertIdle(service);
		assert.equal((await postFile(`${service.url}/analyse`, short)).status, 200);
		await service.end('SIGTERM');
	});

	it('is given up after the time limit, with nothing left of it', async () => {
		const service = await start({ TRANSCODER_TIMEOUT_SECONDS: '1' });
		const startedMs = performance.now();
		const answer = await postFile(`${service.url}/transcode?target=opus`, slow);
		assert.deepEqual([answer.status, answer.json()['code']], [504, 'timeout']);
		assert.match(String(answer.json()['error']), /not finished within 1 seconds/);
		assert.ok(performance.now() - startedMs < 3000);
		await assertIdle(service);
		await service.end('SIGTERM');
	});

	it('is done only for those who know the key', async () => {
		const service = await start({
			TRANSCODER_AUTH_TOKEN: 'secret',
			TRANSCODER_ALLOW_ANONYMOUS: ''
		});
		const url = `${service.url}/analyse`;
		for (const headers of [undefined, { 'x-transcoder-key': 'wrong' }]) {
			const answer = await postFile(url, short, headers);
			assert.deepEqual([answer.status, answer.json()['code']], [401, 'unauthorized']);
		}
		assert.equal((await postFile(url, short, { 'x-transcoder-key': 'secret' })).status, 200);
		assert.equal((await fetch(`${service.url}/health`)).status, 200);
		assert.ok(!JSON.stringify(service.lines).includes('secret'), 'no token in the log');
		await service.end('SIGTERM');
	});

	it('is refused without ffmpeg, in a way that waiting does not cure, and health says why', async () => {
		const service = await start({ PATH: join(folder, 'nothing') });
		const { status, ffmpeg } = await health(service);
		assert.deepEqual([status, ffmpeg], ['ok', null]);
		const answer = await postFile(`${service.url}/transcode`, short);
		assert.deepEqual([answer.status, answer.json()['code']], [503, 'ffmpeg_missing']);
		assert.equal(answer.headers['retry-after'], undefined);
		assert.match(String(answer.json()['error']), /install ffmpeg/);
		await service.end('SIGTERM');
	});

	it('is not answered as if it were done when the service stops', async () => {
		const service = await start();
		const outgoing = begin(service, slow);
		await untilFfmpegRuns(service);
		let isAnswered = false;
		outgoing.on('response', () => (isAnswered = true));
		const closed = new Promise((resolve) => outgoing.on('close', resolve));
		assert.equal(await service.end('SIGTERM'), 0);
		await closed;
		assert.equal(isAnswered, false);
	});
});
