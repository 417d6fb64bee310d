import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Upload } from 'tus-js-client';
import { beginLease, obtainLease } from '#lib/server/uploads/lease.ts';
import { ALICE, type Answer, BOB, noise, send, type Sending } from './receiving/requests.ts';
import { startReceiver } from './receiving/receiver.ts';
import { sha256, startWorld, type World } from './receiving/world.ts';

const MAX_MB = 8;
const MEBIBYTE = 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;

let world: World;
before(async () => (world = await startWorld(MAX_MB)));
after(() => world.end());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const metadata = (fields: Record<string, string>) =>
	Object.entries(fields)
		.map(([key, value]) => `${key} ${base64(value)}`)
		.join(',');
const SONG = metadata({ filename: 'song.wav', title: 'a song' });

const tus = (address: string, { headers, ...sending }: Sending = {}) =>
	send(address.startsWith('http') ? address : world.url + address, {
		...sending,
		headers: { 'tus-resumable': '1.0.0', ...headers }
	});

const create = (sizeBytes: number | string, uploadMetadata = SONG, sending: Sending = {}) =>
	tus('/api/uploads/tus', {
		method: 'POST',
		...sending,
		headers: {
			'upload-length': String(sizeBytes),
			'upload-metadata': uploadMetadata,
			...sending.headers
		}
	});

const begin = async (sizeBytes: number, sending: Sending = {}): Promise<string> => {
	const answer = await create(sizeBytes, SONG, sending);
	assert.equal(answer.status, 201, answer.text);
	return answer.headers.location ?? '';
};

const PART = { 'content-type': 'application/offset+octet-stream' };

const patch = (address: string, offset: number | string, sending: Sending = {}) =>
	tus(address, {
		method: 'PATCH',
		...sending,
		headers: { ...PART, 'upload-offset': String(offset), ...sending.headers }
	});

const head = (address: string, sending: Sending = {}) =>
	tus(address, { method: 'HEAD', ...sending });

const rowOf = async (address: string) =>
	await world.database.db
		.selectFrom('uploads')
		.selectAll()
		.where('id', '=', address.split('/').at(-1) ?? '')
		.executeTakeFirst();

const assertReceived = async (address: string, bytes: Uint8Array) => {
	const row = await rowOf(address);
	assert.equal(row?.status, 'pending');
	assert.equal(row.stage, 'received');
	assert.equal(row.sha256, sha256(bytes));
	assert.equal(row.received_bytes, bytes.length);
	assert.equal(row.size_bytes, bytes.length);
	assert.equal(row.expires_at, null);
	assert.equal(await world.stagedHash(row.id), sha256(bytes));
	assert.equal(await world.jobsOf(row.id), 1);
};

const assertCode = (answer: Answer, status: number, code: string, detail: RegExp = /./) => {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.code, code);
	assert.match(JSON.stringify(answer.detail), detail);
	assert.equal(answer.headers['tus-resumable'], '1.0.0');
};

