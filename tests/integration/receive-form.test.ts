import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import {
	ALICE,
	type Answer,
	BOB,
	FORM_END,
	FORM_TYPE,
	formBody,
	type FormPart,
	noise,
	partHead,
	send,
	type Sending
} from './receiving/requests.ts';
import { sha256, startWorld, type World } from './receiving/world.ts';

const MAX_MB = 4;
const MEBIBYTE = 1024 * 1024;

let world: World;
before(async () => (world = await startWorld(MAX_MB)));
after(() => world.end());

const post = (parts: FormPart[], sending: Sending = {}) =>
	send(`${world.url}/api/tracks/`, {
		method: 'POST',
		...sending,
		headers: { ...FORM_TYPE, ...sending.headers },
		body: sending.body ?? formBody(parts)
	});

const title = { name: 'title', content: 'a song' };
const file = (content: Uint8Array, fileName = 'song.wav') => ({ name: 'file', content, fileName });

const uploadOf = async (answer: Answer) => {
	assert.equal(answer.status, 200, answer.text);
	const { upload_id: id } = JSON.parse(answer.text) as { upload_id: string };
	return await world.database.db
		.selectFrom('uploads')
		.selectAll()
		.where('id', '=', id)
		.executeTakeFirstOrThrow();
};

/** What arrives when somebody sends a file slowly. */
async function* slowly(parts: Uint8Array[], ms: number) {
	for (const part of parts) {
		yield part;
		await sleep(ms);
	}
}

