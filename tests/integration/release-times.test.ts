import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { discardRelease } from '#lib/server/releases/discard-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease, listReleases } from '#lib/server/releases/releases.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { resumeWaitingUploads } from '#lib/server/uploads/resume.ts';
import { signInAs } from './local-people.ts';
import {
	anyPitch,
	listObjects,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite
} from './publishing-site.ts';
import { dropFiles, waitForRelease } from './release-steps.ts';

const song = () => makeSample('mp3', { seconds: 1, hertz: anyPitch() });

describe('the time of a release', { timeout: 300_000 }, () => {
	let site: PublishingSite;
	let alice: Viewer;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
	});
	after(() => site.close());

	const records = () => listTrackRecords(site.network.pdsUrl, alice.did);
	const confirm = (id: string) => changeRelease(site.ctx, alice, id, { rights_confirmed: true });
	const drop = (id: string, files: Parameters<typeof dropFiles>[3]) =>
		dropFiles(site.ctx, alice.did, id, files);
	const tracksOf = (albumId: string | undefined) =>
		site.ctx.db
			.selectFrom('tracks')
			.select(['title', 'created_at'])
			.where('album_id', '=', albumId ?? '')
			.orderBy('album_position')
			.execute();

	it('opens by itself at its time, and not before', async () => {
		const id = await createRelease(site.ctx, alice);
		await drop(id, [
			{ fileName: '1.mp3', bytes: await song() },
			{ fileName: '2.mp3', bytes: await song() }
		]);
		await waitForRelease(site.ctx, alice, id, ['waiting']);
		const before = { records: await records(), objects: await listObjects(site.ctx) };
		const far = new Date(Date.now() + 3_600_000).toISOString();
		await changeRelease(site.ctx, alice, id, { release_at: far, rights_confirmed: true });
		const scheduled = await publishRelease(site.ctx, alice, id);
		for (const { upload } of scheduled.tracks) {
			assert.deepEqual([upload.status, upload.error_code], ['waiting', 'scheduled']);
			assert.match(upload.message, /^ready: it opens on \d+ [a-z]+ \d{4} at \d\d:\d\d utc$/);
		}
		assert.deepEqual(await records(), before.records);
		assert.deepEqual(await listObjects(site.ctx), before.objects);
		assert.equal((await listReleases(site.ctx, alice)).length, 1);

		// until then everything can be changed, the time too
		const [one] = scheduled.tracks;
		const opensAt = new Date(Date.now() + 4_000);
		await changeRelease(site.ctx, alice, id, {
			fields: { album_title: 'Later' },
			release_at: opensAt.toISOString(),
			tracks: [{ upload_id: one?.upload.upload_id, fields: { title: 'renamed in time' } }]
		});
		const done = await waitForRelease(site.ctx, alice, id, ['completed']);
		assert.ok(new Date() >= opensAt);
		const tracks = await tracksOf(done.album?.id);
		assert.deepEqual(
			tracks.map(({ title, created_at: createdAt }) => [
				title,
				createdAt.getTime() - opensAt.getTime()
			]),
			[
				['renamed in time', 1],
				['2', 2]
			]
		);
		await assert.rejects(changeRelease(site.ctx, alice, id, { release_at: null }), {
			code: 'release_published'
		});
		await assert.rejects(discardRelease(site.ctx, alice, id), { code: 'release_published' });
	});

	it('opens at once when its time is taken back', async () => {
		const id = await createRelease(site.ctx, alice);
		await drop(id, [{ fileName: '1.mp3', bytes: await song() }]);
		const far = new Date(Date.now() + 3_600_000).toISOString();
		await changeRelease(site.ctx, alice, id, { release_at: far, rights_confirmed: true });
		await publishRelease(site.ctx, alice, id);
		const scheduled = await waitForRelease(site.ctx, alice, id, ['waiting']);
		assert.equal(scheduled.tracks[0]?.upload.error_code, 'scheduled');
		await changeRelease(site.ctx, alice, id, { release_at: null });
		const done = await waitForRelease(site.ctx, alice, id, ['completed']);
		const track = await site.ctx.db
			.selectFrom('tracks')
			.select('created_at')
			.where('id', '=', done.tracks[0]?.upload.track_id ?? 0)
			.executeTakeFirstOrThrow();
		assert.ok(Math.abs(track.created_at.getTime() - Date.now()) < 60_000);
	});

	it('waits for a sign-in that ended, and all its tracks go on after one', async () => {
		const id = await createRelease(site.ctx, alice);
		await drop(
			id,
			await Promise.all([1, 2, 3].map(async (n) => ({ fileName: `${n}.mp3`, bytes: await song() })))
		);
		await waitForRelease(site.ctx, alice, id, ['waiting']);
		await confirm(id);
		await site.ctx.oauth.revoke(alice.did);
		await publishRelease(site.ctx, alice, id);
		const parked = await waitForRelease(site.ctx, alice, id, ['waiting'], 30_000, 'sign_in_again');
		assert.deepEqual(
			parked.tracks.map(({ upload }) => upload.stage),
			['stored', 'stored', 'stored']
		);
		await signInAs(site.ctx.oauth, 'alice');
		await resumeWaitingUploads(site.ctx, alice.did);
		await waitForRelease(site.ctx, alice, id, ['completed']);
	});
});
