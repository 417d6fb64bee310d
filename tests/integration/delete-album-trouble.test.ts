import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { createAlbum } from '#lib/server/albums/create-album.ts';
import { deleteAlbum, listOwnAlbumDeletions } from '#lib/server/albums/delete-album.ts';
import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';
import { listRecordsOf } from './release-steps.ts';

describe('an album whose deletion meets trouble', { timeout: 180_000 }, () => {
	let site: PublishingSite;
	let alice: Viewer;
	/** what the PDS answers to a deletion; null: it does as it is told */
	let refusal: PdsRefusal | null = null;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		const { oauth } = site.ctx;
		const agentFor = oauth.agentFor.bind(oauth);
		oauth.agentFor = async (did) => {
			const agent = await agentFor(did);
			const { repo } = agent.com.atproto;
			const deleteRecord = repo.deleteRecord.bind(repo);
			repo.deleteRecord = (...call) => (refusal ? Promise.reject(refusal) : deleteRecord(...call));
			return agent;
		};
	});
	after(() => site.close());

	const rowOf = (id: string) =>
		site.ctx.db.selectFrom('albums').selectAll().where('id', '=', id).executeTakeFirst();

	async function waitUntil(what: string, look: () => Promise<boolean>): Promise<void> {
		const end = Date.now() + 30_000;
		while (!(await look())) {
			if (Date.now() > end) assert.fail(`it is not so: ${what}`);
			await sleep(100);
		}
	}
	const waitsFor = (id: string, code: string) =>
		waitUntil(code, async () => (await rowOf(id))?.waiting_code === code);
	const isGone = async (id: string) => {
		await waitUntil('the album is gone', async () => (await rowOf(id)) === undefined);
		assert.deepEqual(await listRecordsOf(site.network.pdsUrl, alice.did), []);
		assert.deepEqual(await listOwnAlbumDeletions(site.ctx, alice), []);
	};

	async function deleteRefused(title: string, status = 400): Promise<string> {
		refusal = new PdsRefusal(status, 'InvalidRequest', 'not today');
		const id = await createAlbum(site.ctx, alice, { title });
		await deleteAlbum(site.ctx, alice, id, { withTracks: false });
		return id;
	}

	for (const [status, code] of [
		[400, 'record_refused'],
		[403, 'permission_needed']
	] as const) {
		it(`is deleted after all when the PDS refuses with ${status} at first, and its artist knows`, async () => {
			const id = await deleteRefused('Refused', status);
			await waitsFor(id, code);
			await waitUntil('its job is to be repeated', async () => {
				const jobs = await site.ctx
					.sql`select 1 from pgboss.job where singleton_key = ${id} and state = 'retry'`;
				return jobs.length > 0;
			});
			assert.deepEqual(await listOwnAlbumDeletions(site.ctx, alice), [
				{ id, title: 'Refused', waiting: code }
			]);
			refusal = null;
			await isGone(id);
		});
	}

	it('is taken up again when its job is gone, whatever it waited for', async () => {
		const id = await deleteRefused('Forgotten');
		await waitsFor(id, 'record_refused');
		await waitUntil('its job is at rest', async () => {
			const { count } = await site.ctx
				.sql`delete from pgboss.job where name = 'albums' and state <> 'active'`;
			return count > 0;
		});
		refusal = null;
		await isGone(id);
	});

	it('and when it never had a record', async () => {
		const { id } = await site.ctx.db
			.insertInto('albums')
			.values({
				artist_did: alice.did,
				slug: 'named',
				title: 'Named',
				deletion: 'with_tracks',
				waiting_code: 'record_refused'
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		await isGone(id);
	});

	it('waits for the next sign-in when that has ended, and goes on by itself', async () => {
		const id = await deleteRefused('Signed out');
		await waitsFor(id, 'record_refused');
		await site.ctx.oauth.revoke(alice.did);
		await waitsFor(id, 'sign_in_again');
		const [waits] = await listOwnAlbumDeletions(site.ctx, alice);
		assert.equal(waits?.waiting, 'sign_in_again');
		refusal = null;
		await site.signIn('alice');
		await isGone(id);
	});
});
