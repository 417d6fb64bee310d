import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { listRevisions, restoreRevision } from '#lib/server/tracks/revisions.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { replacementUnderWay } from '#lib/server/uploads/replaced-track.ts';
import { index } from '#lib/server/uploads/stages/index.ts';
import { stageWork } from '#lib/server/uploads/stages/stage.ts';
import { answerTus } from '#lib/server/uploads/tus.ts';
import {
	anyPitch,
	hashOf,
	listObjects,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

describe('new audio for a track', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let bob: Viewer;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
	});
	after(() => site.close());

	const row = (id: number) => trackRow(site.ctx, id);
	const fileIdOf = (bytes: Uint8Array) => hashOf(bytes).sha256.slice(0, 16);

	async function originalOf(id: number): Promise<string> {
		const { original_file_id: original } = await site.ctx.db
			.selectFrom('tracks')
			.select('original_file_id')
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
		return original;
	}

	async function recordOf(id: number) {
		const { record_uri: uri } = await row(id);
		const records = await listTrackRecords(site.network.pdsUrl, alice.did);
		return records.find((one) => one.uri === uri)?.value ?? assert.fail('no record');
	}

	async function replace(id: number, bytes: Uint8Array, did = alice.did) {
		const sent = { bytes, fileName: 'new.wav', replacesTrackId: id };
		return await waitForUpload(site.ctx, await site.send(did, sent));
	}

	/** One request of the resumable protocol, as the uploader of the pages makes it. */
	const tus = (
		method: string,
		headers: Record<string, string>,
		uploadId?: string,
		body?: Uint8Array
	) =>
		answerTus(
			site.ctx,
			alice,
			new Request(`http://127.0.0.1:3999/api/uploads/tus/${uploadId ?? ''}`, {
				method,
				headers: { 'tus-resumable': '1.0.0', ...headers },
				...(body ? { body: Uint8Array.from(body), duplex: 'half' } : {})
			}),
			uploadId ?? null
		);

	async function beginTus(bytes: Uint8Array, fields: Record<string, string>): Promise<string> {
		const metadata = Object.entries({ filename: 'new.mp3', ...fields })
			.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
			.join(',');
		const answer = await tus('POST', {
			'upload-length': String(bytes.byteLength),
			'upload-metadata': metadata
		});
		return answer.headers.get('location')?.split('/').at(-1) ?? '';
	}

	const sendTus = (uploadId: string, bytes: Uint8Array, from: number, to: number) =>
		tus(
			'PATCH',
			{ 'content-type': 'application/offset+octet-stream', 'upload-offset': String(from) },
			uploadId,
			bytes.subarray(from, to)
		);

	it('is heard under the same address, keeps everything else, and can be taken back', async () => {
		const { id, bytes: first } = await site.publish(alice.did, {
			fields: { title: 'kept', album: 'Kept', description: 'kept too' }
		});
		await site.ctx.db.updateTable('tracks').set({ play_count: 7 }).where('id', '=', id).execute();
		const agent = await site.ctx.oauth.agentFor(alice.did);
		const { rkey, artist_did: repo } = await row(id);
		const collection = 'fm.plyr.dev.track';
		const { data } = await agent.com.atproto.repo.getRecord({ repo, collection, rkey });
		const record = { ...data.value, mood: 'kept as well' };
		await agent.com.atproto.repo.putRecord({ repo, collection, rkey, record });
		const before = { row: await row(id), record: await recordOf(id) };

		const second = await makeSample('aiff', { seconds: 2, hertz: anyPitch() });
		const upload = await replace(id, second);
		assert.equal(upload.status, 'completed', upload.error ?? '');
		assert.equal(upload.track_id, id);

		const replaced = await row(id);
		assert.equal(replaced.rkey, before.row.rkey);
		assert.equal(replaced.play_count, 7);
		assert.equal(replaced.title, 'kept');
		assert.equal(replaced.album_id, before.row.album_id);
		assert.deepEqual(replaced.created_at, before.row.created_at);
		assert.notEqual(replaced.file_id, before.row.file_id);
		assert.equal(await originalOf(id), fileIdOf(second));
		assert.deepEqual(await recordOf(id), {
			...before.record,
			audioUrl: `http://127.0.0.1:3999/audio/${replaced.file_id}`,
			fileType: replaced.file_type,
			duration: 2
		});
		const records = await listTrackRecords(site.network.pdsUrl, alice.did);
		assert.equal(records.length, 1, 'no other record was made');

		const [revision] = await listRevisions(site.ctx, alice, id);
		assert.equal(revision?.sizeBytes, first.byteLength);
		await restoreRevision(site.ctx, alice, id, revision.id);
		assert.equal((await row(id)).file_id, fileIdOf(first));
		assert.equal(await originalOf(id), fileIdOf(first));
		assert.deepEqual(await recordOf(id), before.record);
		const [now, ...others] = await listRevisions(site.ctx, alice, id);
		assert.deepEqual(others, [], 'what is heard is no earlier version');
		assert.equal(now?.sizeBytes, second.byteLength);

		await restoreRevision(site.ctx, alice, id, now.id);
		assert.equal(await originalOf(id), fileIdOf(second), 'with the file the artist gave us');
		assert.equal((await row(id)).file_id, replaced.file_id);
	});

	it('is an earlier version when its artist took it back before it was entered', async () => {
		const { ctx } = site;
		const { id } = await site.publish(alice.did, { fields: { title: 'taken back early' } });
		const second = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const done = await replace(id, second);
		const record = await recordOf(id);
		const [first] = await listRevisions(ctx, alice, id);
		await restoreRevision(ctx, alice, id, first?.id ?? 0);
		// as if the attempt that wrote it had died: the next one finds it written, without a revision
		const { record_uri: recordUri, record_cid: recordCid } = await row(id);
		const findings = { ...done.findings, recordUri, recordCid, recordRev: null, record };
		await ctx.db.deleteFrom('track_revisions').where('track_id', '=', id).execute();
		const holder = { status: 'processing' as const, stage: 'published' as const };
		const again = await ctx.db
			.updateTable('uploads')
			.set({ ...holder, findings: JSON.stringify(findings), track_id: null })
			.where('id', '=', done.id)
			.returningAll()
			.executeTakeFirstOrThrow();
		await index(stageWork(ctx, again, AbortSignal.timeout(20_000)));
		const sizes = (await listRevisions(ctx, alice, id)).map(({ sizeBytes }) => sizeBytes);
		assert.deepEqual(sizes, [second.byteLength]);
	});

	it('can stop half way and go on, and takes the statement of rights', async () => {
		const { id } = await site.publish(alice.did);
		const bytes = await makeSample('mp3', { seconds: 2, hertz: anyPitch() });
		const replaces = { replaces_track_id: String(id) };
		for (const stated of [undefined, { rights_confirmed: 'false' }]) {
			await assert.rejects(beginTus(bytes, { ...replaces, ...stated }), {
				status: 422,
				code: 'rights_not_confirmed',
				message: /tick the box that says you may publish this music/
			});
		}
		assert.equal(await replacementUnderWay(site.ctx, alice, id), null, 'nothing was begun');

		const uploadId = await beginTus(bytes, { ...replaces, rights_confirmed: 'true' });
		await sendTus(uploadId, bytes, 0, 1_000);
		const waiting = await replacementUnderWay(site.ctx, alice, id);
		assert.deepEqual(
			[waiting?.upload_id, waiting?.status, waiting?.received_bytes, waiting?.replaces_track_id],
			[uploadId, 'receiving', 1_000, id]
		);
		assert.equal(await replacementUnderWay(site.ctx, bob, id), null, 'it is nobody else’s');
		const told = await tus('HEAD', {}, uploadId);
		assert.equal(told.headers.get('upload-offset'), '1000');
		await sendTus(uploadId, bytes, 1_000, bytes.byteLength);

		const upload = await waitForUpload(site.ctx, uploadId);
		assert.deepEqual([upload.status, upload.track_id], ['completed', id], upload.error ?? '');
		assert.ok(upload.rights_confirmed_at, 'the statement is kept');
		assert.equal((await row(id)).file_id, fileIdOf(bytes));
		assert.equal(await replacementUnderWay(site.ctx, alice, id), null);
	});

	it('that is there already is refused in plain words when its last byte has arrived', async () => {
		const { id, bytes: own } = await site.publish(alice.did);
		const other = await site.publish(alice.did, { fields: { title: 'slow tide' } });
		const fields = { replaces_track_id: String(id), rights_confirmed: 'true' };
		const cases = [
			[own, 'same_audio', 'this is the file the track has already, so there is nothing to replace'],
			[other.bytes, 'duplicate_upload', 'another track of yours, “slow tide”, is this very file']
		] as const;
		for (const [bytes, code, sentence] of cases) {
			const uploadId = await beginTus(bytes, fields);
			await sendTus(uploadId, bytes, 0, bytes.byteLength);
			const { status, error_code: found, error } = await waitForUpload(site.ctx, uploadId);
			assert.deepEqual([status, found], ['failed', code]);
			assert.ok(error?.startsWith(sentence), error ?? '');
		}
	});

	it('of before is restored without asking when its rights were stated, and only then', async () => {
		const { id, bytes } = await site.publish(alice.did, { hasRights: false });
		await replace(id, await makeSample('mp3', { seconds: 1, hertz: anyPitch() }));
		const before = await row(id);
		const [first] = await listRevisions(site.ctx, alice, id);
		assert.equal(first?.hasRights, false);
		await assert.rejects(restoreRevision(site.ctx, alice, id, first.id), {
			status: 422,
			code: 'rights_not_confirmed',
			message: /tick the box that says you may publish this music/
		});
		assert.deepEqual(await row(id), before);

		await restoreRevision(site.ctx, alice, id, first.id, { rightsConfirmed: true });
		assert.equal((await row(id)).file_id, fileIdOf(bytes));
		const [second] = await listRevisions(site.ctx, alice, id);
		assert.equal(second?.hasRights, true, 'it was stated when it was sent');
		await restoreRevision(site.ctx, alice, id, second.id);
		const [again] = await listRevisions(site.ctx, alice, id);
		assert.equal(again?.hasRights, true, 'the statement of the restoration is kept');
		await restoreRevision(site.ctx, alice, id, again.id);
	});

	it('takes away a blob of the audio of before, which players would prefer', async () => {
		const { id } = await site.publish(alice.did);
		const agent = await site.ctx.oauth.agentFor(alice.did);
		const { rkey, artist_did: repo } = await row(id);
		const collection = 'fm.plyr.dev.track';
		const account = await fetch(
			new URL('/xrpc/com.atproto.server.createSession', site.network.pdsUrl),
			{
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ identifier: alice.did, password: 'alice-pass' })
			}
		);
		const { accessJwt } = (await account.json()) as { accessJwt: string };
		const kept = await fetch(new URL('/xrpc/com.atproto.repo.uploadBlob', site.network.pdsUrl), {
			method: 'POST',
			headers: { authorization: `Bearer ${accessJwt}`, 'content-type': 'audio/mpeg' },
			body: new Uint8Array([4, 5, 6])
		});
		const { blob } = (await kept.json()) as { blob: unknown };
		const { data } = await agent.com.atproto.repo.getRecord({ repo, collection, rkey });
		const record = { ...data.value, audioBlob: blob };
		await agent.com.atproto.repo.putRecord({ repo, collection, rkey, record });
		const upload = await replace(id, await makeSample('mp3', { seconds: 1, hertz: anyPitch() }));
		assert.equal(upload.status, 'completed', upload.error ?? '');
		assert.equal('audioBlob' in (await recordOf(id)), false);
	});

	it('that is the same file is refused with a sentence, and so is another track’s', async () => {
		const { id, bytes } = await site.publish(alice.did);
		const other = await site.publish(alice.did);
		const before = await row(id);
		await assert.rejects(replace(id, bytes), { code: 'same_audio', message: /nothing to replace/ });
		await assert.rejects(replace(id, other.bytes), {
			code: 'duplicate_upload',
			message: `another track of yours, “a song”, is this very file already (id: ${other.id}). choose another file, or delete that track first`
		});
		assert.deepEqual(await row(id), before);
	});

	it('cannot be restored to a track when another one has it by now', async () => {
		const { id, bytes } = await site.publish(alice.did);
		await replace(id, await makeSample('mp3', { seconds: 1, hertz: anyPitch() }));
		const again = await site.publish(alice.did, { bytes });
		assert.notEqual(again.id, id, 'what is only an earlier version may be a track of its own');
		const [revision] = await listRevisions(site.ctx, alice, id);
		const before = await row(id);
		await assert.rejects(restoreRevision(site.ctx, alice, id, revision?.id ?? 0), {
			code: 'duplicate_upload'
		});
		assert.deepEqual(await row(id), before);
		assert.match(String((await recordOf(id))['audioUrl']), new RegExp(before.file_id));
	});

	it('is its artist’s alone to choose', async () => {
		const { id } = await site.publish(alice.did);
		await assert.rejects(listRevisions(site.ctx, bob, id), { status: 403 });
		await assert.rejects(restoreRevision(site.ctx, bob, id, 1), { status: 403 });
		await assert.rejects(restoreRevision(site.ctx, alice, id, 999_999), {
			code: 'revision_not_found'
		});
	});

	it('of a track that is deleted meanwhile ends without a trace', async () => {
		const { id } = await site.publish(alice.did);
		const objects = await listObjects(site.ctx);
		await site.ctx.db
			.updateTable('tracks')
			.set({ visibility: 'deleting' })
			.where('id', '=', id)
			.execute();
		// the upload goes with the track: so it comes first
		await site.ctx.jobs.enqueueTrack(site.ctx.db, { trackId: id, task: 'delete' }, 600);
		const upload = await replace(id, await makeSample('mp3', { seconds: 1, hertz: anyPitch() }));
		assert.deepEqual([upload.status, upload.error_code], ['failed', 'track_removed']);
		assert.ok((await listObjects(site.ctx)).length <= objects.length + 1);
	});
});
