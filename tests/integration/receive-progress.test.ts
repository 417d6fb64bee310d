import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeUpload, insertUpload, type UploadRow } from '#lib/server/uploads/queries.ts';
import { listen } from './receiving/event-source.ts';
import { ALICE, BOB, FORM_TYPE, formBody, noise, send } from './receiving/requests.ts';
import { type Receiver, startReceiver } from './receiving/receiver.ts';
import { startWorld, type World } from './receiving/world.ts';

let world: World;
let other: Receiver;
before(async () => {
	world = await startWorld();
	other = await startReceiver(world.options);
});
after(async () => {
	await other.close();
	await world.end();
});

let count = 0;
const newUpload = async (change: Partial<Parameters<typeof insertUpload>[1]> = {}) => {
	count += 1;
	return await insertUpload(world.database.db, {
		id: crypto.randomUUID(),
		artist_did: ALICE,
		rkey: `3l${String(count).padStart(11, 'a')}`,
		status: 'pending',
		stage: 'received',
		message: 'upload queued for processing',
		file_name: 'a.wav',
		fields: '{"title":"a song"}',
		findings: '{}',
		size_bytes: 1000,
		received_bytes: 1000,
		...change
	});
};
const change = (upload: UploadRow, to: Parameters<typeof changeUpload>[2]) =>
	changeUpload(world.database.db, upload.id, to);
const progress = (upload: { id: string }, base = world.url) =>
	`${base}/api/tracks/uploads/${upload.id}/progress`;

describe('the progress of an upload', () => {
	it('begins with the present state, goes on with each change, and ends with the end', async () => {
		const upload = await newUpload();
		const listener = await listen(progress(upload));
		assert.equal(listener.status, 200);
		assert.equal(listener.headers['content-type'], 'text/event-stream');
		assert.match(String(listener.headers['cache-control']), /no-cache/);
		assert.equal(listener.headers['x-accel-buffering'], 'no');
		const first = await listener.until(() => true);
		assert.match(listener.text(), /^retry: \d+\n\n/);
		assert.equal(first.id, '1');
		assert.deepEqual(first.content, {
			upload_id: upload.id,
			status: 'pending',
			stage: 'received',
			phase: 'upload',
			message: 'upload queued for processing',
			track_id: null,
			error: null,
			error_code: null,
			server_progress_pct: null,
			file_name: 'a.wav',
			title: 'a song',
			received_bytes: 1000,
			size_bytes: 1000,
			version: 1,
			created_at: upload.created_at.toISOString(),
			release_id: null,
			release_position: null,
			replaces_track_id: null,
			unnamed_features: [],
			path: null,
			modified_ms: null,
			completed_at: null
		});
		await change(upload, { status: 'processing', message: 'looking at your file' });
		await listener.until((event) => event.content['message'] === 'looking at your file');
		await change(upload, { status: 'completed', stage: 'indexed', completed_at: new Date() });
		const last = await listener.until((event) => event.content['status'] === 'completed');
		assert.equal(last.id, '3');
		await listener.ended;
	});

	it('goes on after a lost connection from what was heard last', async () => {
		const upload = await newUpload();
		await change(upload, { message: 'two' });
		const knows = await listen(progress(upload), { lastEventId: '2' });
		const behind = await listen(progress(upload), { lastEventId: '1' });
		assert.equal((await behind.until(() => true)).id, '2');
		await sleep(300);
		assert.deepEqual(knows.events, []);
		await change(upload, { status: 'failed', error: 'no', message: 'upload failed' });
		assert.equal((await knows.until(() => true)).id, '3');
		await knows.ended;
		// a browser comes back after every end, and 204 tells it to stop
		assert.equal((await listen(progress(upload), { lastEventId: '3' })).status, 204);
		const late = await listen(progress(upload), { lastEventId: '2' });
		assert.equal((await late.until(() => true)).content['status'], 'failed');
		await late.ended;
	});

	it('can be followed on another process than the one that receives', async () => {
		const wav = noise(300_000, 1);
		const title = { name: 'title', content: 'a song' };
		const body = formBody([title, { name: 'file', content: wav, fileName: 'a.wav' }]);
		async function* slowly() {
			yield body.subarray(0, 100_000);
			await sleep(1_300);
			yield body.subarray(100_000, 200_000);
			await sleep(1_300);
			yield body.subarray(200_000);
		}
		const everything = await listen(`${other.url}/api/uploads/events`);
		const sending = send(`${world.url}/api/tracks`, {
			method: 'POST',
			headers: { ...FORM_TYPE, 'content-length': String(body.length) },
			body: slowly()
		});
		const half = await everything.until(
			({ content }) =>
				content['status'] === 'receiving' && Number(content['received_bytes']) > 150_000
		);
		assert.ok(Number(half.content['server_progress_pct']) > 50);
		const answer = await sending;
		const { upload_id: id } = JSON.parse(answer.text) as { upload_id: string };
		const last = await everything.until(({ content }) => content['stage'] === 'received');
		assert.equal(last.content['upload_id'], id);
		everything.leave();
	});

	it('arrives although a notification was lost', async () => {
		const upload = await newUpload();
		const listener = await listen(progress(upload));
		await listener.until(() => true);
		await world.database.sql`
			update uploads set version = version + 1, message = 'silent' where id = ${upload.id}`;
		await listener.until((event) => event.content['message'] === 'silent');
		listener.leave();
	});

	it('of somebody else, of nobody or of nothing is not there', async () => {
		const upload = await newUpload();
		const missing = { id: crypto.randomUUID() };
		assert.equal((await listen(progress(upload), { viewer: BOB })).status, 404);
		assert.equal((await listen(progress(missing))).status, 404);
		assert.equal((await listen(progress({ id: 'nonsense' }))).status, 404);
		const nobody = await send(progress(upload), { viewer: null });
		assert.equal(nobody.status, 401);
	});

	it('ends when the process stops, and when the upload is removed', async () => {
		const upload = await newUpload();
		const third = await startReceiver(world.options);
		const one = await listen(progress(upload, third.url));
		const all = await listen(`${third.url}/api/uploads/events`);
		await one.until(() => true);
		third.ctx.hub.closeStreams();
		await Promise.all([one.ended, all.ended]);
		await third.close();
		const another = await listen(progress(upload));
		await another.until(() => true);
		const gone = await send(`${world.url}/api/tracks/uploads/${upload.id}`, { method: 'DELETE' });
		assert.equal(gone.status, 200);
		await another.ended;
	});
});