describe('a track sent as a form', () => {
	it('is staged, hashed and handed to a job, and the answer says so', async () => {
		const wav = noise(300_000, 11);
		const answer = await post([
			title,
			{ name: 'album', content: ' an album ' },
			{ name: 'description', content: 'made at home' },
			{ name: 'features', content: '["@Bob.Test", "bob.test", "carol.example.com"]' },
			file(wav)
		]);
		const upload = await uploadOf(answer);
		assert.deepEqual(JSON.parse(answer.text), {
			upload_id: upload.id,
			status: 'pending',
			message: 'upload queued for processing'
		});
		assert.equal(upload.stage, 'received');
		assert.equal(upload.artist_did, ALICE);
		assert.equal(upload.file_name, 'song.wav');
		assert.equal(upload.size_bytes, wav.length);
		assert.equal(upload.received_bytes, wav.length);
		assert.equal(upload.sha256, sha256(wav));
		assert.match(upload.rkey, /^[2-7a-z]{13}$/);
		assert.deepEqual(upload.fields, {
			title: 'a song',
			album: 'an album',
			description: 'made at home',
			features: ['bob.test', 'carol.example.com']
		});
		assert.equal(await world.stagedHash(upload.id), sha256(wav));
		assert.equal(await world.jobsOf(upload.id), 1);
		const leases = await world.database.db.selectFrom('upload_leases').selectAll().execute();
		assert.deepEqual(leases, []);
	});

	it('may send its file before its fields, and to the address without a slash', async () => {
		const wav = noise(50_000, 12);
		const answer = await send(`${world.url}/api/tracks`, {
			method: 'POST',
			headers: FORM_TYPE,
			body: formBody([file(wav), title])
		});
		const upload = await uploadOf(answer);
		assert.equal(upload.fields.title, 'a song');
		assert.equal(upload.sha256, sha256(wav));
	});

	it('arrives in one piece when it trickles in byte by byte around its boundaries', async () => {
		const wav = noise(20_000, 13);
		const body = formBody([title, file(wav), { name: 'album', content: 'last' }]);
		const cut = (start: number, end: number, step: number) => {
			const pieces: Uint8Array[] = [];
			for (let i = start; i < end; i += step) {
				pieces.push(body.subarray(i, Math.min(end, i + step)));
			}
			return pieces;
		};
		const pieces = [...cut(0, 400, 1), ...cut(400, 19_900, 700), ...cut(19_900, body.length, 1)];
		const upload = await uploadOf(await post([], { body: slowly(pieces, 0) }));
		assert.equal(upload.sha256, sha256(wav));
		assert.equal(upload.fields.album, 'last');
	});

	it('keeps a picture sent with it, wherever in the form it stands', async () => {
		const { default: sharp } = await import('sharp');
		const png = await sharp({
			create: { width: 64, height: 64, channels: 3, background: '#6a9fff' }
		})
			.png()
			.toBuffer();
		const image = { name: 'image', content: png, fileName: 'cover.png', type: 'image/png' };
		const first = await uploadOf(await post([image, title, file(noise(40_000, 14))]));
		const last = await uploadOf(await post([title, file(noise(40_000, 15)), image]));
		assert.equal(first.fields.imageId, sha256(png).slice(0, 16));
		assert.equal(last.fields.imageId, first.fields.imageId);
		const { staged } = (await world.holdings()) as { staged: string[] };
		assert.ok(staged.includes(first.id));
		// the pictures themselves are not left in staging
		const rows = await world.database.db.selectFrom('uploads').select('id').execute();
		assert.deepEqual(staged, rows.map((row) => row.id).sort());
	});

	it('may leave the picture field empty, as browsers send it', async () => {
		const empty = { name: 'image', content: '', fileName: '', type: 'application/octet-stream' };
		const upload = await uploadOf(await post([title, file(noise(40_000, 16)), empty]));
		assert.equal(upload.fields.imageId, undefined);
	});

	it('needs no title: the file says it', async () => {
		const untitled = await uploadOf(await post([file(noise(40_000, 97))]));
		assert.deepEqual(untitled.fields, {});
		const blank = { name: 'title', content: '  ' };
		assert.deepEqual((await uploadOf(await post([blank, file(noise(40_000, 98))]))).fields, {});
	});

	it('of exactly the largest size is taken', async () => {
		const upload = await uploadOf(await post([title, file(noise(MAX_MB * MEBIBYTE, 17))]));
		assert.equal(upload.size_bytes, MAX_MB * MEBIBYTE);
	});

	it('shows how far it is while it arrives', async () => {
		const wav = noise(200_000, 18);
		const body = formBody([title, file(wav)]);
		const half = body.subarray(0, 100_000);
		const sending = post([], {
			headers: { 'content-length': String(body.length) },
			body: slowly([half, body.subarray(100_000)], 1_600)
		});
		await sleep(1_400);
		const answer = await send(`${world.url}/api/tracks/uploads/`);
		const { uploads } = JSON.parse(answer.text) as { uploads: Record<string, unknown>[] };
		const [newest] = uploads;
		assert.equal(newest?.['status'], 'receiving');
		assert.equal(newest['stage'], 'receiving');
		assert.ok(Number(newest['received_bytes']) > 90_000);
		assert.ok(Math.abs(Number(newest['server_progress_pct']) - 50) < 5);
		await uploadOf(await sending);
	});
});

