import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { makeAudio, tone } from './testing/audio.ts';
import { startServiceProcess, type ServiceProcess } from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

type Body = NonNullable<RequestInit['body']>;

const MAX_BYTES = 400_000;

/** Sends bytes as they are over a connection and returns everything that came back until its end. */
function talk(url: string, bytes: readonly (string | Buffer)[]): Promise<string> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		let answer = '';
		const socket = connect(Number(port), hostname, () => {
			for (const part of bytes) socket.write(part);
		});
		socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
		socket.on('end', () => resolve(answer)).on('error', reject);
	});
}

describe('receiving a file', () => {
	const folder = temporaryFolder();
	let service: ServiceProcess;
	let sound: Buffer<ArrayBuffer>;

	before(async () => {
		service = await startServiceProcess(folder, { TRANSCODER_MAX_UPLOAD_BYTES: String(MAX_BYTES) });
		sound = Buffer.from(readFileSync(makeAudio(folder, 'a.wav', tone(1))));
	});

	after(() => service.end('SIGTERM'));

	const post = (body: Body, headers: Record<string, string> = {}): Promise<Response> =>
		fetch(`${service.url}/transcode`, { method: 'POST', body, headers });

	async function assertRefused(
		answer: Response,
		status: number,
		code: string,
		sentence: RegExp
	): Promise<void> {
		const body = (await answer.json()) as { error: string; code: string };
		assert.deepEqual([answer.status, body.code], [status, code], body.error);
		assert.match(body.error, sentence);
		assert.deepEqual(service.requestFolders(), []);
	}

	it('takes the field file of a form, among others, with its name', async () => {
		const form = new FormData();
		form.append('note', 'hello');
		form.append('cover', new Blob(['picture']), 'cover.png');
		form.append('file', new Blob([sound]), 'Été "1".wav');
		form.append('file', new Blob(['second']), 'second.wav');
		const answer = await post(form);
		assert.equal(answer.status, 200, await answer.clone().text());
		assert.equal(
			answer.headers.get('content-disposition'),
			`attachment; filename="Ete 1.mp3"; filename*=UTF-8''%C3%89t%C3%A9%201.mp3`
		);
	});

	it('takes the whole body when it is no form, of known length or not', async () => {
		for (const type of ['audio/wav', 'application/octet-stream', 'text/plain']) {
			assert.equal((await post(sound, { 'content-type': type })).status, 200, type);
		}
		const chunked = new Blob([sound]).stream();
		const init = { method: 'POST', body: chunked, duplex: 'half' } as RequestInit;
		assert.equal((await fetch(`${service.url}/transcode`, init)).status, 200);
	});

	it('refuses a form without the file, and says which field it wants', async () => {
		const form = new FormData();
		form.append('audio', new Blob([sound]), 'a.wav');
		await assertRefused(await post(form), 400, 'no_file', /bad request: .*"file"/);
		const text = new FormData();
		text.append('file', 'just text');
		await assertRefused(await post(text), 400, 'no_file', /bad request: .*"file"/);
	});

	it('refuses forms that are broken, wherever they break', async () => {
		const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
		const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
		const bodies = ['', 'rubbish', '--x', head, `${head}sound`, `${head}sound\r\n--`, '--x--'];
		for (const body of bodies) {
			const answer = await post(body, multipart);
			const { code } = (await answer.json()) as { code: string };
			assert.equal(answer.status, 400, JSON.stringify(body));
			assert.match(code, /^(bad_multipart|no_file|empty_body)$/, JSON.stringify(body));
		}
		await assertRefused(
			await post(head, { 'content-type': 'multipart/form-data' }),
			400,
			'bad_multipart',
			/bad request: the form is broken/
		);
	});

	it('refuses forms with too many fields', async () => {
		const form = new FormData();
		for (let index = 0; index < 30; index += 1) form.append('note', 'hello');
		form.append('file', new Blob([sound]), 'a.wav');
		await assertRefused(await post(form), 400, 'bad_multipart', /too many fields/);
	});

	it('refuses an empty body and an empty file', async () => {
		await assertRefused(await post(''), 400, 'empty_body', /bad request: .*no bytes/);
		const form = new FormData();
		form.append('file', new Blob([]), 'a.wav');
		await assertRefused(await post(form), 400, 'empty_body', /bad request: .*no bytes/);
	});

	it('refuses too large a body before reading it, and closes the connection', async () => {
		const head = `POST /transcode HTTP/1.1\r\nhost: x\r\ncontent-length: ${MAX_BYTES + 1}\r\n\r\n`;
		const answer = await talk(service.url, [head, 'only a few bytes']);
		assert.match(answer, /^HTTP\/1\.1 413 /);
		assert.match(answer, /\r\nconnection: close\r\n/i);
		assert.match(answer, /"code":"too_large"/);
	});

	it('lets a client that only writes and never looks read the answer after all', async () => {
		const sizeBytes = 20_000_000;
		const head = `POST /transcode HTTP/1.1\r\nhost: x\r\ncontent-length: ${sizeBytes}\r\n\r\n`;
		const answer = await talk(service.url, [head, Buffer.alloc(sizeBytes)]);
		assert.match(answer, /^HTTP\/1\.1 413 [^]*"code":"too_large"/);
	});

	it('does not even ask for it when the client waits to be asked', async () => {
		const head = 'POST /transcode HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n';
		const refused = await talk(service.url, [`${head}content-length: ${MAX_BYTES + 1}\r\n\r\n`]);
		assert.match(refused, /^HTTP\/1\.1 413 /);
		const small = `${head}connection: close\r\ncontent-length: ${sound.length}\r\n\r\n`;
		const accepted = await talk(service.url, [small, sound]);
		assert.match(accepted, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
	});

	it('refuses a body that grows too large while it arrives, and the client can read why', async () => {
		const large = new Blob([Buffer.alloc(3_000_000)]);
		const raw = { method: 'POST', body: large.stream(), duplex: 'half' } as RequestInit;
		const refusedRaw = await fetch(`${service.url}/transcode`, raw);
		await assertRefused(refusedRaw, 413, 'too_large', /400000 bytes/);
		const form = new FormData();
		form.append('file', large, 'a.wav');
		const encoded = new Response(form);
		const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
		const init = { method: 'POST', headers, body: encoded.body, duplex: 'half' } as RequestInit;
		const refusedForm = await fetch(`${service.url}/transcode`, init);
		await assertRefused(refusedForm, 413, 'too_large', /400000 bytes/);
	});

	it('counts the file and not the form around it', async () => {
		const exact = Buffer.alloc(MAX_BYTES);
		sound.copy(exact);
		const form = new FormData();
		form.append('file', new Blob([exact]), 'a.wav');
		assert.equal((await post(form)).status, 200);
		const one = new FormData();
		one.append('file', new Blob([exact, 'x']), 'a.wav');
		await assertRefused(await post(one), 413, 'too_large', /400000 bytes/);
	});

	it('refuses what the service cannot make or do', async () => {
		const target = await fetch(`${service.url}/transcode?target=exe`, {
			method: 'POST',
			body: sound
		});
		await assertRefused(
			target,
			400,
			'unsupported_target',
			/supported: mp3, mp3-128, m4a, wav, flac, ogg, opus/
		);
		const missing = await fetch(`${service.url}/nothing`, { method: 'POST', body: sound });
		await assertRefused(missing, 404, 'not_found', /nothing at this address/);
		const method = await fetch(`${service.url}/analyse`);
		assert.equal(method.headers.get('allow'), 'POST');
		await assertRefused(method, 405, 'method_not_allowed', /use POST/);
	});

	it('goes on after all of this', async () => {
		const health = (await (await fetch(`${service.url}/health`)).json()) as Record<string, unknown>;
		assert.deepEqual([health['running'], health['waiting']], [0, 0]);
		assert.deepEqual(
			service.lines.filter(({ event }) => event === 'transcoder_internal_error'),
			[]
		);
	});
});
