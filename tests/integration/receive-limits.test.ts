import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { measureStorageUse } from '#lib/server/uploads/allowance-queries.ts';
import {
	ALICE,
	type Answer,
	BOB,
	FORM_TYPE,
	formBody,
	noise,
	send,
	type Sending
} from './receiving/requests.ts';
import { startWorld, type World } from './receiving/world.ts';

const MEBIBYTE = 1024 * 1024;
const LIMITS = { UPLOADS_PER_HOUR: '4', UPLOAD_MB_PER_HOUR: '3', STORAGE_QUOTA_MB: '0' };

let world: World;
before(async () => (world = await startWorld(8, LIMITS)));
after(() => world.end());
beforeEach(async () => {
	await world.database.sql`delete from uploads`;
	await world.database.sql`delete from rate_windows`;
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const create = (
	sizeBytes: number,
	{ base = world.url, ...sending }: Sending & { base?: string } = {}
) =>
	send(`${base}/api/uploads/tus`, {
		method: 'POST',
		...sending,
		headers: {
			'tus-resumable': '1.0.0',
			'upload-length': String(sizeBytes),
			'upload-metadata': `filename ${base64('song.wav')},title ${base64('a song')}`
		}
	});
const tus = (answer: Answer, method: string, headers: Record<string, string> = {}, body?: Buffer) =>
	send(world.url + (answer.headers.location ?? ''), {
		method,
		body,
		headers: { 'tus-resumable': '1.0.0', ...headers }
	});
const form = (bytes: Buffer, headers: Record<string, string> = {}) => {
	const body = formBody([
		{ name: 'title', content: 'a song' },
		{ name: 'file', content: bytes, fileName: 'a.wav' }
	]);
	return send(`${world.url}/api/tracks`, {
		method: 'POST',
		headers: { ...FORM_TYPE, 'content-length': String(body.length), ...headers },
		body
	});
};
const begun = async (count: number, sizeBytes = 1000) => {
	const answers: Answer[] = [];
	for (let i = 0; i < count; i++) answers.push(await create(sizeBytes));
	for (const { status, text } of answers) assert.equal(status, 201, text);
	return answers;
};
const age = (minutes: number) => world.database.sql`
	update uploads set created_at = created_at - make_interval(mins => ${minutes})`;

function assertLimited(answer: Answer, sentence: RegExp, [least, most]: [number, number]) {
	assert.equal(answer.status, 429, answer.text);
	assert.equal(answer.code, 'limit_reached');
	assert.match(String(answer.detail), sentence);
	const seconds = Number(answer.headers['retry-after']);
	assert.ok(seconds >= least && seconds <= most, String(seconds));
	const body = JSON.parse(answer.text) as { retry_after_seconds: number };
	assert.equal(body.retry_after_seconds, seconds);
}

describe('files an hour', () => {
	it('are refused when there were enough, until the oldest is an hour old', async () => {
		await begun(1);
		await age(48);
		await begun(3);
		const sentence =
			/^you have sent 4 files in the last hour\. go on in 12 minutes, at \d\d:\d\d utc$/;
		assertLimited(await create(1000), sentence, [700, 720]);
		// a form is refused before its bytes
		const refused = form(noise(9000), { expect: '100-continue' });
		assertLimited(await refused, sentence, [700, 720]);
		assert.equal((await create(1000, { viewer: BOB })).status, 201, 'somebody else goes on');
		await age(13);
		assert.equal((await create(1000)).status, 201);
	});

	it('are counted once, however often one is resumed or retried', async () => {
		const bytes = noise(9000);
		const upload = await create(bytes.length);
		const part = { 'content-type': 'application/offset+octet-stream' };
		for (const [from, to] of [
			[0, 3000],
			[3000, 5000],
			[5000, 9000]
		] as const) {
			const headers = { ...part, 'upload-offset': String(from) };
			const sent = await tus(upload, 'PATCH', headers, bytes.subarray(from, to));
			assert.equal(sent.status, 204, sent.text);
		}
		const id = upload.headers.location?.split('/').at(-1) ?? '';
		for (let i = 0; i < 8; i++) {
			await world.database.sql`update uploads set status = 'failed', error_code = 'gave_up'`;
			const url = `${world.url}/api/tracks/uploads/${id}/retry`;
			assert.equal((await send(url, { method: 'POST' })).status, 200);
		}
		await begun(3);
		assert.equal((await create(1000)).status, 429);
	});

	it('are given back when a file is refused or fails', async () => {
		const answers = await begun(2);
		assert.equal((await form(Buffer.alloc(9000, 'not audio'))).status, 400);
		await world.database.sql`update uploads set status = 'failed', error_code = 'not_audio'
			where id = ${answers[0]?.headers.location?.split('/').at(-1) ?? ''}`;
		await begun(3);
		assert.equal((await create(1000)).status, 429);
	});

	it('hold for two processes that are asked at the same moment', async () => {
		const other = await startOther();
		try {
			const answers = await Promise.all(
				Array.from({ length: 12 }, (_, i) =>
					create(1000, { base: i % 2 === 0 ? world.url : other.url })
				)
			);
			assert.equal(answers.filter(({ status }) => status === 201).length, 4);
			assert.equal(answers.filter(({ status }) => status === 429).length, 8);
		} finally {
			other.process.kill();
		}
	});

	it('cannot be had again and again by removing what was begun', async () => {
		let taken = 0;
		for (let i = 0; i < 20; i++) {
			const upload = await create(1000);
			if (upload.status !== 201) {
				assertLimited(
					upload,
					/too many of your uploads in the last hour came to nothing/,
					[1, 7200]
				);
				break;
			}
			taken++;
			assert.equal((await tus(upload, 'DELETE')).status, 204);
		}
		assert.equal(taken, 16);
	});
});

describe('megabytes an hour', () => {
	it('are refused by the size that is announced, and counted by what arrived', async () => {
		await begun(1, 2.5 * MEBIBYTE);
		const sentence =
			/^you have sent 3 MB in the last hour, and this file would be more than the 3 MB/;
		assertLimited(await create(MEBIBYTE), sentence, [3590, 3600]);
		assert.equal((await create(1000)).status, 201, 'a smaller one fits');
		assertLimited(await form(noise(MEBIBYTE)), sentence, [3590, 3600]);
		await world.database.sql`update uploads set status = 'pending', size_bytes = 1000`;
		assert.equal((await create(2 * MEBIBYTE)).status, 201);
	});

	it('let a single larger file come alone', async () => {
		assert.equal((await create(7 * MEBIBYTE)).status, 201);
		assert.equal((await create(7 * MEBIBYTE)).status, 429);
		assert.equal((await create(10)).status, 429);
		await age(61);
		assert.equal((await create(7 * MEBIBYTE)).status, 201);
	});
});

describe('the room an artist has', () => {
	let small: World;
	before(async () => (small = await startWorld(8, { STORAGE_QUOTA_MB: '3' })));
	after(() => small.end());

	it('is not exceeded, whoever else uses the same files, and the sentence says what to do', async () => {
		await small.publish(ALICE, noise(2 * MEBIBYTE, 5));
		const refused = await create(1.5 * MEBIBYTE, { base: small.url });
		assert.equal(refused.status, 413);
		assert.equal(refused.code, 'storage_full');
		assert.match(
			String(refused.detail),
			/^your music uses 2 MB of the 3 MB you have here, so this file \(2 MB\) does not fit\. delete/
		);
		assert.equal((await create(1.5 * MEBIBYTE, { base: small.url, viewer: BOB })).status, 201);
		assert.equal((await create(0.75 * MEBIBYTE, { base: small.url })).status, 201);
		assert.equal(
			(await create(0.75 * MEBIBYTE, { base: small.url })).status,
			413,
			'it is on its way'
		);
	});

	it('is asked of a form that does not say how large it is, when it has arrived', async () => {
		const before = await small.holdings();
		const body = formBody([
			{ name: 'title', content: 'a song' },
			{ name: 'file', content: noise(2 * MEBIBYTE, 6), fileName: 'a.wav' }
		]);
		async function* unannounced() {
			await Promise.resolve();
			yield body;
		}
		const answer = await send(`${small.url}/api/tracks`, {
			method: 'POST',
			headers: FORM_TYPE,
			body: unannounced()
		});
		assert.equal(answer.status, 413, answer.text);
		assert.equal(answer.code, 'storage_full');
		assert.deepEqual(await small.holdings(), before);
	});

	it('is measured quickly with ten thousand tracks', async () => {
		const { sql, db } = small.database;
		const did = 'did:plc:busy';
		await sql`insert into artists (did, handle, display_name) values (${did}, 'busy.test', 'busy')`;
		await sql`
			insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
			select lpad(n::text, 16, '0'), rpad(lpad(n::text, 16, '0'), 64, '0'), 'audio/' || n, 'mp3', 'audio/mpeg', 100
			from generate_series(1, 21000) n`;
		await sql`
			insert into tracks (artist_did, rkey, record_uri, record_cid, title, features, file_id, original_file_id, created_at)
			select ${did}, n::text, 'at://busy/' || n, 'cid', 'a song', '[]', lpad(n::text, 16, '0'),
				lpad((n + 10000)::text, 16, '0'), now()
			from generate_series(1, 10000) n`;
		await sql`
			insert into track_revisions (track_id, file_id, original_file_id)
			select id, lpad((20000 + rkey::int % 1000 + 1)::text, 16, '0'), file_id from tracks where artist_did = ${did}`;
		await sql`analyze`;
		await measureStorageUse(db, did, null);
		const startedAt = performance.now();
		assert.equal(await measureStorageUse(db, did, null), 2_100_000);
		const ms = performance.now() - startedAt;
		assert.ok(ms < 500, `${Math.round(ms)} ms`);
	});
});

/** A second process on the same database. */
async function startOther(): Promise<{ process: ChildProcess; url: string }> {
	const script = path.resolve('tests/integration/receiving/receiver-process.ts');
	const child = spawn(process.execPath, [script, JSON.stringify(world.options)], {
		stdio: ['pipe', 'pipe', 'inherit']
	});
	const [line] = (await once(child.stdout, 'data')) as [Buffer];
	return { process: child, url: line.toString().trim() };
}