describe('a form that is refused', () => {
	let before: unknown;
	beforeEach(async () => (before = await world.holdings()));

	/** The refusal, and that nothing is different afterwards. */
	const refused = async (answer: Answer, status: number, code: string, detail: string | RegExp) => {
		assert.equal(answer.status, status, answer.text);
		assert.equal(answer.code, code);
		if (typeof detail === 'string') assert.equal(answer.detail, detail);
		else assert.match(JSON.stringify(answer.detail), detail);
		assert.deepEqual(await world.holdings(), before);
	};

	it('when nobody is signed in', async () => {
		const answer = await post([title, file(noise(100))], { viewer: null });
		await refused(answer, 401, 'not_authenticated', 'not authenticated - login required');
	});

	it('when it is no form', async () => {
		const json = { 'content-type': 'application/json' };
		await refused(await post([], { headers: json }), 400, 'not_a_form', /multipart\/form-data/);
		const bare = { 'content-type': 'multipart/form-data' };
		await refused(await post([], { headers: bare }), 400, 'not_a_form', /multipart\/form-data/);
	});

	it('without a file', async () => {
		const sentence = 'there is no file in this form. choose an audio file and send it again';
		await refused(await post([title]), 400, 'missing_file', sentence);
		// a browser's form with nothing chosen
		const none = { ...file(Buffer.alloc(0), ''), type: 'application/octet-stream' };
		await refused(await post([title, none]), 400, 'missing_file', sentence);
	});

	it('without a file name', async () => {
		const nameless = { name: 'file', content: noise(5_000) };
		await refused(await post([title, nameless]), 400, 'missing_filename', 'no filename provided');
	});

	it('with an empty file', async () => {
		const answer = await post([title, file(Buffer.alloc(0))]);
		const sentence = 'this file is empty. choose the file once more, or export it again';
		await refused(answer, 400, 'empty_file', sentence);
	});

	it('with two files', async () => {
		const answer = await post([title, file(noise(40_000, 1)), file(noise(40_000, 2))]);
		await refused(answer, 400, 'unexpected_file', /one file/);
	});

	it('larger than the limit, before its body is read', async () => {
		let sentBytes = 0;
		async function* endless() {
			for (;;) {
				const chunk = Buffer.alloc(64 * 1024);
				sentBytes += chunk.length;
				yield chunk;
				await sleep(1);
			}
		}
		const answer = await post([], {
			headers: { 'content-length': String(600 * MEBIBYTE) },
			body: endless()
		});
		assert.equal(answer.headers.connection, 'close');
		assert.ok(sentBytes < 50 * MEBIBYTE, `${sentBytes} bytes were sent`);
		await refused(answer, 413, 'file_too_large', `file too large (max ${MAX_MB}MB)`);
	});

	it('one byte above the limit, while it is read', async () => {
		const answer = await post([title, file(noise(MAX_MB * MEBIBYTE + 1))]);
		assert.equal(answer.headers.connection, 'close');
		await refused(answer, 413, 'file_too_large', `file too large (max ${MAX_MB}MB)`);
	});

	it('with a picture above 20 MB', async () => {
		const image = { name: 'image', content: Buffer.alloc(20 * MEBIBYTE + 1), fileName: 'a.png' };
		const answer = await post([title, file(noise(9_000)), image]);
		await refused(answer, 413, 'image_too_large', 'image too large (max 20MB)');
	});

	it('with a picture that is none', async () => {
		const image = { name: 'image', content: 'not a picture', fileName: 'cover.png' };
		const answer = await post([title, file(noise(9_000)), image]);
		await refused(answer, 400, 'unsupported_image', /supported: jpeg, png/);
	});

	it('for its own reason, also when it cannot be tidied up', async () => {
		const { staging } = world.ctx.storage;
		const discard = staging.discard.bind(staging);
		const left: string[] = [];
		staging.discard = (id) => {
			left.push(id);
			return Promise.reject(new Error('the disk is away'));
		};
		try {
			const answer = await post([title, file(Buffer.alloc(0))]);
			assert.equal(answer.code, 'empty_file', answer.text);
			assert.ok(left.length > 0);
		} finally {
			staging.discard = discard;
			for (const id of left) await staging.discard(id);
		}
	});

	const words = 'just some words\n'.repeat(2_000);
	const zip = Buffer.concat([Buffer.from('PK\x03\x04'), noise(30_000)]);
	const matroska = Buffer.concat([Buffer.from('1a45dfa3', 'hex'), noise(30_000)]);
	const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), noise(30_000)]);
	const OTHERS: [string, Uint8Array | string, RegExp][] = [
		['text under the name of music', words, /this is .*text.*supported: mp3, m4a\/aac, wav/],
		['a zip archive', zip, /a zip archive/],
		['a video', matroska, /a video/],
		['a picture', picture, /a png picture/]
	];
	for (const [what, content, sentence] of OTHERS) {
		it(`with ${what}`, async () => {
			const sent = { name: 'file', content, fileName: 'song.mp3', type: 'audio/mpeg' };
			await refused(await post([title, sent]), 400, 'unsupported_audio', sentence);
		});
	}

	it('with a large file that is no audio, after its beginning', async () => {
		let sentBytes = 0;
		async function* large() {
			yield formBody([title]).subarray(0, -FORM_END.length);
			yield partHead(file(Buffer.alloc(0), 'song.wav'));
			for (; sentBytes < 3 * MEBIBYTE; sentBytes += words.length) {
				yield Buffer.from(words);
				await sleep(5);
			}
			yield FORM_END;
		}
		const answer = await post([], { body: large() });
		assert.ok(sentBytes < 2 * MEBIBYTE, `${sentBytes} bytes were sent`);
		await refused(answer, 400, 'unsupported_audio', /text/);
	});

	it('with a title of more than 256 bytes, however few letters that are', async () => {
		const long = { name: 'title', content: 'é'.repeat(129) };
		const fits = { name: 'title', content: 'é'.repeat(128) };
		const answer = await post([long, file(noise(9_000))]);
		await refused(answer, 422, 'invalid_field', /"field":"title".*at most 256 bytes/);
		const { id } = await uploadOf(await post([fits, file(noise(9_000, 99))]));
		await send(`${world.url}/api/tracks/uploads/${id}`, { method: 'DELETE' });
	});

	it('with a description of more than 5000 bytes', async () => {
		const long = { name: 'description', content: 'x'.repeat(5001) };
		const answer = await post([title, long, file(noise(9_000))]);
		await refused(answer, 422, 'invalid_field', /"field":"description".*at most 5000 bytes/);
	});

	it('with features that are no list of handles', async () => {
		for (const content of ['bob.test', '{}', '[1]', '["not a handle"]']) {
			const answer = await post([title, { name: 'features', content }, file(noise(9_000))]);
			await refused(answer, 422, 'invalid_field', /"field":"features"/);
		}
	});

	it('with bytes that are no text', async () => {
		const odd = { name: 'title', content: Buffer.from('träume', 'latin1') };
		const answer = await post([odd, file(noise(9_000))]);
		await refused(answer, 422, 'invalid_field', /cannot be kept/);
	});

	it('with the same bytes as a track of the same artist', async () => {
		const wav = noise(77_000, 42);
		const trackId = await world.publish(ALICE, wav);
		before = await world.holdings();
		const answer = await post([title, file(wav)]);
		const sentence = `duplicate upload: track already exists (id: ${trackId})`;
		await refused(answer, 409, 'duplicate_upload', sentence);
		assert.equal(await world.publishedHash(wav), sha256(wav));
		// another artist may publish the same
		await uploadOf(await post([title, file(wav)], { viewer: BOB }));
	});
});

