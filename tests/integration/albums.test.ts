import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeAlbum, changeOfWholeOrder } from '#lib/server/albums/change-album.ts';
import { createAlbum } from '#lib/server/albums/create-album.ts';
import { deleteAlbum } from '#lib/server/albums/delete-album.ts';
import { syncAlbum } from '#lib/server/albums/sync-album.ts';
import { finishDeletion } from '#lib/server/albums/finish-deletion.ts';
import { ensureReleaseAlbum } from '#lib/server/albums/release-album.ts';
import { DomainError } from '#lib/server/errors.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease } from '#lib/server/releases/releases.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { syncTrack } from '#lib/server/tracks/sync-track.ts';
import { editTrack } from '#lib/server/tracks/edit-track.ts';
import {
	anyPitch,
	type ListedRecord,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';
import { otherClient } from './catalogue-steps.ts';
import { dropFiles, waitForRelease } from './release-steps.ts';

const TRACKS = 8;

interface ListValue {
	name: string;
	createdAt: string;
	items: { subject: { uri: string; cid: string } }[];
	[field: string]: unknown;
}

describe('an album in its artist’s repository', { timeout: 180_000 }, () => {
	let site: PublishingSite;
	let did: string;
	let alice: Viewer;
	before(async () => {
		site = await startPublishingSite();
		did = await site.signIn('alice');
		alice = { did, handle: 'alice.test', displayName: 'alice the artist', avatarUrl: null };
	});
	after(() => site.close());

	async function lists(): Promise<(ListedRecord & { value: ListValue })[]> {
		const url = new URL('/xrpc/com.atproto.repo.listRecords', site.network.pdsUrl);
		url.searchParams.set('repo', did);
		url.searchParams.set('collection', 'fm.plyr.dev.list');
		const { records } = (await (await fetch(url)).json()) as { records: never[] };
		return records;
	}
	const listNamed = async (name: string) =>
		(await lists()).find(({ value }) => value.name === name);

	/** The titles of the tracks on a record, in its order. */
	async function titlesOn(record: { value: ListValue } | undefined): Promise<string[]> {
		const tracks = await site.ctx.db.selectFrom('tracks').select(['record_uri', 'title']).execute();
		const titles = new Map(tracks.map((track) => [track.record_uri, track.title]));
		return (record?.value.items ?? []).map(({ subject }) => titles.get(subject.uri) ?? subject.uri);
	}

	async function waitFor<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
		const end = Date.now() + 20_000;
		for (;;) {
			const found = await look();
			if (found) return found;
			if (Date.now() > end) throw new Error(`it is not so: ${what}`);
			await sleep(100);
		}
	}

	const rowOf = (id: string) =>
		site.ctx.db.selectFrom('albums').selectAll().where('id', '=', id).executeTakeFirst();
	const inSync = (id: string) =>
		waitFor('the album is in sync', async () => {
			const row = await rowOf(id);
			return row && row.sync_done >= row.sync_wanted ? row : undefined;
		});

	async function publishTrack(title: string): Promise<number> {
		const bytes = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const id = await site.send(did, { bytes, fileName: `${title}.mp3`, fields: { title } });
		return (await waitForUpload(site.ctx, id)).track_id ?? 0;
	}

	const ensure = (about: Parameters<typeof ensureReleaseAlbum>[1]) =>
		site.ctx.db.transaction().execute((trx) => ensureReleaseAlbum(trx, about));

	/** Writes the record as another program of the artist would. */
	async function writeElsewhere(record: ListedRecord, change: Record<string, unknown>) {
		const agent = await site.ctx.oauth.agentFor(did);
		await agent.com.atproto.repo.putRecord({
			repo: did,
			collection: 'fm.plyr.dev.list',
			rkey: record.uri.split('/').at(-1) ?? '',
			record: { ...record.value, ...change }
		});
	}

	it('has its tracks in the order of the release, whichever was finished first, in few writes', async () => {
		const { ctx } = site;
		const about = { did, title: 'Parallel', description: 'words', year: null, imageId: null };
		const albumId = await ensure(about);
		const again = await ensure({ ...about, title: 'parallel', description: 'other words' });
		assert.equal(again, albumId, 'a retry makes no second album');
		const positions = Array.from({ length: TRACKS }, (_, n) => n + 1);
		const names = positions.map((n) => `song ${n}`);
		const id = await createRelease(ctx, alice);
		const files = await Promise.all(
			names.map(async (name, n) => ({
				fileName: `${name}.mp3`,
				bytes: await makeSample('mp3', { seconds: 1 + ((n * 3) % 5), hertz: anyPitch() })
			}))
		);
		const shuffled = [4, 1, 7, 0, 6, 2, 5, 3].flatMap((n) => files[n] ?? []);
		await dropFiles(ctx, did, id, shuffled);
		const fields = { album_title: 'Parallel', year: 2026 };
		await changeRelease(ctx, alice, id, { fields, rights_confirmed: true });
		await publishRelease(ctx, alice, id);
		const done = await waitForRelease(ctx, alice, id, ['completed'], 90_000);
		assert.equal(done.album?.id, albumId);
		await inSync(albumId);
		const record = await listNamed('Parallel');
		assert.deepEqual(await titlesOn(record), names);
		assert.partialDeepStrictEqual(record?.value, {
			$type: 'fm.plyr.dev.list',
			listType: 'album',
			year: 2026,
			description: 'words'
		});
		const row = await rowOf(albumId);
		assert.deepEqual([row?.record_uri, row?.record_cid], [record?.uri, record?.cid]);
		const writes = site.logged.filter(({ event }) => event === 'album_record_written').length;
		assert.ok(writes < TRACKS, `${writes} writes`);
	});

	it('is changed without losing what another program added to it', async () => {
		const id = await createAlbum(site.ctx, alice, { title: 'Shared', description: 'ours' });
		const first = await listNamed('Shared');
		assert.ok(first);
		const foreign = {
			subject: { uri: 'at://did:plc:bob/fm.plyr.dev.track/3lbk2aaaaaa2a', cid: first.cid },
			note: 'theirs'
		};
		await writeElsewhere(first, { mood: { colour: 'blue' }, items: [foreign] });
		const [a, b] = [await publishTrack('a'), await publishTrack('b')];
		await changeAlbum(site.ctx, alice, id, { title: 'Shared again', year: 1999, order: [a, b] });
		const changed = await listNamed('Shared again');
		assert.equal(changed?.uri, first.uri);
		assert.partialDeepStrictEqual(changed.value, {
			mood: { colour: 'blue' },
			year: 1999,
			description: 'ours',
			createdAt: first.value.createdAt
		});
		assert.deepEqual(changed.value.items[0], foreign);
		assert.deepEqual((await titlesOn(changed)).slice(1), ['a', 'b']);
		assert.equal((await rowOf(id))?.slug, 'shared-again');

		await changeAlbum(site.ctx, alice, id, await changeOfWholeOrder(site.ctx, id, [b, a]));
		await changeAlbum(site.ctx, alice, id, { description: null });
		const reordered = await listNamed('Shared again');
		assert.deepEqual((await titlesOn(reordered)).slice(1), ['b', 'a']);
		assert.deepEqual(reordered?.value.items[0], foreign, 'in its place');
		assert.equal(reordered.value['description'], undefined);

		await changeAlbum(site.ctx, alice, id, { removed: [b] });
		assert.deepEqual((await titlesOn(await listNamed('Shared again'))).slice(1), ['a']);
	});

	it('has its tracks’ own records follow when it is renamed, and nothing else in them', async () => {
		const { ctx } = site;
		const bytes = () => makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const [ours, theirs] = [0, 1].map(async (n) => {
			const file = { bytes: await bytes(), fields: { title: `named ${n}`, album: 'First Name' } };
			return (await site.publish(did, file)).id;
		});
		const elsewhere = await otherClient(ctx, did);
		const [a, b] = [(await ours) ?? 0, (await theirs) ?? 0];
		const id = await createAlbum(ctx, alice, { title: 'First Name' });
		await inSync(id);
		await elsewhere.edits(a, { mood: { colour: 'blue' } });
		await elsewhere.edits(b, { album: 'a word of theirs' });
		const before = await elsewhere.read(a);
		// the second is asked for while the first is still on its way through the tracks
		await changeAlbum(ctx, alice, id, { title: 'Second Name' });
		await changeAlbum(ctx, alice, id, { title: 'Third Name' });
		await waitFor('the track says so', async () => {
			return (await elsewhere.read(a))['album'] === 'Third Name';
		});
		assert.deepEqual(await elsewhere.read(a), { ...before, album: 'Third Name' });
		assert.equal((await elsewhere.read(b))['album'], 'a word of theirs');
		const { named_album: indexed } = await waitFor('the index says so', async () => {
			const row = await ctx.db
				.selectFrom('tracks')
				.select(['named_album', 'album_id'])
				.where('id', '=', a)
				.executeTakeFirstOrThrow();
			assert.equal(row.album_id, id, 'it stays in the album');
			return row.named_album === 'Third Name' && row;
		});
		assert.equal(indexed, 'Third Name');
		await waitFor('the other track was looked at', () =>
			Promise.resolve(
				site.logged.some(({ event, trackId }) => event === 'track_changed' && trackId === b)
			)
		);
		await inSync(id);
		const names = await titlesOn(await listNamed('Third Name'));
		assert.deepEqual(names.sort(), ['named 0', 'named 1'], 'in the order they were finished');
	});

	it('keeps a change another program made at the same moment', async () => {
		const id = await createAlbum(site.ctx, alice, { title: 'Contested' });
		const record = await listNamed('Contested');
		assert.ok(record);
		const { oauth } = site.ctx;
		let interfered = false;
		const meddling = {
			...site.ctx,
			oauth: {
				...oauth,
				agentFor: async (who: string) => {
					const agent = await oauth.agentFor(who);
					const put = agent.com.atproto.repo.putRecord.bind(agent.com.atproto.repo);
					agent.com.atproto.repo.putRecord = async (...args) => {
						if (!interfered) {
							interfered = true;
							await writeElsewhere(record, { description: 'written in between' });
						}
						return await put(...args);
					};
					return agent;
				}
			}
		};
		await changeAlbum(meddling, alice, id, { year: 2001 });
		assert.ok(interfered);
		const { value } = (await listNamed('Contested')) ?? record;
		assert.partialDeepStrictEqual(value, { description: 'written in between', year: 2001 });
		assert.equal((await rowOf(id))?.description, 'written in between');
	});

	it('is not taken back by what was kept for its record before', async () => {
		const { ctx } = site;
		const id = await createAlbum(ctx, alice, { title: 'Early' });
		await inSync(id);
		await ctx.db
			.updateTable('albums')
			.set({ kept_change: JSON.stringify({ title: 'Kept', year: 1999 }) })
			.set((eb) => ({ sync_wanted: eb('sync_wanted', '+', 1) }))
			.where('id', '=', id)
			.execute();
		let isChanged = false;
		const agentFor = async (who: string) => {
			const agent = await ctx.oauth.agentFor(who);
			// the job has read the row by now, and reads the record after the artist's change
			if (!isChanged) await changeAlbum(ctx, alice, id, { title: 'Late' });
			isChanged = true;
			return agent;
		};
		await syncAlbum({ ...ctx, oauth: { ...ctx.oauth, agentFor } }, id);
		assert.ok(isChanged);
		assert.equal((await rowOf(id))?.title, 'Late');
		assert.equal((await listNamed('Late'))?.value['year'], 1999, 'what was kept is in it');
	});

	/** Two tracks on a record; the first was taken off it, and the index does not know it yet. */
	async function takenOff(title: string) {
		const order = [await publishTrack(`${title} 1`), await publishTrack(`${title} 2`)];
		const id = await createAlbum(site.ctx, alice, { title, order });
		await inSync(id);
		const record = (await listNamed(title)) ?? assert.fail();
		const takeOff = () => writeElsewhere(record, { items: record.value.items.slice(1) });
		return { id, order, takeOff };
	}
	const tracksIn = async (id: string) =>
		(
			await site.ctx.db
				.selectFrom('tracks')
				.select('title')
				.where('album_id', '=', id)
				.orderBy('album_position')
				.execute()
		).map((track) => track.title);
	const wantSync = (id: string) =>
		site.ctx.db
			.updateTable('albums')
			.set((eb) => ({ sync_wanted: eb('sync_wanted', '+', 1) }))
			.where('id', '=', id)
			.execute();

	it('does not get back a track that was taken off it, before the index knows', async () => {
		const { id, takeOff } = await takenOff('Taken');
		await takeOff();
		await wantSync(id);
		await syncAlbum(site.ctx, id);
		assert.deepEqual(await titlesOn(await listNamed('Taken')), ['Taken 2']);
		assert.deepEqual(await tracksIn(id), ['Taken 2']);
	});

	it('is not indexed as it was before a change that came while it was read', async () => {
		const { ctx } = site;
		const { id, order } = await takenOff('Stale');
		let isChanged = false;
		const agentFor = async (who: string) => {
			const agent = await ctx.oauth.agentFor(who);
			const get = agent.com.atproto.repo.getRecord.bind(agent.com.atproto.repo);
			agent.com.atproto.repo.getRecord = async (...args) => {
				const read = await get(...args);
				if (isChanged) return read;
				isChanged = true;
				await changeAlbum(ctx, alice, id, { order: order.slice(1), removed: order.slice(0, 1) });
				// as if it had been wanted by the time this began
				await ctx.db
					.updateTable('albums')
					.set({ sync_wanted: 1_000, sync_done: 0 })
					.where('id', '=', id)
					.execute();
				return read;
			};
			return agent;
		};
		await ctx.db.updateTable('albums').set({ sync_wanted: 1_000 }).where('id', '=', id).execute();
		await syncAlbum({ ...ctx, oauth: { ...ctx.oauth, agentFor } }, id);
		assert.ok(isChanged);
		assert.deepEqual(await tracksIn(id), ['Stale 2']);
		assert.deepEqual(await titlesOn(await listNamed('Stale')), ['Stale 2']);
	});

	it('agrees with the index again when the process died between the two', async () => {
		const id = await createAlbum(site.ctx, alice, { title: 'Interrupted' });
		const transaction = site.ctx.db.transaction.bind(site.ctx.db);
		let calls = 0;
		const dying = new Proxy(site.ctx.db, {
			get(db, name) {
				if (name === 'transaction') {
					// the first one begins the change, the second one would index it
					return () => {
						if (++calls > 1) throw new Error('killed');
						return transaction();
					};
				}
				const value: unknown = Reflect.get(db, name, db);
				return typeof value === 'function' ? (value.bind(db) as unknown) : value;
			}
		});
		const change = changeAlbum({ ...site.ctx, db: dying }, alice, id, { title: 'Survived' });
		await assert.rejects(change, /killed/);
		assert.ok(await listNamed('Survived'), 'the record is written');
		assert.equal((await rowOf(id))?.title, 'Interrupted');
		await waitFor('the index follows', async () => (await rowOf(id))?.title === 'Survived');
		assert.equal((await lists()).filter(({ value }) => value.name === 'Survived').length, 1);
	});

	it('is looked at once more after an edit, also when somebody has found meanwhile that all is well', async () => {
		const { ctx } = site;
		const id = await createAlbum(ctx, alice, { title: 'Looked At' });
		await changeAlbum(ctx, alice, id, { year: 1998 });
		await inSync(id);
		const record = await listNamed('Looked At');
		assert.ok(record);
		// as if the edit had only been written now, by a process that died before it could tell the index
		await writeElsewhere(record, { name: 'Written Late' });
		await waitFor('the index knows', async () => (await rowOf(id))?.title === 'Written Late');
	});

	it('is refused with a sentence when it does not fit, and nothing is changed', async () => {
		const id = await createAlbum(site.ctx, alice, { title: 'Strict' });
		const bob: Viewer = { ...alice, did: 'did:plc:bob' };
		const before = await lists();
		const cases: [() => Promise<unknown>, number, string | RegExp][] = [
			[() => createAlbum(site.ctx, alice, { title: ' ' }), 422, 'an album needs a title'],
			[() => changeAlbum(site.ctx, alice, id, { title: 'x'.repeat(65) }), 422, /at most 64/],
			[() => changeAlbum(site.ctx, alice, id, { year: 26 }), 422, /four digits/],
			[() => changeAlbum(site.ctx, alice, id, { order: [987654] }), 422, /tracks of your own/],
			[() => changeAlbum(site.ctx, alice, id, { imageId: 'f'.repeat(16) }), 422, /no picture/],
			[() => changeAlbum(site.ctx, bob, id, { title: 'x' }), 403, /your own albums/],
			[() => changeAlbum(site.ctx, alice, randomUUID(), {}), 404, 'album not found'],
			[() => changeAlbum(site.ctx, alice, 'nonsense', {}), 404, 'album not found'],
			[() => deleteAlbum(site.ctx, bob, id, { withTracks: true }), 403, /your own albums/]
		];
		for (const [act, status, message] of cases) {
			await assert.rejects(act, { status, message });
		}
		assert.deepEqual(await lists(), before);
	});

	it('is deleted with its record; its tracks stay, or go too', async () => {
		const track = await publishTrack('left alone');
		const kept = await createAlbum(site.ctx, alice, { title: 'Shell' });
		await changeAlbum(site.ctx, alice, kept, { order: [track] });
		await deleteAlbum(site.ctx, alice, kept, { withTracks: false });
		// at once, whether or not a job has been at it
		const whole = await createAlbum(site.ctx, alice, { title: 'Whole' });
		await changeAlbum(site.ctx, alice, whole, { order: [track] });
		await waitFor('the album is gone', async () => !(await rowOf(kept)));
		assert.equal(await listNamed('Shell'), undefined);
		const { ctx } = site;
		const visibility = async () =>
			(await ctx.db
				.selectFrom('tracks')
				.select('visibility')
				.where('id', '=', track)
				.executeTakeFirst()) ?? { visibility: 'gone' };
		assert.equal((await visibility()).visibility, 'public');
		const inWhole = () =>
			ctx.db.selectFrom('tracks').select('id').where('album_id', '=', whole).execute();
		await waitFor('it has moved', async () => (await inWhole())[0]?.id === track);

		await deleteAlbum(site.ctx, alice, whole, { withTracks: true });
		await waitFor('the album is gone', async () => !(await rowOf(whole)));
		assert.equal(await listNamed('Whole'), undefined);
		assert.notEqual((await visibility()).visibility, 'public');
	});

	it('is not gone before the tracks it leaves behind have its new title: else they would name it anew', async () => {
		const { ctx } = site;
		const bytes = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const file = { bytes, fields: { title: 'left behind', album: 'Leaving' } };
		const { id: trackId } = await site.publish(did, file);
		const id = await createAlbum(ctx, alice, { title: 'Leaving' });
		await inSync(id);
		const job = { trackId, task: 'name_album', former: 'Leaving' } as const;
		const jobId = await ctx.jobs.enqueueTrack(ctx.db, job, 600);
		const row = { ...((await rowOf(id)) ?? assert.fail()), deletion: 'keep_tracks' as const };
		await assert.rejects(
			finishDeletion(ctx, row),
			(cause) => cause instanceof DomainError && cause.code === 'album_changing'
		);
		assert.ok(await rowOf(id), 'its job tries again');
		await ctx.jobs.cancelTrack(ctx.db, jobId);
		await finishDeletion(ctx, row);
		assert.equal(await rowOf(id), undefined);
	});

	it('gives a track to another one that its artist has taken out of it, before the record is written', async () => {
		const { ctx } = site;
		const track = await publishTrack('moved over');
		const from = await createAlbum(ctx, alice, { title: 'From' });
		await changeAlbum(ctx, alice, from, { order: [track] });
		const to = await createAlbum(ctx, alice, { title: 'To' });
		const isElsewhere = (cause: unknown) =>
			cause instanceof DomainError && cause.code === 'track_in_other_album';
		await assert.rejects(changeAlbum(ctx, alice, to, { order: [track] }), isElsewhere);
		await ctx.db
			.updateTable('albums')
			.set({ kept_change: JSON.stringify({ removed: [track] }) })
			.where('id', '=', from)
			.execute();
		await changeAlbum(ctx, alice, to, { order: [track] });
	});

	it('takes along, too, what comes into it while it is being deleted', async () => {
		const { ctx } = site;
		const [early, late] = [await publishTrack('early'), await publishTrack('late')];
		const id = await createAlbum(ctx, alice, { title: 'Closing' });
		await changeAlbum(ctx, alice, id, { order: [early] });
		const row = (await rowOf(id)) ?? assert.fail();
		const enqueueTrack: typeof ctx.jobs.enqueueTrack = async (trx, job) => {
			if (job.trackId === early) {
				const into = { album_id: id, album_position: 2 };
				await ctx.db.updateTable('tracks').set(into).where('id', '=', late).execute();
			}
			return await ctx.jobs.enqueueTrack(trx, job);
		};
		await finishDeletion(
			{ ...ctx, jobs: { ...ctx.jobs, enqueueTrack } },
			{ ...row, deletion: 'with_tracks' }
		);
		assert.equal(await rowOf(id), undefined);
		await waitFor('both are gone', async () => {
			const left = await ctx.db
				.selectFrom('tracks')
				.select('id')
				.where('id', 'in', [early, late])
				.execute();
			return left.length === 0;
		});
	});

	it('follows what its artist says of a track, in the track’s own form, and its deletion', async () => {
		const { ctx } = site;
		const song = await publishTrack('wanderer');
		const other = await publishTrack('settler');
		const first = await createAlbum(ctx, alice, { title: 'Here' });
		await changeAlbum(ctx, alice, first, { order: [song, other] });
		await editTrack(ctx, alice, song, { wanted: { album: 'There' } });
		await waitFor('it has moved', async () => {
			const [here, there] = [await listNamed('Here'), await listNamed('There')];
			const titles = [await titlesOn(here), await titlesOn(there)];
			return JSON.stringify(titles) === '[["settler"],["wanderer"]]';
		});
		// an edit whose answer was lost: written, never entered, and saved once more by its artist
		const elsewhere = await otherClient(ctx, did);
		await elsewhere.edits(song, { album: 'Elsewhere' });
		await editTrack(ctx, alice, song, { wanted: { album: 'Elsewhere' } });
		await syncTrack(ctx, { trackId: song, namedBefore: 'There' });
		await waitFor('it has moved once more', async () => {
			return (await titlesOn(await listNamed('Elsewhere'))).includes('wanderer');
		});
		await editTrack(ctx, alice, song, { wanted: { album: 'There' } });
		await waitFor('it is back', async () => {
			return (await titlesOn(await listNamed('There'))).includes('wanderer');
		});
		await editTrack(ctx, alice, song, { wanted: { album: '' } });
		await waitFor(
			'it is in none',
			async () => (await listNamed('There'))?.value.items.length === 0
		);
		await editTrack(ctx, alice, song, { wanted: { album: 'Here' } });
		await waitFor('it is back, at the end', async () => {
			const titles = await titlesOn(await listNamed('Here'));
			return titles.join() === 'settler,wanderer';
		});
		await deleteTrack(ctx, alice, other);
		await waitFor('the deleted one is off the list', async () => {
			const titles = await titlesOn(await listNamed('Here'));
			return titles.join() === 'wanderer';
		});
		await inSync(first);
	});

	it('that was deleted elsewhere goes from here when it is next changed', async () => {
		const id = await createAlbum(site.ctx, alice, { title: 'Foreign end' });
		const agent = await site.ctx.oauth.agentFor(did);
		const record = await listNamed('Foreign end');
		await agent.com.atproto.repo.deleteRecord({
			repo: did,
			collection: 'fm.plyr.dev.list',
			rkey: record?.uri.split('/').at(-1) ?? ''
		});
		const change = changeAlbum(site.ctx, alice, id, { year: 2000 });
		await assert.rejects(change, { status: 404, message: 'album not found' });
		assert.equal(await rowOf(id), undefined);
		assert.equal(await listNamed('Foreign end'), undefined);
	});
});
