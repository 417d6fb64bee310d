import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import {
	checkOwnCatalogue,
	getCatalogueState,
	repairEverything
} from '#lib/server/catalogue/catalogue.ts';
import { resumeCatalogue } from '#lib/server/catalogue/request-check.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { startNetwork } from '../../dev/network/start-network.ts';
import { check, otherClient, problems, settled } from './catalogue-steps.ts';
import { listTrackRecords, type PublishingSite, startPublishingSite } from './publishing-site.ts';

describe('a catalogue in trouble', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let id: number;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		({ id } = await site.publish(alice.did, { fields: { title: 'kept' } }));
	});
	after(() => site.close());

	const state = () => getCatalogueState(site.ctx, alice);
	async function waitFor(isWanted: (now: Awaited<ReturnType<typeof state>>) => boolean) {
		for (let i = 0; i < 300; i++) {
			const now = await state();
			if (isWanted(now)) return now;
			await sleep(50);
		}
		return assert.fail(`it stays ${JSON.stringify(await state())}`);
	}
	const loseRecord = async () => (await otherClient(site.ctx, alice.did)).deletes(id);

	it('concludes nothing while the server does not answer, says so, and goes on by itself', async () => {
		const { pdsUrl } = site.network;
		await site.network.stop();
		await checkOwnCatalogue(site.ctx, alice);
		const { trouble, check: stage } = await waitFor(({ trouble: said }) => said !== null);
		assert.equal(stage, 'running');
		assert.match(
			trouble ?? '',
			/personal data server does not answer\. it is tried again by itself/
		);
		assert.deepEqual(await problems(site.ctx, alice), []);
		const dir = path.join(site.dataDir, '..', 'network');
		site.network = await startNetwork({ dir });
		assert.equal(site.network.pdsUrl, pdsUrl, 'it is back where it was');
		const report = await settled(site.ctx, alice);
		assert.deepEqual([report.records, report.problems], [1, 0]);
		assert.equal((await state()).trouble, null);
	});

	it('waits with repairs for a sign-in, and finishes after it', async () => {
		await loseRecord();
		await check(site.ctx, alice);
		await site.ctx.sql`delete from oauth_sessions`;
		await repairEverything(site.ctx, alice, { isConfirmed: true });
		await waitFor(({ needsSignIn }) => needsSignIn);
		assert.equal((await problems(site.ctx, alice)).length, 1);
		await site.signIn('alice');
		await resumeCatalogue(site.ctx, alice.did);
		await settled(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), []);
		assert.equal((await listTrackRecords(site.network.pdsUrl, alice.did)).length, 1);
	});

	it('also after one that came while it was being parked', async () => {
		await loseRecord();
		await check(site.ctx, alice);
		await site.ctx.sql`delete from oauth_sessions`;
		await repairEverything(site.ctx, alice, { isConfirmed: true });
		await waitFor(({ needsSignIn }) => needsSignIn);
		await site.signIn('alice');
		await settled(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), []);
	});

	it('is checked after a sign-in when the last check is older than a day, and not before', async () => {
		const checkedAt = async () => (await state()).report?.endedAt;
		const before = await checkedAt();
		await resumeCatalogue(site.ctx, alice.did);
		assert.equal((await state()).check, 'done', 'nothing is asked for');
		await site.ctx.sql`update catalogue_checks set checked_at = now() - interval '25 hours'`;
		await resumeCatalogue(site.ctx, alice.did);
		await settled(site.ctx, alice);
		assert.notEqual(await checkedAt(), before);
	});

	it('leaves alone what somebody is changing at that moment', async () => {
		await site.ctx.jobs.enqueueTrack(site.ctx.db, { trackId: id, task: 'sync' }, 600);
		const { title } = await trackRow(site.ctx, id);
		await (await otherClient(site.ctx, alice.did)).edits(id, { title: `${title}, half written` });
		assert.equal((await check(site.ctx, alice)).problems, 0);
		await site.ctx.sql`delete from pgboss.job where name = 'tracks'`;
		assert.equal((await check(site.ctx, alice)).problems, 1);
	});
});