describe('a form that breaks off', () => {
	let before: unknown;
	beforeEach(async () => (before = await world.holdings()));

	const settled = async () => {
		for (let i = 0; i < 100; i++) {
			await sleep(50);
			const now = await world.holdings();
			if (JSON.stringify(now) === JSON.stringify(before)) return;
		}
		assert.deepEqual(await world.holdings(), before);
	};
	const begun = async () => {
		for (let i = 0; i < 100; i++) {
			const { staged } = (await world.holdings()) as { staged: string[] };
			if (staged.length > (before as { staged: string[] }).staged.length) return;
			await sleep(20);
		}
		assert.fail('nothing arrived');
	};

	it('leaves nothing behind when the sender disappears', async () => {
		const leaving = new AbortController();
		async function* body() {
			yield partHead(file(Buffer.alloc(0)));
			yield noise(100_000);
			await begun();
			leaving.abort();
			yield noise(100_000);
		}
		await assert.rejects(post([], { body: body(), signal: leaving.signal }));
		await settled();
	});

	it('is told so when it ends without its end', async () => {
		const whole = formBody([title, file(noise(50_000))]);
		const cuts = [whole.length - FORM_END.length, 30_000, 60, 10, 0];
		for (const length of cuts) {
			const answer = await post([], { body: whole.subarray(0, length) });
			assert.equal(answer.status, 400, `${length}: ${answer.text}`);
			assert.match(answer.code ?? '', /^(incomplete_form|missing_file)$/);
			assert.match(String(answer.detail), /send it again/);
			assert.deepEqual(await world.holdings(), before);
		}
	});
});

