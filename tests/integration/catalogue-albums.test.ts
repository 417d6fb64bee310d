import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { createAlbum } from '#lib/server/albums/create-album.ts';
import { whatIsWrong } from '#lib/catalogue/problem-words.ts';
import { repairEverything } from '#lib/server/catalogue/catalogue.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { check, otherClient, problems, settled } from './catalogue-steps.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';

const LISTS = 'fm.plyr.dev.list';

describe('albums of a catalogue', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let rkey: string;
	let uris: string[];
	let tracks: number[];

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		tracks = [];
		for (const title of ['one', 'two', 'three']) {
			tracks.push((await site.publish(alice.did, { fields: { title, album: 'All of them' } })).id);
		}
		uris = await Promise.all(tracks.map(async (id) => (await trackRow(site.ctx, id)).record_uri));
		await createAlbum(site.ctx, alice, { title: 'All of them' });
		rkey = (await listed()).rkey ?? '';
		await eventually(async () => assert.ok(await record()));
	});
	after(() => site.close());

	const listed = () =>
		site.ctx.db.selectFrom('albums').selectAll().limit(1).executeTakeFirstOrThrow();
	const repo = async () => (await site.ctx.oauth.agentFor(alice.did)).com.atproto.repo;
	const address = () => ({ repo: alice.did, collection: LISTS, rkey });
	async function record(): Promise<Record<string, unknown> | null> {
		const answer = await (await repo()).getRecord(address()).catch(() => null);
		return answer && answer.data.value;
	}
	const put = async (value: Record<string, unknown>) =>
		(await repo()).putRecord({ ...address(), record: value, validate: false });
	const namedBy = (value: Record<string, unknown> | null) =>
		((value?.['items'] ?? []) as { subject: { uri: string } }[]).map((item) => item.subject.uri);

	async function eventually(assertion: () => Promise<void>): Promise<void> {
		for (let i = 0; i < 200; i++) {
			const holds = await assertion().then(
				() => true,
				() => false
			);
			if (holds) return;
			await sleep(100);
		}
		await assertion();
	}
	const only = async () => {
		await check(site.ctx, alice);
		const [problem, ...others] = await problems(site.ctx, alice);
		assert.deepEqual(others, []);
		return problem ?? assert.fail('nothing was found');
	};
	const repairAll = async () => {
		await repairEverything(site.ctx, alice, { isConfirmed: true });
		await settled(site.ctx, alice);
	};
	const assertClean = async () => {
		await eventually(async () => {
			const album = await listed();
			assert.ok(album.sync_done >= album.sync_wanted);
		});
		const report = await check(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), []);
		return report;
	};

	it('are counted, and are in order when they are', async () => {
		assert.equal((await assertClean()).albums, 1);
	});

	it('have a record that was deleted written again under its key, with its tracks in order', async () => {
		await (await repo()).deleteRecord(address());
		const problem = await only();
		assert.deepEqual([problem.kind, problem.title], ['album_record_missing', 'All of them']);
		assert.match(whatIsWrong(problem), /is not in your repository/);
		await repairAll();
		await eventually(async () => assert.deepEqual(namedBy(await record()), uris));
		await assertClean();
	});

	it('say what their record says after another program has changed it', async () => {
		const before = await record();
		await put({
			...before,
			name: 'Renamed elsewhere',
			items: [...(before?.['items'] as [])].reverse()
		});
		assert.equal((await only()).kind, 'album_differs');
		await repairAll();
		assert.equal((await listed()).title, 'Renamed elsewhere');
		const order = await site.ctx.sql`
			select id from tracks where album_id is not null order by album_position`;
		assert.deepEqual(
			order.map((row) => Number(row['id'])),
			[...tracks].reverse()
		);
		await assertClean();
	});

	it('no longer list a track that is gone', async () => {
		const gone = tracks[0] ?? 0;
		await (await otherClient(site.ctx, alice.did)).deletes(gone);
		await site.ctx.db.deleteFrom('tracks').where('id', '=', gone).execute();
		const problem = await only();
		assert.deepEqual([problem.kind, problem.detail], ['album_lists_gone', { gone: 1 }]);
		await repairAll();
		await eventually(async () =>
			assert.equal(namedBy(await record()).includes(uris[0] ?? ''), false)
		);
		assert.equal(namedBy(await record()).length, 2);
		await assertClean();
	});

	it('are listed again when there is no row of them', async () => {
		await site.ctx.sql`update tracks set album_id = null`;
		await site.ctx.sql`delete from albums`;
		assert.equal((await only()).kind, 'album_not_listed');
		await repairAll();
		assert.equal((await listed()).title, 'Renamed elsewhere');
		await assertClean();
	});
});
