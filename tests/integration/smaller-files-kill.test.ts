import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { sweepObjects, sweepStrayObjects } from '#lib/server/storage/sweep-objects.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addHold, waitForHeld } from './killable-worker.ts';
import {
	hashOf,
	listObjects,
	objectBytes,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';
import { allMade, smallerOf, smallerRows, until, wav } from './smaller-files.ts';

const HOLDS = {
	'has begun': ['begun', 'insert on smaller_files'],
	'has stored the object, and no row says so': ['object', 'update on smaller_files'],
	'removes what it was made of': ['removal', 'delete on audio_files']
} as const;

describe('a smaller file whose maker is killed is made by the next one', () => {
	let killable: KillableSite;
	const hold = new Map<string, Awaited<ReturnType<typeof addHold>>>();

	before(async () => {
		killable = await startKillableSite();
		for (const [name, event] of Object.values(HOLDS)) {
			const condition = name === 'object' ? 'new.file_id is not null' : undefined;
			hold.set(name, await addHold(killable.database, `smaller_${name}`, event, condition));
		}
	});
	after(() => killable.close());

	const holdAt = async (name: string) => (await hold.get(name)?.()) ?? assert.fail(name);

	async function publish(bytes: Buffer): Promise<number> {
		const { site, alice } = killable;
		const sent = await site.send(alice.did, { bytes, fileName: 'a.wav' });
		const { track_id: id } = await waitForUpload(site.ctx, sent);
		return id ?? assert.fail('it was not published');
	}

	/** Two objects of the right bytes with their rows, one row that names the second, and nothing else. */
	async function assertMadeOnce(id: number, before: string[]): Promise<void> {
		const { ctx } = killable.site;
		const smaller = await smallerOf(ctx, id);
		await allMade(ctx);
		await waitForEmptyStaging(ctx);
		assert.deepEqual(
			(await smallerRows(ctx)).map(({ file_id: fileId, attempts }) => [fileId, attempts]),
			[[smaller, 0]]
		);
		const files = await ctx.db.selectFrom('audio_files').selectAll().execute();
		const added = (await listObjects(ctx)).filter((key) => !before.includes(key));
		assert.deepEqual(added, files.map((file) => file.storage_key).sort());
		assert.equal(files.length, 2);
		for (const file of files) {
			const { sha256, sizeBytes } = hashOf(await objectBytes(ctx, file.storage_key));
			assert.deepEqual([sha256, sizeBytes], [file.sha256, file.size_bytes]);
		}
	}

	async function assertGone(id: number, before: string[]): Promise<void> {
		const { ctx } = killable.site;
		await until('the track is still there', async () => {
			const [left] = await ctx.sql`
				select 1 from tracks where id = ${id}
				union all select 1 from audio_files
				union all select 1 from smaller_files`;
			return left === undefined;
		});
		// what a killed process has released, and not deleted
		const ages = { unusedMs: 0, releasedMs: 0, deletedMs: 0 };
		await sweepObjects(ctx, undefined, ages);
		assert.deepEqual(await listObjects(ctx), before);
		assert.equal(await sweepStrayObjects(ctx, undefined, ages), 0);
	}

	async function deleteWhole(id: number, before: string[]): Promise<void> {
		await deleteTrack(killable.site.ctx, killable.alice, id);
		await assertGone(id, before);
	}

	for (const [when, [name]] of Object.entries(HOLDS).slice(0, 2)) {
		it(`when it ${when}`, async () => {
			const { database, worker, site } = killable;
			const before = await listObjects(site.ctx);
			const release = await holdAt(name);
			const id = await publish(await wav());
			await waitForHeld(database);
			await worker.restart();
			await release();
			await assertMadeOnce(id, before);
			await deleteWhole(id, before);
		});
	}

	it('at any moment, several times in a row', async () => {
		const { worker, site } = killable;
		const before = await listObjects(site.ctx);
		const id = await publish(await wav(200));
		for (let times = 0; times < 4; times++) {
			await worker.started;
			await sleep(Math.random() * 2_000);
			await worker.restart();
		}
		await assertMadeOnce(id, before);
		await deleteWhole(id, before);
	});

	it('and both go when whoever removes them is killed in the middle', async () => {
		const { database, worker, site, alice } = killable;
		const before = await listObjects(site.ctx);
		const id = await publish(await wav());
		await assertMadeOnce(id, before);
		const release = await holdAt('removal');
		await deleteTrack(site.ctx, alice, id);
		await waitForHeld(database);
		await worker.restart();
		await release();
		await assertGone(id, before);
	});
});
