import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addHold, addStageHold, waitForHeld } from './killable-worker.ts';
import {
	anyPitch,
	hashOf,
	listObjects,
	listTrackRecords,
	objectBytes,
	waitForUpload
} from './publishing-site.ts';
import { sweepObjects } from '#lib/server/storage/sweep-objects.ts';

const RECOVERY_LIMIT_MS = 60_000;

describe('a worker that is killed while it changes a track', () => {
	let killable: KillableSite;
	let database: KillableSite['database'];
	let site: KillableSite['site'];
	let alice: KillableSite['alice'];
	let worker: KillableSite['worker'];
	type Hold = Awaited<ReturnType<typeof addHold>>;
	let holds: Record<'row' | 'object' | 'published' | 'indexed', Hold>;

	before(async () => {
		killable = await startKillableSite();
		({ database, site, alice, worker } = killable);
		holds = {
			row: await addHold(database, 'row', 'delete on tracks'),
			object: await addHold(database, 'object', 'update on released_objects'),
			published: await addStageHold(database, 'published'),
			indexed: await addStageHold(database, 'indexed')
		};
	});
	after(() => killable.close());

	async function publish() {
		const objects = await listObjects(site.ctx);
		const bytes = await makeSample('aiff', { seconds: 1, hertz: anyPitch() });
		const { id } = await site.publish(alice.did, { bytes, fileName: 'a.aiff' });
		return { id, objects };
	}

	/** No record, no row, no object, and nothing that waits. */
	async function assertGone({ id, objects }: Awaited<ReturnType<typeof publish>>) {
		const end = Date.now() + RECOVERY_LIMIT_MS;
		const isThere = async () => {
			const [row] = await database.sql`select 1 from tracks where id = ${id}`;
			return row !== undefined;
		};
		while ((await isThere()) && Date.now() < end) await sleep(100);
		assert.equal(await isThere(), false, 'the row is gone');
		// what a killed process left is found by the sweep, ten minutes later in real life
		await database.sql`update released_objects set released_at = now() - interval '5 minutes'`;
		await sweepObjects(site.ctx);
		assert.deepEqual(await listTrackRecords(site.network.pdsUrl, alice.did), []);
		assert.deepEqual(await listObjects(site.ctx), objects);
		const [tombstone] = await database.sql`
			select 1 from record_tombstones where track_id = ${id}`;
		assert.ok(tombstone, 'its address says that it was removed');
	}

	it('has deleted it when the next one is done, though it died with the record gone', async () => {
		const track = await publish();
		const release = await holds.row();
		await deleteTrack(site.ctx, alice, track.id);
		await waitForHeld(database);
		await worker.restart();
		await release();
		await assertGone(track);
	});

	it('and though it died with the row gone and the objects going', async () => {
		const track = await publish();
		const release = await holds.object();
		await deleteTrack(site.ctx, alice, track.id);
		await waitForHeld(database);
		await worker.restart();
		await release();
		await assertGone(track);
	});

	it('and though it died as soon as it was asked, and again and again', async () => {
		const track = await publish();
		await deleteTrack(site.ctx, alice, track.id);
		for (let times = 0; times < 3; times++) {
			await sleep(Math.random() * 400);
			await worker.restart();
			if (times > 0) await worker.started;
		}
		await assertGone(track);
	});

	for (const stage of ['published', 'indexed'] as const) {
		it(`has replaced the audio once, though it died before it could say "${stage}"`, async () => {
			const track = await publish();
			const release = await holds[stage]();
			const bytes = await makeSample('aiff', { seconds: 2, hertz: anyPitch() });
			const sent = await site.send(alice.did, {
				bytes,
				fileName: 'b.aiff',
				replacesTrackId: track.id
			});
			await waitForHeld(database);
			await worker.restart();
			await release();
			const upload = await waitForUpload(site.ctx, sent, undefined, RECOVERY_LIMIT_MS);
			assert.equal(upload.status, 'completed', upload.error ?? '');
			const [row] = await database.sql`
				select t.record_cid, t.file_id, o.sha256, f.storage_key, f.sha256 as streamed,
					(select count(*)::int from track_revisions where track_id = t.id) as revisions
				from tracks t join audio_files o on o.file_id = t.original_file_id
					join audio_files f on f.file_id = t.file_id
				where t.id = ${track.id}`;
			assert.equal(row?.['sha256'], hashOf(bytes).sha256);
			assert.equal(row['revisions'], 1);
			const [record, ...others] = await listTrackRecords(site.network.pdsUrl, alice.did);
			assert.deepEqual(others, []);
			assert.ok(record);
			assert.equal(record.cid, row['record_cid']);
			assert.equal(record.value['audioUrl'], `http://127.0.0.1:3999/audio/${row['file_id']}`);
			const stored = await objectBytes(site.ctx, String(row['storage_key']));
			assert.equal(hashOf(stored).sha256, row['streamed']);
			await deleteTrack(site.ctx, alice, track.id);
			await assertGone(track);
		});
	}
});
