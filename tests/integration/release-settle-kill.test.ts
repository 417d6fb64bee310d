import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease } from '#lib/server/releases/releases.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addHold, addStageHold, waitForHeld } from './killable-worker.ts';
import { dropFiles, settledAt, sixFlacs, waitForAlbum, waitForRelease } from './release-steps.ts';

const RECOVERY_LIMIT_MS = 60_000;

describe('a worker that is killed while it settles a release', { timeout: 240_000 }, () => {
	let killable: KillableSite;
	let database: KillableSite['database'];
	let site: KillableSite['site'];
	let alice: KillableSite['alice'];
	let worker: KillableSite['worker'];
	before(async () => {
		killable = await startKillableSite();
		({ database, site, alice, worker } = killable);
	});
	after(() => killable.close());

	/** Publishes three files at once, the last of the album first. */
	async function publish(album: string): Promise<string> {
		const id = await createRelease(site.ctx, alice);
		await changeRelease(site.ctx, alice, id, { rights_confirmed: true });
		await dropFiles(site.ctx, alice.did, id, (await sixFlacs(album)).slice(3));
		await publishRelease(site.ctx, alice, id);
		return id;
	}

	async function assertWhole(id: string, album: string): Promise<void> {
		const done = await waitForRelease(site.ctx, alice, id, ['completed'], RECOVERY_LIMIT_MS);
		const titles = [1, 2, 3].map((n) => `${album} ${n}`);
		const { id: albumId } = await waitForAlbum(site, alice.did, album, titles);
		assert.equal(done.album?.id, albumId);
	}

	it('before anybody knows of it, leaves it to the next one', async () => {
		const hold = await addHold(
			database,
			'settling',
			'update on uploads',
			'new.release_position is distinct from old.release_position'
		);
		const release = await hold();
		const id = await publish('Half');
		await waitForHeld(database);
		await worker.restart();
		await release();
		await assertWhole(id, 'Half');
	});

	it('and has just written it down, leaves the rest to the next one', async () => {
		const hold = await addStageHold(database, 'stored');
		const release = await hold();
		const id = await publish('Whole');
		await waitForHeld(database);
		const settled = await settledAt(site.ctx, id);
		assert.ok(settled);
		await worker.restart();
		await release();
		await assertWhole(id, 'Whole');
		assert.deepEqual(await settledAt(site.ctx, id), settled, 'it is settled once');
	});
});