describe('a resumable upload', () => {
	it('is announced with what this server can do', async () => {
		const answer = await send(`${world.url}/api/uploads/tus`, { method: 'OPTIONS', viewer: null });
		assert.equal(answer.status, 204);
		assert.equal(answer.headers['tus-version'], '1.0.0');
		assert.equal(answer.headers['tus-max-size'], String(MAX_MB * MEBIBYTE));
		assert.equal(answer.headers['tus-checksum-algorithm'], 'sha256');
		assert.deepEqual(String(answer.headers['tus-extension']).split(','), [
			'creation',
			'creation-with-upload',
			'termination',
			'expiration',
			'checksum'
		]);
	});

	it('arrives in parts and becomes what a form would have made of it', async () => {
		const wav = noise(300_000, 1);
		const all = metadata({
			filename: 'song.wav',
			title: 'träume',
			album: 'an album',
			description: 'made at home',
			features: '["bob.test"]'
		});
		const created = await create(wav.length, all);
		assert.equal(created.status, 201);
		const address = created.headers.location ?? '';
		assert.match(address, /^\/api\/uploads\/tus\/[0-9a-f-]{36}$/);
		const first = await patch(address, 0, { body: wav.subarray(0, 100_000) });
		assert.equal(first.status, 204, first.text);
		assert.equal(first.headers['upload-offset'], '100000');
		const state = await head(address);
		assert.equal(state.status, 200);
		assert.equal(state.headers['upload-offset'], '100000');
		assert.equal(state.headers['upload-length'], '300000');
		assert.equal(state.headers['upload-metadata'], all);
		assert.equal(state.headers['cache-control'], 'no-store');
		const last = await patch(address, 100_000, { body: wav.subarray(100_000) });
		assert.equal(last.headers['upload-offset'], '300000');
		assert.equal(last.headers['upload-expires'], undefined);
		await assertReceived(address, wav);
		const row = await rowOf(address);
		assert.deepEqual(row?.fields, {
			title: 'träume',
			album: 'an album',
			description: 'made at home',
			features: ['bob.test']
		});
		assert.equal((await head(address)).headers['upload-offset'], '300000');
		assert.equal((await patch(address, 300_000)).status, 204);
	});

	it('needs no title: the file says it', async () => {
		const wav = noise(40_000, 96);
		const { status, headers } = await create(
			wav.length,
			metadata({ filename: 'a.wav', title: ' ' })
		);
		assert.equal(status, 201);
		const address = headers.location ?? '';
		assert.equal((await patch(address, 0, { body: wav })).status, 204);
		await assertReceived(address, wav);
		assert.deepEqual((await rowOf(address))?.fields, {});
	});

	it('may come with its creation', async () => {
		const wav = noise(70_000, 2);
		const whole = await create(wav.length, SONG, { headers: PART, body: wav });
		assert.equal(whole.status, 201, whole.text);
		assert.equal(whole.headers['upload-offset'], '70000');
		await assertReceived(whole.headers.location ?? '', wav);
		const half = await create(wav.length, SONG, { headers: PART, body: wav.subarray(0, 30_000) });
		assert.equal(half.headers['upload-offset'], '30000');
		const address = half.headers.location ?? '';
		assert.equal((await patch(address, 30_000, { body: wav.subarray(30_000) })).status, 204);
	});

	it('expires a day after its last byte, and says when', async () => {
		const created = await create(50_000);
		const address = created.headers.location ?? '';
		const inHours = (text: unknown) => (Date.parse(String(text)) - Date.now()) / HOUR_MS;
		assert.ok(Math.abs(inHours(created.headers['upload-expires']) - 24) < 0.01);
		const soon = new Date(Date.now() + HOUR_MS);
		const { db } = world.database;
		const id = address.split('/').at(-1) ?? '';
		await db.updateTable('uploads').set({ expires_at: soon }).where('id', '=', id).execute();
		assert.ok(inHours((await head(address)).headers['upload-expires']) < 1.01);
		const part = await patch(address, 0, { body: noise(50_000).subarray(0, 40_000) });
		assert.ok(Math.abs(inHours(part.headers['upload-expires']) - 24) < 0.01);
		const past = new Date(Date.now() - 1000);
		await db.updateTable('uploads').set({ expires_at: past }).where('id', '=', id).execute();
		assert.equal((await head(address)).status, 410);
		assertCode(await patch(address, 40_000, { body: Buffer.alloc(9) }), 410, 'upload_expired');
		await db.deleteFrom('uploads').where('id', '=', id).execute();
	});

	it('is ended by its sender, and nothing of it stays', async () => {
		const before = await world.holdings();
		const address = await begin(50_000);
		await patch(address, 0, { body: noise(50_000).subarray(0, 30_000) });
		const ended = await tus(address, { method: 'DELETE' });
		assert.equal(ended.status, 204);
		assert.equal((await head(address)).status, 404);
		assert.deepEqual(await world.holdings(), before);
	});

	it('is spoken by methods in a header where a network lets only POST through', async () => {
		const address = await begin(40_000);
		const answer = await tus(address, {
			method: 'POST',
			headers: { ...PART, 'upload-offset': '0', 'x-http-method-override': 'PATCH' },
			body: noise(40_000, 3)
		});
		assert.equal(answer.status, 204);
		await assertReceived(address, noise(40_000, 3));
	});

	it('is not ended by a question with a method in a header', async () => {
		const address = await begin(40_000);
		const answer = await head(address, { headers: { 'x-http-method-override': 'DELETE' } });
		assert.equal(answer.status, 200);
		assert.equal((await rowOf(address))?.status, 'receiving');
	});

	it('goes on after more bytes than announced, with what was kept of them', async () => {
		const wav = noise(40_000, 25);
		const address = await begin(wav.length);
		await patch(address, 0, { body: wav.subarray(0, 20_000) });
		const more = await patch(address, 20_000, { body: noise(20_001) });
		assertCode(more, 413, 'too_many_bytes', /what fitted is kept.*send only the rest/);
		const offset = Number((await head(address)).headers['upload-offset']);
		assert.equal((await rowOf(address))?.received_bytes, offset);
		assert.equal((await patch(address, offset, { body: wav.subarray(offset) })).status, 204);
		await assertReceived(address, wav);
	});

	it('is what an ordinary tus client sends, eight at a time', async () => {
		const files = Array.from({ length: 8 }, (_, i) => noise(600_000 + i, 100 + i));
		const addresses = await Promise.all(
			files.map(
				(file) =>
					new Promise<string>((resolve, reject) => {
						const upload: Upload = new Upload(file, {
							endpoint: `${world.url}/api/uploads/tus`,
							headers: { 'x-viewer': ALICE },
							metadata: { filename: 'a.wav', title: 'a' },
							chunkSize: 250_000,
							onError: reject,
							onSuccess: () => resolve(new URL(upload.url ?? '').pathname)
						});
						upload.start();
					})
			)
		);
		for (const [i, address] of addresses.entries()) {
			await assertReceived(address, files[i] ?? Buffer.alloc(0));
		}
	});
});

