import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { resumeDeletions } from '#lib/server/tracks/finish-deletion.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { seedImage } from '#lib/server/testing/seeds.ts';
import { deleteTrack, listOwnDeletions } from '#lib/server/tracks/delete-track.ts';
import { getStreamedFile, getTrack, listNewestTracks } from '#lib/server/tracks/tracks.ts';
import {
	anyPitch,
	hashOf,
	listObjects,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

describe('a deleted track', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let bob: Viewer;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
	});
	after(() => site.close());

	async function waitUntilGone(id: number): Promise<void> {
		for (let i = 0; i < 300; i++) {
			const track = await site.ctx.db
				.selectFrom('tracks')
				.select('id')
				.where('id', '=', id)
				.executeTakeFirst();
			const waiting = await site.ctx.db
				.selectFrom('released_objects')
				.select('storage_key')
				.where('deleted_at', 'is', null)
				.execute();
			if (!track && waiting.length === 0) return;
			await sleep(50);
		}
		throw new Error('the track is still there');
	}

	const recordsOf = (did: string) => listTrackRecords(site.network.pdsUrl, did);
	const audioKeys = async () =>
		(await listObjects(site.ctx)).filter((key) => key.startsWith('audio/'));

	it('is hidden at once, and then gone everywhere: record, row, objects, earlier audio', async () => {
		const before = await audioKeys();
		const aiff = await makeSample('aiff', { seconds: 1, hertz: anyPitch() });
		const { id } = await site.publish(alice.did, { bytes: aiff, fileName: 'a.aiff' });
		const sent = await site.send(alice.did, {
			bytes: await makeSample('mp3', { seconds: 1, hertz: anyPitch() }),
			fileName: 'b.mp3',
			replacesTrackId: id
		});
		await waitForUpload(site.ctx, sent);
		const { fileId } = await getTrack(site.ctx, null, id);
		assert.equal((await audioKeys()).length, before.length + 3);

		await deleteTrack(site.ctx, alice, id);
		await assert.rejects(getTrack(site.ctx, alice, id), {
			status: 410,
			code: 'track_removed',
			message: 'this track was removed'
		});
		const { tracks } = await listNewestTracks(site.ctx, null);
		assert.equal(
			tracks.some((track) => track.id === id),
			false
		);
		await assert.rejects(getStreamedFile(site.ctx, fileId), { status: 404 });

		await waitUntilGone(id);
		assert.deepEqual(await recordsOf(alice.did), []);
		assert.deepEqual(await audioKeys(), before);
		await assert.rejects(getTrack(site.ctx, null, id), { code: 'track_removed' });
		const why = site.logged.filter((line) => line['event'] === 'object_released');
		assert.equal(why.length, 3);
		assert.ok(
			why.every((line) => line['who'] === alice.did),
			JSON.stringify(why)
		);
	});

	it('leaves audio that another artist’s track has', async () => {
		const shared = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const hers = await site.publish(alice.did, { bytes: shared });
		const his = await site.publish(bob.did, { bytes: shared });
		await deleteTrack(site.ctx, alice, hers.id);
		await waitUntilGone(hers.id);
		const { fileId } = await getTrack(site.ctx, null, his.id);
		const file = await getStreamedFile(site.ctx, fileId);
		assert.ok(await site.ctx.storage.head(file.storage_key), 'his track still plays');
		await deleteTrack(site.ctx, bob, his.id);
		await waitUntilGone(his.id);
		assert.equal(await site.ctx.storage.head(file.storage_key), null);
	});

	it('leaves a picture that another of the artist’s tracks has', async () => {
		const imageId = await seedImage(site.ctx.db, 'a shared cover');
		const longAgo = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);
		await site.ctx.db
			.updateTable('images')
			.set({ offered_at: longAgo })
			.where('image_id', '=', imageId)
			.execute();
		const one = await site.publish(alice.did, { fields: { imageId } });
		const two = await site.publish(alice.did, { fields: { imageId } });
		const images = () =>
			site.ctx.db.selectFrom('images').selectAll().where('image_id', '=', imageId).execute();
		await deleteTrack(site.ctx, alice, one.id);
		await waitUntilGone(one.id);
		assert.equal((await images()).length, 1);
		await deleteTrack(site.ctx, alice, two.id);
		await waitUntilGone(two.id);
		assert.equal((await images()).length, 0, 'nothing refers to it any more');
	});

	it('may be published again, and is another track then', async () => {
		const { id, bytes } = await site.publish(alice.did);
		const key = `audio/${hashOf(bytes).sha256.slice(0, 16)}.mp3`;
		await deleteTrack(site.ctx, alice, id);
		await waitUntilGone(id);
		const again = await site.publish(alice.did, { bytes });
		const file = await site.ctx.db
			.selectFrom('audio_files')
			.innerJoin('tracks', 'tracks.file_id', 'audio_files.file_id')
			.select('storage_key')
			.where('tracks.id', '=', again.id)
			.executeTakeFirstOrThrow();
		assert.notEqual(file.storage_key, key, 'a key is not used again so soon');
		assert.ok(await site.ctx.storage.head(file.storage_key));
		await deleteTrack(site.ctx, alice, again.id);
		await waitUntilGone(again.id);
	});

	it('whose record is gone already is removed all the same', async () => {
		const { id } = await site.publish(alice.did);
		const [record] = await recordsOf(alice.did);
		const agent = await site.ctx.oauth.agentFor(alice.did);
		const rkey = record?.uri.split('/').at(-1) ?? '';
		await agent.com.atproto.repo.deleteRecord({
			repo: alice.did,
			collection: 'fm.plyr.dev.track',
			rkey
		});
		await deleteTrack(site.ctx, alice, id);
		await waitUntilGone(id);
	});

	it('is its artist’s alone to delete', async () => {
		const { id } = await site.publish(alice.did);
		await assert.rejects(deleteTrack(site.ctx, bob, id), {
			status: 403,
			message: 'you can only delete your own tracks'
		});
		await assert.rejects(deleteTrack(site.ctx, bob, 999_999), { status: 404 });
		await getTrack(site.ctx, null, id);
	});

	it('waits for the next sign-in when the grant has ended, and then goes on by itself', async () => {
		const { id } = await site.publish(bob.did);
		await site.ctx.oauth.revoke(bob.did);
		await deleteTrack(site.ctx, bob, id);
		await assert.rejects(getTrack(site.ctx, null, id), { code: 'track_removed' });
		for (let i = 0; i < 100 && !isLogged('track_deletion_waits', id); i++) await sleep(100);
		assert.ok(isLogged('track_deletion_waits', id));
		assert.deepEqual(await listOwnDeletions(site.ctx, bob), [
			{ id, title: 'a song', needsSignIn: true }
		]);
		assert.equal((await recordsOf(bob.did)).length, 1);
		await site.signIn('bob');
		await resumeDeletions(site.ctx, bob.did);
		await waitUntilGone(id);
		assert.deepEqual(await recordsOf(bob.did), []);
		assert.deepEqual(await listOwnDeletions(site.ctx, bob), []);
	});

	function isLogged(event: string, trackId: number): boolean {
		return site.logged.some((line) => line['event'] === event && line['trackId'] === trackId);
	}
});