describe('the progress of everything', () => {
	it('tells of the unfinished ones, of changes, and of what is removed', async () => {
		const done = await newUpload({ status: 'completed' });
		const waiting = await newUpload({ status: 'waiting', error_code: 'sign_in_again' });
		const theirs = await newUpload({ artist_did: BOB });
		const listener = await listen(`${world.url}/api/uploads/events`);
		await listener.until(({ content }) => content['upload_id'] === waiting.id);
		const begun = await newUpload();
		await change(begun, { message: 'now' });
		const heard = await listener.until(({ content }) => content['message'] === 'now');
		assert.equal(heard.id, `${begun.id}:2`);
		await change(theirs, { message: 'not for you' });
		await send(`${world.url}/api/tracks/uploads/${waiting.id}`, { method: 'DELETE' });
		const removed = await listener.until(({ name }) => name === 'removed');
		assert.deepEqual(removed.content, { upload_id: waiting.id });
		await change(begun, { status: 'completed', completed_at: new Date() });
		await listener.until(({ content }) => content['status'] === 'completed');
		const ids = listener.events.map(({ content }) => content['upload_id']);
		assert.ok(!ids.includes(theirs.id) && !ids.includes(done.id));
		listener.leave();
		// who comes back learns what has ended meanwhile
		const again = await listen(`${world.url}/api/uploads/events`, { lastEventId: heard.id });
		await again.until(({ content }) => content['upload_id'] === begun.id);
		again.leave();
	});

	it('needs somebody who is signed in', async () => {
		assert.equal((await send(`${world.url}/api/uploads/events`, { viewer: null })).status, 401);
	});
});

describe('the list of uploads', () => {
	it('has the own ones, the newest first, and one by one', async () => {
		const upload = await newUpload();
		await newUpload({ artist_did: BOB });
		const list = await send(`${world.url}/api/tracks/uploads/`);
		const { uploads } = JSON.parse(list.text) as { uploads: { upload_id: string }[] };
		assert.equal(uploads[0]?.upload_id, upload.id);
		const one = await send(`${world.url}/api/tracks/uploads/${upload.id}`);
		assert.deepEqual(JSON.parse(one.text), uploads[0]);
		const theirs = await send(`${world.url}/api/tracks/uploads/${upload.id}`, { viewer: BOB });
		assert.equal(theirs.status, 404);
		assert.equal(theirs.code, 'upload_not_found');
	});
});

describe('an upload that failed', () => {
	const retry = (upload: { id: string }, viewer = ALICE) =>
		send(`${world.url}/api/tracks/uploads/${upload.id}/retry`, { method: 'POST', viewer });
	const failed = {
		status: 'failed',
		error: 'it did not work',
		error_code: 'gave_up',
		message: 'upload failed',
		completed_at: new Date()
	} as const;

	it('begins again where it stopped, once', async () => {
		const upload = await newUpload(failed);
		await world.ctx.storage.staging.append(upload.id, 0, noise(1000));
		assert.equal((await retry(upload, BOB)).status, 404);
		const answer = await retry(upload);
		assert.equal(answer.status, 200, answer.text);
		const state = JSON.parse(answer.text) as Record<string, unknown>;
		assert.equal(state['status'], 'pending');
		assert.equal(state['stage'], 'received');
		assert.equal(state['error'], null);
		assert.equal(state['completed_at'], null);
		assert.equal(await world.jobsOf(upload.id), 1);
		const again = await retry(upload);
		assert.equal(again.status, 409);
		assert.equal(again.code, 'cannot_retry');
		assert.equal(await world.jobsOf(upload.id), 1);
	});

	it('cannot begin again without its bytes, unless it is past needing them', async () => {
		const lost = await retry(await newUpload(failed));
		assert.equal(lost.status, 409);
		assert.match(String(lost.detail), /is not kept. send it again/);
		const stored = await newUpload({ ...failed, stage: 'stored' });
		assert.equal((await retry(stored)).status, 200);
	});
});

