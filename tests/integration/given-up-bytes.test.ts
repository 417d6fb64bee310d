import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { removeFromRelease } from '#lib/server/releases/discard-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease, getRelease, listInterrupted } from '#lib/server/releases/releases.ts';
import { sweepUploads } from '#lib/server/uploads/sweep.ts';
import { ALICE, noise, send } from './receiving/requests.ts';
import { startWorld, type World } from './receiving/world.ts';

const alice: Viewer = { did: ALICE, handle: 'alice.test', displayName: 'Alice', avatarUrl: null };
const TUS = { 'tus-resumable': '1.0.0' };

let world: World;
before(async () => (world = await startWorld(8, { STORAGE_QUOTA_MB: '1' })));
after(() => world.end());

const wav = noise(400_000);
const half = wav.subarray(0, 200_000);
const encode = (metadata: Record<string, string>) =>
	Object.entries(metadata)
		.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
		.join(',');

async function begin(metadata: Record<string, string>, sizeBytes = wav.length) {
	const answer = await send(`${world.url}/api/uploads/tus`, {
		method: 'POST',
		headers: { ...TUS, 'upload-length': String(sizeBytes), 'upload-metadata': encode(metadata) }
	});
	return { ...answer, id: String(answer.headers.location).split('/').at(-1) ?? '' };
}

const patch = (id: string, offsetBytes: number, body: Uint8Array) =>
	send(`${world.url}/api/uploads/tus/${id}`, {
		method: 'PATCH',
		headers: {
			...TUS,
			'content-type': 'application/offset+octet-stream',
			'upload-offset': String(offsetBytes)
		},
		body
	});

async function runOut(id: string) {
	await world.database
		.sql`update uploads set expires_at = now() - interval '1 hour' where id = ${id}`;
}

/** A draft with one file of which half has arrived, and words about it. */
async function draftWithHalf() {
	const releaseId = await createRelease(world.ctx, alice);
	const { id } = await begin({ release_id: releaseId, filename: 'tide.wav' });
	assert.equal((await patch(id, 0, half)).status, 204);
	await changeRelease(world.ctx, alice, releaseId, {
		rights_confirmed: true,
		tracks: [{ upload_id: id, fields: { title: 'Tide', description: 'one take' } }]
	});
	return { releaseId, id };
}

const tracksOf = async (releaseId: string) =>
	(await getRelease(world.ctx, alice, releaseId)).tracks.map(({ upload, fields }) => ({
		id: upload.upload_id,
		status: upload.status,
		code: upload.error_code,
		receivedBytes: upload.received_bytes,
		said: [fields.title, fields.description]
	}));

const discard = (releaseId: string, id: string) =>
	removeFromRelease(world.ctx, alice, releaseId, id);

describe('a file of a release that is not complete within a day', () => {
	it('loses its bytes and nothing that was typed about it, and begins anew in its row', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 1);
		assert.equal(await world.stagedHash(id), null);
		const waiting = { id, status: 'receiving', code: 'not_received', receivedBytes: 0 };
		const said = ['Tide', 'one take'];
		assert.deepEqual(await tracksOf(releaseId), [{ ...waiting, said }]);
		const [track] = (await getRelease(world.ctx, alice, releaseId)).tracks;
		assert.match(track?.upload.message ?? '', /choose the file again to go on/);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 0, 'once');

		const head = await send(`${world.url}/api/uploads/tus/${id}`, { method: 'HEAD', headers: TUS });
		assert.equal(head.headers['upload-offset'], '0');
		assert.equal((await patch(id, 0, half)).status, 204);
		const [again] = await tracksOf(releaseId);
		assert.deepEqual(again, { ...waiting, code: null, receivedBytes: half.length, said });
		assert.equal((await patch(id, half.length, wav.subarray(half.length))).status, 204);
		const [whole] = await tracksOf(releaseId);
		assert.deepEqual([whole?.status, whole?.said], ['pending', said]);
		await discard(releaseId, id);
	});

	it('goes on where it stopped as long as nobody has swept', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		assert.equal((await patch(id, half.length, wav.subarray(half.length))).status, 204);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 0);
		await discard(releaseId, id);
	});

	it('stays in a published release, which says what it waits for, until it is discarded', async () => {
		const { releaseId, id } = await draftWithHalf();
		await publishRelease(world.ctx, alice, releaseId);
		await runOut(id);
		await sweepUploads(world.ctx);
		const [waiting] = await listInterrupted(world.ctx, alice);
		assert.equal(waiting?.release_id, releaseId);
		assert.equal(waiting.tracks[0]?.upload.error_code, 'not_received');
		await discard(releaseId, id);
		assert.deepEqual(await listInterrupted(world.ctx, alice), []);
	});

	it('gives its place and its words to another file, also when no new file may join any more', async () => {
		const { releaseId, id } = await draftWithHalf();
		await publishRelease(world.ctx, alice, releaseId);
		await world.database
			.sql`update releases set published_at = now() - interval '3 days' where id = ${releaseId}`;
		await runOut(id);
		await sweepUploads(world.ctx);
		const metadata = { release_id: releaseId, filename: 'tide again.wav' };
		assert.equal((await begin(metadata)).status, 409, 'a stranger may not');
		const other = await begin({ ...metadata, in_place_of: id }, 300_000);
		assert.equal(other.status, 201);
		const [track, ...others] = await tracksOf(releaseId);
		assert.deepEqual(others, []);
		assert.deepEqual([track?.id, track?.said], [other.id, ['Tide', 'one take']]);
		const known = await begin({ ...metadata, in_place_of: id });
		assert.equal(known.status, 404, 'it is gone');
		await discard(releaseId, other.id);
	});

	it('takes up no room until it comes again, and then has to fit', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		await sweepUploads(world.ctx);
		const draft = await createRelease(world.ctx, alice);
		const large = await begin({ release_id: draft, filename: 'large.wav' }, 900_000);
		assert.equal(large.status, 201, 'the quota is free');
		const refused = await patch(id, 0, half);
		assert.equal(refused.status, 413);
		assert.match(refused.text, /storage_full/);
		assert.deepEqual((await tracksOf(releaseId))[0]?.code, 'not_received');
		await discard(draft, large.id);
		assert.equal((await patch(id, 0, half)).status, 204);
		await discard(releaseId, id);
	});
});
