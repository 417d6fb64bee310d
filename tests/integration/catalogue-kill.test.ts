import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { repairEverything } from '#lib/server/catalogue/catalogue.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { check, otherClient, problems, settled } from './catalogue-steps.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addHold, waitForHeld } from './killable-worker.ts';
import {
	anyPitch,
	hashOf,
	listTrackRecords,
	objectBytes,
	waitForEmptyStaging
} from './publishing-site.ts';

describe('a worker that is killed while it repairs', () => {
	let killable: KillableSite;
	let database: KillableSite['database'];
	let site: KillableSite['site'];
	let alice: KillableSite['alice'];
	let worker: KillableSite['worker'];
	let id: number;
	let holds: Record<'indexing' | 'forgetting' | 'reporting', Awaited<ReturnType<typeof addHold>>>;

	before(async () => {
		killable = await startKillableSite();
		({ database, site, alice, worker } = killable);
		const bytes = await makeSample('aiff', { seconds: 1, hertz: anyPitch() });
		({ id } = await site.publish(alice.did, { bytes, fileName: 'a.aiff' }));
		holds = {
			indexing: await addHold(database, 'indexing', 'update on tracks'),
			forgetting: await addHold(database, 'forgetting', 'delete on track_problems'),
			reporting: await addHold(
				database,
				'reporting',
				'update on catalogue_checks',
				'new.covers_at is distinct from old.covers_at'
			)
		};
	});
	after(() => killable.close());

	const records = () => listTrackRecords(site.network.pdsUrl, alice.did);

	async function streamed() {
		const [file] = await site.ctx.sql<{ key: string; sha256: string }[]>`
			select storage_key as key, sha256 from tracks join audio_files using (file_id)
			where tracks.id = ${id}`;
		return file ?? assert.fail('no track');
	}

	async function assertRepaired() {
		await settled(site.ctx, alice);
		await check(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), []);
		assert.equal((await records()).length, 1);
	}

	for (const hold of ['indexing', 'forgetting'] as const) {
		it(`has written a missing record once, though it died before ${hold}`, async () => {
			const [before] = await records();
			await (await otherClient(site.ctx, alice.did)).deletes(id);
			await check(site.ctx, alice);
			const release = await holds[hold]();
			await repairEverything(site.ctx, alice, { isConfirmed: true });
			await waitForHeld(database);
			assert.equal(
				(await records()).length,
				1,
				'the record is there, and the row says nothing yet'
			);
			await worker.restart();
			await release();
			await assertRepaired();
			assert.deepEqual((await records())[0]?.value, before?.value);
		});
	}

	it('has made lost audio again, though it died before it could say so', async () => {
		const { key, sha256 } = await streamed();
		await site.ctx.storage.delete(key);
		await check(site.ctx, alice);
		const release = await holds.forgetting();
		await repairEverything(site.ctx, alice, { isConfirmed: true });
		await waitForHeld(database);
		await worker.restart();
		await release();
		await assertRepaired();
		assert.equal(hashOf(await objectBytes(site.ctx, key)).sha256, sha256);
		await waitForEmptyStaging(site.ctx);
	});

	it('has checked everything, though it died at the end of the check', async () => {
		const { key } = await streamed();
		await site.ctx.storage.delete(key);
		const release = await holds.reporting();
		const checking = check(site.ctx, alice);
		await waitForHeld(database);
		assert.deepEqual(await problems(site.ctx, alice), [], 'half a check says nothing');
		await worker.restart();
		await release();
		await checking;
		assert.equal((await problems(site.ctx, alice)).length, 1);
		await repairEverything(site.ctx, alice, { isConfirmed: true });
		await assertRepaired();
	});
});