describe('a form made to hurt', () => {
	let before: unknown;
	beforeEach(async () => (before = await world.holdings()));

	const code = async (answer: Promise<Answer>, expected: string) => {
		const { status, code: given, text } = await answer;
		assert.equal(status, 400, text);
		assert.equal(given, expected);
		assert.deepEqual(await world.holdings(), before);
	};

	it('with thousands of fields is refused', async () => {
		const bomb = Array.from({ length: 5_000 }, (_, i) => ({ name: `f${i}`, content: 'x' }));
		await code(post([...bomb, title, file(noise(9_000))]), 'too_many_fields');
	});

	it('with thousands of files is refused', async () => {
		const bomb = Array.from({ length: 2_000 }, (_, i) => ({
			name: `f${i}`,
			content: 'x',
			fileName: 'x'
		}));
		await code(post([...bomb, title, file(noise(9_000))]), 'too_many_fields');
	});

	it('with a field of megabytes is refused', async () => {
		const huge = { name: 'note', content: Buffer.alloc(10 * MEBIBYTE, 'x') };
		await code(post([huge, title, file(noise(9_000))]), 'field_too_large');
	});

	/** Sends 64 KiB at a time and stays silent in the middle of the file, as long as nobody answers. */
	async function* unfinished(fields: FormPart[], answered: AbortSignal) {
		const bytes = formBody([...fields, file(noise(300_000, 53))]).subarray(0, 200_000);
		for (let i = 0; i < bytes.length; i += 64 * 1024) yield bytes.subarray(i, i + 64 * 1024);
		await sleep(20_000, undefined, { signal: answered }).catch(() => undefined);
	}

	const REFUSED_FIELDS: [string, string, FormPart[]][] = [
		['a field above 16 KiB', 'field_too_large', [{ name: 'note', content: 'x'.repeat(16_500) }]],
		[
			'more than twenty fields',
			'too_many_fields',
			Array.from({ length: 21 }, (_, i) => ({ name: `f${i}`, content: 'x' }))
		]
	];
	for (const [what, expected, fields] of REFUSED_FIELDS) {
		it(`with ${what} is refused at once, and the file behind is not taken`, async () => {
			const answered = new AbortController();
			// 'at once': long before the sender would go on
			const signal = AbortSignal.timeout(8_000);
			const answer = post([], { body: unfinished(fields, answered.signal), signal });
			await code(
				answer.finally(() => answered.abort()),
				expected
			);
		});
	}

	it('with a part header of megabytes costs no memory, and the name is cut', async () => {
		const idle = process.memoryUsage().rss;
		const huge = { ...file(noise(9_000, 54)), fileName: 'x'.repeat(8 * MEBIBYTE) };
		const upload = await uploadOf(await post([title, huge]));
		assert.equal(upload.file_name, 'x'.repeat(200));
		assert.ok(process.memoryUsage().rss - idle < 100 * MEBIBYTE);
	});

	it('with names that mean something to javascript changes nothing', async () => {
		const names = ['__proto__', 'constructor', 'toString'];
		const odd = names.map((name) => ({ name, content: 'x' }));
		const upload = await uploadOf(await post([...odd, title, file(noise(9_000, 55))]));
		assert.deepEqual(upload.fields, { title: 'a song' });
		assert.equal(({} as Record<string, unknown>)['x'], undefined);
	});

	it('with a path for a file name keeps the name only', async () => {
		const sneaky = file(noise(9_000, 56), '../../../etc/pass\twd.wav');
		assert.equal((await uploadOf(await post([title, sneaky]))).file_name, 'passwd.wav');
	});

	it('does not disturb the ones after it', async () => {
		const mp3 = await makeSample('mp3', { seconds: 1 });
		assert.equal((await uploadOf(await post([title, file(mp3, 'a.mp3')]))).sha256, sha256(mp3));
	});
});