describe('a resumable upload whose first part is tiny', () => {
	const tag = Buffer.from('ID3\x04\0\0\0\0\x02\x01');
	const beginnings = {
		wav: noise(40_000, 21),
		aiff: Buffer.concat([Buffer.from('FORM\0\0\x9c\x38AIFF'), noise(39_988, 22)]),
		mp3: Buffer.concat([tag, noise(39_990, 23)]),
		flac: Buffer.concat([Buffer.from('fLaC'), noise(39_996, 24)])
	};
	for (const [format, bytes] of Object.entries(beginnings)) {
		it(`goes on, when it is ${format}`, async () => {
			for (const count of [1, 3, 8]) {
				const address = await begin(bytes.length);
				const tiny = await patch(address, 0, { body: bytes.subarray(0, count) });
				assert.equal(tiny.status, 204, tiny.text);
				assert.equal(tiny.headers['upload-offset'], String(count));
				assert.equal((await patch(address, count, { body: bytes.subarray(count) })).status, 204);
				await assertReceived(address, bytes);
			}
		});
	}

	it('is refused when that is all of it, and it is no audio', async () => {
		const address = await begin(8);
		const answer = await patch(address, 0, { body: Buffer.from('words ok') });
		assertCode(answer, 400, 'unsupported_audio', /this is text/);
		assert.equal(await rowOf(address), undefined);
	});
});