describe('an upload that is not wanted any more', () => {
	const remove = (upload: { id: string }, viewer = ALICE) =>
		send(`${world.url}/api/tracks/uploads/${upload.id}`, { method: 'DELETE', viewer });

	it('is removed with its bytes when nobody works on it', async () => {
		for (const status of ['pending', 'waiting', 'failed'] as const) {
			const upload = await newUpload({ status });
			await world.ctx.storage.staging.append(upload.id, 0, noise(1000));
			assert.equal((await remove(upload, BOB)).status, 404);
			assert.notEqual(await world.stagedHash(upload.id), null);
			assert.equal((await remove(upload)).status, 200);
			assert.equal(await world.stagedHash(upload.id), null);
			assert.equal((await remove(upload)).status, 404);
		}
	});

	it('is removed, too, while it is checked or made streamable: nothing of it is public', async () => {
		for (const stage of ['received', 'inspected'] as const) {
			const upload = await newUpload({ status: 'processing', stage });
			await world.ctx.storage.staging.append(upload.id, 0, noise(1000));
			assert.equal((await remove(upload)).status, 200);
			assert.equal(await world.stagedHash(upload.id), null);
			assert.equal((await remove(upload)).status, 404);
		}
	});

	it('stays when its record is being written or is there, and says what can be done instead', async () => {
		const kept = [
			[{ status: 'processing', stage: 'transcoded' }, 'upload_in_work', /“storing”/],
			[{ status: 'processing', stage: 'stored' }, 'upload_in_work', /“writing your record”/],
			[{ status: 'processing', stage: 'published' }, 'upload_in_work', /“listing it”/],
			// it becomes a track by itself; a failed one is taken back with its record
			[{ status: 'pending', stage: 'published' }, 'already_published', /becomes a track/]
		] as const;
		for (const [state, code, sentence] of kept) {
			const upload = await newUpload(state);
			const answer = await remove(upload);
			assert.equal(answer.status, 409);
			assert.equal(answer.code, code);
			assert.match(String(answer.detail), sentence);
			assert.equal((await send(`${world.url}/api/tracks/uploads/${upload.id}`)).status, 200);
		}
	});

	it('is not said to be removed when it is a track: the answer names the track', async () => {
		const trackId = await world.publish(ALICE, noise(1001));
		const done = { status: 'completed', stage: 'indexed', track_id: trackId } as const;
		for (const [state, sentence] of [
			[done, /is a track already. delete the track instead/],
			[{ ...done, replaces_track_id: trackId }, /has the new audio already. restore the earlier/]
		] as const) {
			const answer = await remove(await newUpload(state));
			assert.deepEqual([answer.status, answer.code], [409, 'already_published']);
			const { message, track_id } = answer.detail as { message: string; track_id: number };
			assert.match(message, sentence);
			assert.equal(track_id, trackId);
		}
	});

	describe('at the very moment its last byte is accepted', () => {
		const arriving = { status: 'receiving', stage: 'receiving', received_bytes: 900 } as const;

		/** Asks for its removal while another request writes to it, which accepts it and lets go. */
		async function removeWhile(accept: Parameters<typeof changeUpload>[2]) {
			const upload = await newUpload(arriving);
			await world.ctx.storage.staging.append(upload.id, 0, noise(1000));
			await world.database.sql`insert into upload_leases (upload_id, artist_did, holder, expires_at)
				values (${upload.id}, ${ALICE}, gen_random_uuid(), now() + interval '1 minute')`;
			const removed = remove(upload);
			const isAsked = async () =>
				(
					await world.database.sql`select 1 from upload_leases
						where upload_id = ${upload.id} and wanted`
				).length > 0;
			while (!(await isAsked())) await sleep(20);
			await change(upload, accept);
			await world.database.sql`delete from upload_leases where upload_id = ${upload.id}`;
			const answer = await removed;
			const { status } = await send(`${world.url}/api/tracks/uploads/${upload.id}`);
			return { upload, answer, isThere: status === 200 };
		}

		it('is removed when nobody works on it yet', async () => {
			const accepted = { status: 'pending', stage: 'received', received_bytes: 1000 } as const;
			const { upload, answer, isThere } = await removeWhile(accepted);
			assert.deepEqual([answer.status, isThere], [200, false]);
			assert.equal(await world.stagedHash(upload.id), null);
		});

		it('is not said to be removed when it is not', async () => {
			const { answer, isThere } = await removeWhile({ status: 'processing', stage: 'stored' });
			assert.deepEqual([answer.status, answer.code, isThere], [409, 'upload_in_work', true]);
			const trackId = await world.publish(ALICE, noise(1002));
			const track = await removeWhile({
				status: 'completed',
				stage: 'indexed',
				track_id: trackId
			});
			assert.deepEqual([track.answer.status, track.answer.code], [409, 'already_published']);
			assert.equal((track.answer.detail as { track_id: number }).track_id, trackId);
		});
	});
});