describe('a repeated request', () => {
	const key = (value: string) => ({ headers: { 'idempotency-key': value } });

	it('with the same key finds the upload of the first, and its bytes are not read again', async () => {
		const parts = [title, file(noise(60_000, 21))];
		const first = await uploadOf(await post(parts, key('again')));
		const second = await uploadOf(await post(parts, key('again')));
		assert.equal(second.id, first.id);
		assert.equal(second.version, first.version);
		assert.equal(await world.jobsOf(first.id), 1);
		const other = await uploadOf(
			await post([title, file(noise(60_000, 22))], { ...key('again'), viewer: BOB })
		);
		assert.notEqual(other.id, first.id);
	});

	it('that comes while the first is sending is told to wait', async () => {
		const body = formBody([title, file(noise(60_000, 23))]);
		const slow = post([], {
			...key('twice'),
			body: slowly([body.subarray(0, 30_000), body.subarray(30_000)], 400)
		});
		await sleep(200);
		const second = await post([title, file(noise(60_000, 23))], key('twice'));
		assert.equal(second.status, 409);
		assert.equal(second.code, 'upload_in_progress');
		assert.equal(second.headers['retry-after'], '5');
		const first = await uploadOf(await slow);
		assert.equal((await uploadOf(await post([title], key('twice')))).id, first.id);
	});

	it('sent many times at once makes one upload', async () => {
		const answers = await Promise.all(
			Array.from({ length: 6 }, () => post([title, file(noise(60_000, 24))], key('crowd')))
		);
		const ids = new Set(
			answers.filter((answer) => answer.status === 200).map((answer) => answer.text)
		);
		assert.equal(ids.size, 1);
		for (const answer of answers) assert.ok([200, 409].includes(answer.status), answer.text);
		const { length } = await world.database.sql`
			select 1 from uploads where idempotency_key = 'crowd'`;
		assert.equal(length, 1);
	});

	it('after a refusal is a new attempt', async () => {
		const refused = await post([title, file(Buffer.alloc(0))], key('better'));
		assert.equal(refused.status, 400);
		await uploadOf(await post([title, file(noise(60_000, 25))], key('better')));
	});

	it('needs a key that can be kept', async () => {
		const answer = await post([title], key('x'.repeat(256)));
		assert.equal(answer.code, 'bad_idempotency_key');
	});
});

describe('many files at once', () => {
	it('are taken eight at a time from one artist, and the next is told when to come back', async () => {
		const hold = Promise.withResolvers<undefined>();
		const held = Array.from({ length: 8 }, (_, i) => {
			const body = formBody([title, file(noise(60_000, 30 + i))]);
			async function* stalling() {
				yield body.subarray(0, 40_000);
				await hold.promise;
				yield body.subarray(40_000);
			}
			return post([], { body: stalling() });
		});
		for (let i = 0; i < 100; i++) {
			const rows = await world.database.sql`select 1 from upload_leases`;
			if (rows.length === 8) break;
			await sleep(50);
		}
		const ninth = await post([title, file(noise(60_000, 40))]);
		assert.equal(ninth.status, 429);
		assert.equal(ninth.code, 'too_many_requests');
		assert.equal(ninth.headers['retry-after'], '30');
		assert.match(String(ninth.detail), /8 of your files are arriving already/);
		await uploadOf(await post([title, file(noise(60_000, 41))], { viewer: BOB }));
		hold.resolve(undefined);
		for (const answer of await Promise.all(held)) await uploadOf(answer);
		await uploadOf(await post([title, file(noise(60_000, 40))]));
	});
});