describe('a resumable upload that is refused', () => {
	let before: unknown;
	beforeEach(async () => (before = await world.holdings()));
	const refused = async (answer: Answer, status: number, code: string, detail?: RegExp) => {
		assertCode(answer, status, code, detail);
		assert.deepEqual(await world.holdings(), before);
	};

	it('when nobody is signed in', async () => {
		await refused(await create(9, SONG, { viewer: null }), 401, 'not_authenticated');
	});

	it('in another version of the protocol', async () => {
		const answer = await create(9, SONG, { headers: { 'tus-resumable': '0.2.2' } });
		assert.equal(answer.headers['tus-version'], '1.0.0');
		await refused(answer, 412, 'tus_version');
	});

	it('without a length, with an empty file, or above the limit', async () => {
		const deferred = await tus('/api/uploads/tus', {
			method: 'POST',
			headers: { 'upload-defer-length': '1', 'upload-metadata': SONG }
		});
		await refused(deferred, 400, 'missing_length', /Upload-Length is needed/);
		await refused(await create('-1'), 400, 'bad_header');
		await refused(await create(0), 400, 'empty_file', /this file is empty/);
		const tooLarge = await create(MAX_MB * MEBIBYTE + 1);
		await refused(tooLarge, 413, 'file_too_large', /file too large \(max 8MB\)/);
	});

	it('with metadata that does not fit', async () => {
		await refused(await create(9, metadata({ title: 'a' })), 400, 'missing_filename');
		await refused(await create(9, 'filename ***'), 400, 'bad_metadata');
		await refused(await create(9, 'a YQ==,a YQ=='), 400, 'bad_metadata');
		const long = metadata({ filename: 'a.wav', title: 'é'.repeat(129) });
		await refused(await create(9, long), 422, 'invalid_field', /at most 256 bytes/);
		const image = metadata({ filename: 'a.wav', title: 'a', image_id: '0123456789abcdef' });
		await refused(await create(9, image), 422, 'invalid_field', /"field":"image_id"/);
		const untitled = await create(9, metadata({ filename: 'a.wav', title: ' ' }));
		assert.equal(untitled.status, 201, 'a title may be left out');
	});

	it('when its beginning is no audio; the announced upload is removed with it', async () => {
		const address = await begin(100_000);
		const answer = await patch(address, 0, { body: Buffer.alloc(100_000, 'words ') });
		await refused(answer, 400, 'unsupported_audio', /text.*supported: mp3/);
		assert.equal((await head(address)).status, 404);
		const atOnce = await create(60_000, SONG, {
			headers: PART,
			body: Buffer.alloc(60_000, 'PK\x03\x04')
		});
		await refused(atOnce, 400, 'unsupported_audio', /a zip archive/);
	});

	it('because it is not theirs, or not there', async () => {
		const address = await begin(40_000);
		before = await world.holdings();
		for (const viewer of [BOB]) {
			assert.equal((await head(address, { viewer })).status, 404);
			const answer = await patch(address, 0, { viewer, body: noise(40_000) });
			await refused(answer, 404, 'upload_not_found');
			await refused(await tus(address, { viewer, method: 'DELETE' }), 404, 'upload_not_found');
		}
		for (const id of ['nonsense', '00000000-0000-4000-8000-000000000000', 'a/b']) {
			assert.equal((await head(`/api/uploads/tus/${id}`)).status, 404);
		}
	});

	it('at a wrong offset, with a wrong type, and with more bytes than announced', async () => {
		const address = await begin(40_000);
		await patch(address, 0, { body: noise(40_000).subarray(0, 20_000) });
		before = await world.holdings();
		await refused(
			await patch(address, 0, { body: noise(40_000) }),
			409,
			'wrong_offset',
			/byte 20000/
		);
		await refused(await patch(address, 30_000, { body: noise(9) }), 409, 'wrong_offset');
		await refused(await patch(address, 'x', { body: noise(9) }), 400, 'bad_header');
		const json = { headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') };
		await refused(await patch(address, 20_000, json), 415, 'wrong_content_type');
		assert.equal((await head(address)).headers['upload-offset'], '20000');
		await refused(await patch(address, 20_000, { body: noise(20_001) }), 413, 'too_many_bytes');
	});

	it('because the artist has published the same bytes: it fails and names the track', async () => {
		const wav = noise(90_000, 77);
		const trackId = await world.publish(ALICE, wav);
		const address = await begin(wav.length);
		assert.equal((await patch(address, 0, { body: wav })).status, 204);
		const row = await rowOf(address);
		assert.equal(row?.status, 'failed');
		assert.equal(row.error_code, 'duplicate_upload');
		assert.equal(row.error, `duplicate upload: track already exists (id: ${trackId})`);
		assert.equal(await world.stagedHash(row.id), null);
		assert.equal(await world.jobsOf(row.id), 0);
		assert.equal(await world.publishedHash(wav), sha256(wav));
	});
});

describe('a part with a checksum', () => {
	const checksum = (bytes: Uint8Array) => ({
		'upload-checksum': `sha256 ${Buffer.from(sha256(bytes), 'hex').toString('base64')}`
	});

	it('is kept when it is whole, and not at all when it is damaged', async () => {
		const wav = noise(200_000, 5);
		const address = await begin(wav.length);
		const half = wav.subarray(0, 120_000);
		const good = await patch(address, 0, { body: half, headers: checksum(half) });
		assert.equal(good.status, 204, good.text);
		const before = await world.holdings();
		const rest = wav.subarray(120_000);
		const damaged = Buffer.from(rest);
		damaged[5] = (damaged[5] ?? 0) ^ 1;
		const bad = await patch(address, 120_000, { body: damaged, headers: checksum(rest) });
		assertCode(bad, 460, 'checksum_mismatch', /nothing of it was kept/);
		assert.equal((await head(address)).headers['upload-offset'], '120000');
		assert.deepEqual(await world.holdings(), before);
		assert.equal(
			(await patch(address, 120_000, { body: rest, headers: checksum(rest) })).status,
			204
		);
		await assertReceived(address, wav);
	});

	it('is not kept in part when it breaks off', async () => {
		const wav = noise(200_000, 6);
		const address = await begin(wav.length);
		const before = await world.holdings();
		const leaving = new AbortController();
		async function* body() {
			yield wav.subarray(0, 100_000);
			await sleep(100);
			leaving.abort();
		}
		const headers = { ...checksum(wav), 'content-length': '200000' };
		await assert.rejects(patch(address, 0, { headers, body: body(), signal: leaving.signal }));
		await sleep(300);
		assert.equal((await head(address)).headers['upload-offset'], '0');
		assert.deepEqual(await world.holdings(), before);
	});

	it('must be one this server can verify', async () => {
		const address = await begin(40_000);
		for (const value of ['md5 1B2M2Y8AsgTpgAmY7PhCfg==', 'sha256 short', 'sha256']) {
			const answer = await patch(address, 0, {
				body: noise(40_000),
				headers: { 'upload-checksum': value }
			});
			assertCode(answer, 400, 'bad_checksum');
		}
	});
});

/** Sends the first `count` bytes of a part and then hangs, or leaves when told. */
function hangingPatch(url: string, offset: number, bytes: Uint8Array, leaving?: AbortSignal) {
	async function* body() {
		yield bytes;
		await new Promise((resolve) => leaving?.addEventListener('abort', resolve));
	}
	const answer = patch(url, offset, {
		body: body(),
		headers: { 'content-length': String(MAX_MB * MEBIBYTE) },
		signal: leaving
	});
	return { answer, arrived: holds(url.split('/').at(-1) ?? '', offset + bytes.length) };
}

async function holds(id: string, bytes: number): Promise<void> {
	const giveUpAt = Date.now() + 15_000;
	while ((await world.ctx.storage.staging.size(id)) !== bytes) {
		if (Date.now() > giveUpAt) throw new Error(`${bytes} bytes of ${id} did not arrive`);
		await sleep(10);
	}
}

const offsetOf = async (address: string) => Number((await head(address)).headers['upload-offset']);

describe('a resumable upload that is interrupted', () => {
	const wav = noise(MAX_MB * MEBIBYTE, 9);

	it('goes on where it broke off', async () => {
		const address = await begin(wav.length);
		const leaving = new AbortController();
		const { answer, arrived } = hangingPatch(
			address,
			0,
			wav.subarray(0, 3_000_000),
			leaving.signal
		);
		await arrived;
		leaving.abort();
		await assert.rejects(answer);
		await sleep(300);
		const offset = await offsetOf(address);
		assert.equal(offset, 3_000_000);
		assert.equal((await rowOf(address))?.received_bytes, offset);
		assert.equal((await patch(address, offset, { body: wav.subarray(offset) })).status, 204);
		await assertReceived(address, wav);
	});

	it('is taken over by the new request of a client whose old one hangs', async () => {
		const address = await begin(wav.length);
		const { answer, arrived } = hangingPatch(address, 0, wav.subarray(0, 2_000_000));
		await arrived;
		const startedAt = performance.now();
		const next = await patch(address, 2_000_000, { body: wav.subarray(2_000_000) });
		assert.equal(next.status, 204, next.text);
		assert.ok(performance.now() - startedAt < 3_000);
		await assertReceived(address, wav);
		assertCode(await answer, 423, 'upload_taken_over');
	});

	it('is not taken over by what is there already: that is refused before it is sent', async () => {
		const address = await begin(wav.length);
		const leaving = new AbortController();
		const { answer, arrived } = hangingPatch(
			address,
			0,
			wav.subarray(0, 2_000_000),
			leaving.signal
		);
		await arrived;
		let sentBytes = 0;
		async function* again() {
			for (const at of Array.from({ length: 80 }, (_, i) => i * 100_000)) {
				yield wav.subarray(at, at + 100_000);
				sentBytes += 100_000;
				await sleep(5);
			}
		}
		const headers = { 'content-length': String(wav.length) };
		// whether the answer gets through or not: it is over
		const refusal = await patch(address, 0, { body: again(), headers }).catch(() => null);
		if (refusal) assertCode(refusal, 409, 'wrong_offset', /byte 2000000/);
		await sleep(100);
		const stoppedAtBytes = sentBytes;
		await sleep(100);
		assert.equal(sentBytes, stoppedAtBytes, 'the connection is closed');
		assert.ok(sentBytes < 2_000_000, `${sentBytes}`);
		leaving.abort();
		await assert.rejects(answer, 'the one that writes was left alone');
	});

	it('is asked about on one connection and sent over another', async () => {
		// a browser sends again what broke off on a connection that carried a request before
		const created = await create(wav.length);
		assert.equal(created.headers.connection, 'close');
		assert.equal((await head(created.headers.location ?? '')).headers.connection, 'close');
	});

	it('is taken over through another process', async () => {
		const other = await startReceiver(world.options);
		try {
			const address = await begin(wav.length);
			const { answer, arrived } = hangingPatch(address, 0, wav.subarray(0, 2_000_000));
			await arrived;
			const next = await patch(other.url + address, 2_000_000, { body: wav.subarray(2_000_000) });
			assert.equal(next.status, 204, next.text);
			await assertReceived(address, wav);
			assertCode(await answer, 423, 'upload_taken_over');
		} finally {
			await other.close();
		}
	});

	it('in turns by two processes has the hash of the whole', async () => {
		const other = await startReceiver(world.options);
		try {
			const address = await begin(wav.length);
			const step = 1_500_000;
			for (let offset = 0; offset < wav.length; offset += step) {
				const url = (offset / step) % 2 === 0 ? world.url : other.url;
				const part = wav.subarray(offset, offset + step);
				assert.equal((await patch(url + address, offset, { body: part })).status, 204);
			}
			await assertReceived(address, wav);
		} finally {
			await other.close();
		}
	});

	it('is stopped when its artist removes it, and nothing stays', async () => {
		const before = await world.holdings();
		const address = await begin(wav.length);
		const { answer, arrived } = hangingPatch(address, 0, wav.subarray(0, 2_000_000));
		await arrived;
		assert.equal((await tus(address, { method: 'DELETE' })).status, 204);
		assert.equal((await answer).status, 423);
		assert.deepEqual(await world.holdings(), before);
	});

	it('is not found, by everybody who waited to write to it, once its artist has removed it', async () => {
		const before = await world.holdings();
		for (let round = 0; round < 5; round++) {
			const address = await begin(wav.length);
			const { answer, arrived } = hangingPatch(address, 0, wav.subarray(0, 2_000_000));
			await arrived;
			// a page that discards its draft while it sends: whoever comes last finds nothing
			const waiting = [
				tus(address, { method: 'DELETE' }),
				...[1, 2, 3].map(() => patch(address, 0, { body: wav.subarray(0, 1_000) })),
				tus(address, { method: 'DELETE' })
			];
			const answers = await Promise.all(waiting);
			const said = answers.map(({ status, code }) => `${status} ${code ?? ''}`);
			for (const one of said) assert.match(one, /^(204 |404 upload_not_found|409 |423 )/);
			assert.ok(said.includes('404 upload_not_found'), said.join());
			assert.match(String((await answer).status), /^4(?:04|23)$/);
			await tus(address, { method: 'DELETE' });
		}
		assert.deepEqual(await world.holdings(), before);
	});

	it('is finished by a repetition that comes when the last byte is already there', async () => {
		const address = await begin(wav.length);
		const id = address.split('/').at(-1) ?? '';
		await world.ctx.storage.staging.append(id, 0, wav);
		assertCode(await patch(address, 0, { body: wav }), 409, 'upload_complete', /arrived already/);
		await assertReceived(address, wav);
	});

	it('shows what is there when a repetition begins at the wrong byte', async () => {
		const address = await begin(wav.length);
		const id = address.split('/').at(-1) ?? '';
		await world.ctx.storage.staging.append(id, 0, wav.subarray(0, 700_000));
		assertCode(await patch(address, 0, { body: wav }), 409, 'wrong_offset', /byte 700000/);
		assert.equal((await rowOf(address))?.received_bytes, 700_000);
	});

	it('is finished when a client sends all of it several times at once', async () => {
		const address = await begin(wav.length);
		const answers = await Promise.all([1, 2, 3].map(() => patch(address, 0, { body: wav })));
		for (const { status, text } of answers) assert.ok([204, 409, 423].includes(status), text);
		const row = await rowOf(address);
		if (row?.status === 'receiving') {
			const offset = row.received_bytes;
			assert.equal((await patch(address, offset, { body: wav.subarray(offset) })).status, 204);
		}
		await assertReceived(address, wav);
	});

	it('is finished by the question how far it is, when its last request died at the very end', async () => {
		const address = await begin(wav.length);
		const id = address.split('/').at(-1) ?? '';
		await world.ctx.storage.staging.append(id, 0, wav);
		assert.equal((await rowOf(address))?.status, 'receiving');
		assert.equal(await offsetOf(address), wav.length);
		await assertReceived(address, wav);
	});

	it('is finished by who is at it: to ask how far it is begins nothing anew', async () => {
		const address = await begin(wav.length);
		const id = address.split('/').at(-1) ?? '';
		await world.ctx.storage.staging.append(id, 0, wav);
		const lease = await obtainLease(world.ctx, { id, artist_did: ALICE });
		const asked = offsetOf(address);
		await sleep(1_500);
		assert.equal(lease.signal.aborted, false);
		await lease.release();
		assert.equal(await asked, wav.length);
		await assertReceived(address, wav);
	});

	it('is finished by that question, too, while it is not known yet that the request died', async () => {
		const address = await begin(wav.length);
		const id = address.split('/').at(-1) ?? '';
		await world.ctx.storage.staging.append(id, 0, wav);
		const upload = { id, artist_did: ALICE };
		await world.ctx.db.transaction().execute((trx) => beginLease(trx, upload));
		await world.ctx.sql`
			update upload_leases set expires_at = now() + interval '2 seconds' where upload_id = ${id}`;
		assert.equal(await offsetOf(address), wav.length);
		await assertReceived(address, wav);
	});
});

describe('a server that stops', () => {
	it('lets go of what is arriving at once, and keeps its bytes', async () => {
		const wav = noise(2 * MEBIBYTE, 12);
		const stopping = await startReceiver(world.options);
		const address = await begin(wav.length);
		const { answer, arrived } = hangingPatch(stopping.url + address, 0, wav.subarray(0, 1_000_000));
		await arrived;
		stopping.ctx.hub.closeStreams();
		assertCode(await answer, 503, 'server_stopping', /restarting/);
		const startedAt = performance.now();
		const next = await patch(address, 1_000_000, { body: wav.subarray(1_000_000) });
		assert.equal(next.status, 204, next.text);
		assert.ok(performance.now() - startedAt < 1_000);
		await assertReceived(address, wav);
		await stopping.close();
	});
});

describe('a server that is killed', () => {
	const wav = noise(MAX_MB * MEBIBYTE, 10);
	const children: ChildProcess[] = [];
	after(() => {
		for (const child of children) child.kill('SIGKILL');
	});

	async function startChild(): Promise<{ url: string; child: ChildProcess }> {
		const script = path.resolve('tests/integration/receiving/receiver-process.ts');
		const child = spawn(process.execPath, [script, JSON.stringify(world.options)], {
			stdio: ['pipe', 'pipe', 'inherit']
		});
		children.push(child);
		const [line] = (await once(child.stdout, 'data')) as [Buffer];
		return { url: line.toString().trim(), child };
	}

	it('loses no byte of a resumable upload', async () => {
		const { url, child } = await startChild();
		const address = await begin(wav.length);
		const { answer, arrived } = hangingPatch(url + address, 0, wav.subarray(0, 5_000_000));
		answer.catch(() => undefined);
		await arrived;
		child.kill('SIGKILL');
		await assert.rejects(answer);
		const offset = await offsetOf(address);
		assert.equal(offset, 5_000_000);
		const next = await patch(address, offset, { body: wav.subarray(offset) });
		assert.equal(next.status, 204, next.text);
		await assertReceived(address, wav);
	});
});
