import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { whatIsWrong, whatRepairDoes } from '#lib/catalogue/problem-words.ts';
import { repairEverything, repairOwnProblem } from '#lib/server/catalogue/catalogue.ts';
import { answerBroken, answerRestoreRecord } from '#lib/server/catalogue/catalogue-api.ts';
import { DomainError } from '#lib/server/errors.ts';
import { editTrack } from '#lib/server/tracks/edit-track.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { check, otherClient, problems, settled } from './catalogue-steps.ts';
import { listTrackRecords, type PublishingSite, startPublishingSite } from './publishing-site.ts';

describe('a catalogue whose records are not as they ought to be', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let elsewhere: Awaited<ReturnType<typeof otherClient>>;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		elsewhere = await otherClient(site.ctx, alice.did);
	});
	after(() => site.close());

	const publish = async (fields = {}) => (await site.publish(alice.did, { fields })).id;
	const row = (id: number) => trackRow(site.ctx, id);
	const found = () => problems(site.ctx, alice);
	const only = async () => {
		const [problem, ...others] = await found();
		assert.deepEqual(others, []);
		return problem ?? assert.fail('nothing was found');
	};
	const repair = async (
		id: number,
		wish: { choice?: 'record' | 'ours'; isConfirmed?: boolean }
	) => {
		await repairOwnProblem(site.ctx, alice, id, { isConfirmed: true, ...wish });
		await settled(site.ctx, alice);
	};
	const recordAt = async (uri: string) =>
		(await listTrackRecords(site.network.pdsUrl, alice.did)).find((one) => one.uri === uri);
	const assertClean = async () => {
		const report = await check(site.ctx, alice);
		assert.deepEqual(await found(), []);
		assert.equal(report.problems, 0);
		return report;
	};
	const logged = (event: string) => site.logged.filter((line) => line['event'] === event);

	it('is found to be in order when it is', async () => {
		await publish({ album: 'Tones', tags: ['tape'], isExplicit: true, description: 'as it was' });
		const report = await assertClean();
		assert.deepEqual([report.records, report.tracks, report.objects], [1, 1, 1]);
	});

	it('has a record that was deleted written again under its own key, with its first date', async () => {
		const id = await publish({ title: 'lost', tags: ['tape'], isUnlisted: true });
		const before = await recordAt((await row(id)).record_uri);
		await elsewhere.deletes(id);
		await check(site.ctx, alice);
		const problem = await only();
		assert.deepEqual(
			[problem.kind, problem.trackId, problem.title],
			['record_missing', id, 'lost']
		);
		assert.match(whatIsWrong(problem), /not in your repository: it cannot be liked/);
		const { tracks, count } = await answerBroken(site.ctx, alice);
		assert.deepEqual([count, tracks[0]?.id, tracks[0]?.problems[0]?.kind], [1, id, problem.kind]);
		await repair(problem.id, {});
		assert.deepEqual((await recordAt((await row(id)).record_uri))?.value, before?.value);
		assert.match(JSON.stringify(logged('record_written')), /repair: it was missing/);
		await assertClean();
	});

	it('says which fields differ, and takes the record’s version when nothing else is chosen', async () => {
		const id = await publish({ title: 'from here', description: 'stays' });
		await elsewhere.edits(id, { title: 'from elsewhere', tags: ['New'], mood: 'blue' });
		await check(site.ctx, alice);
		const problem = await only();
		assert.deepEqual(problem.detail.differences, [
			{ field: 'title', record: 'from elsewhere', index: 'from here' },
			{ field: 'tags', record: 'new', index: '' }
		]);
		assert.match(whatIsWrong(problem), /something else than its page here: title, tags$/);
		await assert.rejects(
			repairOwnProblem(site.ctx, alice, problem.id, { isConfirmed: false }),
			(cause) => cause instanceof DomainError && cause.code === 'not_confirmed'
		);
		const before = await recordAt((await row(id)).record_uri);
		await repair(problem.id, {});
		const now = await row(id);
		assert.deepEqual([now.title, now.tags, now.description], ['from elsewhere', ['new'], 'stays']);
		assert.equal(now.record_cid, before?.cid, 'nothing was written');
		await assertClean();
	});

	it('writes ours into the record when that is chosen, and keeps what others added', async () => {
		const id = await publish({ title: 'ours', description: 'ours too' });
		const first = await elsewhere.read(id);
		await elsewhere.edits(id, {
			title: 'theirs',
			description: undefined,
			mood: { blue: [1, 2] },
			createdAt: '2020-01-01T00:00:00.000Z'
		});
		await check(site.ctx, alice);
		const problem = await only();
		const fields = problem.detail.differences?.map(({ field }) => field);
		assert.deepEqual(fields, ['title', 'description', 'createdAt']);
		await repair(problem.id, { choice: 'ours' });
		const now = await row(id);
		const record = await recordAt(now.record_uri);
		assert.deepEqual(record?.value, { ...first, mood: { blue: [1, 2] } });
		assert.equal(now.record_cid, record.cid);
		await assertClean();
	});

	it('never takes audio that is not ours, and offers to write ours', async () => {
		const id = await publish({ title: 'pointed elsewhere' });
		const first = await elsewhere.read(id);
		await elsewhere.edits(id, { audioUrl: 'https://elsewhere.example.org/a.mp3' });
		await check(site.ctx, alice);
		const problem = await only();
		assert.equal(problem.detail.cannotTake, 'other_audio');
		await repair(problem.id, {});
		assert.deepEqual(await elsewhere.read(id), first);
		await assertClean();
	});

	it('mends a record that cannot be read, and keeps what others added', async () => {
		const id = await publish({ title: 'unreadable', tags: ['kept'] });
		const first = await elsewhere.read(id);
		await elsewhere.edits(id, { title: 7, duration: 'long', mood: 'blue' });
		await check(site.ctx, alice);
		const problem = await only();
		assert.equal(problem.kind, 'record_unreadable');
		assert.match(whatIsWrong(problem), /cannot be read as a track \(.*title/);
		await repair(problem.id, {});
		assert.deepEqual(await elsewhere.read(id), { ...first, mood: 'blue' });
		await assertClean();
	});

	it('lists a record again that no row is about, and leaves others alone', async () => {
		const id = await publish({ title: 'without a row', tags: ['found'] });
		const { record_uri: uri, created_at: createdAt } = await row(id);
		await site.ctx.db.deleteFrom('tracks').where('id', '=', id).execute();
		const stranger = { ...(await elsewhere.read(await publish())), title: 'a stranger' };
		const other = await elsewhere.writes('3kaaaaaaaaaa2', {
			...stranger,
			audioUrl: 'https://elsewhere.example.org/b.mp3'
		});
		const twin = await elsewhere.writes('3kaaaaaaaaab2', stranger);
		const odd = await elsewhere.writes('3kaaaaaaaaac2', { $type: 'fm.plyr.dev.track', a: 1 });
		const report = await check(site.ctx, alice);
		assert.deepEqual(
			report.leftAlone.map((one) => [one.uri, one.why]).sort(),
			[
				[other, 'other_audio'],
				[twin, 'same_audio'],
				[odd, 'unreadable']
			].sort()
		);
		const problem = await only();
		assert.deepEqual(
			[problem.kind, problem.uri, problem.title],
			['not_listed', uri, 'without a row']
		);
		assert.equal(await repairEverything(site.ctx, alice, { isConfirmed: false }), 1);
		await settled(site.ctx, alice);
		const [again] = await site.ctx.db
			.selectFrom('tracks')
			.select(['title', 'created_at'])
			.where('record_uri', '=', uri)
			.execute();
		assert.deepEqual(again, { title: 'without a row', created_at: createdAt });
		const { leftAloneCount } = await assertClean();
		assert.equal(leftAloneCount, 3);
		for (const left of [other, twin, odd]) assert.ok(await recordAt(left), 'it is left alone');
	});

	it('notes a version of another program that says the same, without a word', async () => {
		const id = await publish();
		await elsewhere.edits(id, { mood: 'blue' });
		const { caughtUp } = await assertClean();
		assert.equal(caughtUp, 1);
		assert.equal((await row(id)).record_cid, (await recordAt((await row(id)).record_uri))?.cid);
	});

	it('forgets what was found about a track when an edit settles it', async () => {
		const id = await publish({ title: 'edited' });
		await elsewhere.edits(id, { title: 'edited elsewhere' });
		await check(site.ctx, alice);
		assert.equal((await found()).length, 1);
		await editTrack(site.ctx, alice, id, { wanted: { description: 'more' } });
		assert.deepEqual(await found(), []);
		await assertClean();
	});

	it('is checked by itself when an edit finds that the record is gone', async () => {
		const id = await publish({ title: 'gone' });
		await elsewhere.deletes(id);
		const edit = editTrack(site.ctx, alice, id, { wanted: { title: 'never' } });
		await assert.rejects(edit, /repair the track in your portal first/);
		await settled(site.ctx, alice);
		assert.equal((await only()).kind, 'record_missing');
		const restored = await answerRestoreRecord(site.ctx, alice, String(id));
		assert.equal(restored.restored_uri, (await row(id)).record_uri);
		assert.equal(restored.track.title, 'gone');
		assert.deepEqual(await found(), []);
		await assert.rejects(answerRestoreRecord(site.ctx, alice, String(id)), (cause) => {
			assert.ok(cause instanceof DomainError);
			const message = 'this track has its record already';
			const uri = restored.restored_uri;
			assert.deepEqual(cause.detail, { error: 'already_has_record', message, uri });
			return cause.status === 400;
		});
		await elsewhere.edits(id, { title: 'adopted' });
		await answerRestoreRecord(site.ctx, alice, String(id));
		assert.equal((await row(id)).title, 'adopted', 'an existing record is adopted');
		const bob = await site.viewer('bob');
		await assert.rejects(
			answerRestoreRecord(site.ctx, bob, String(id)),
			(cause) => cause instanceof DomainError && cause.status === 403
		);
	});

	it('repairs everything at once, each in its way', async () => {
		const [lost, changed] = [await publish({ title: 'one' }), await publish({ title: 'two' })];
		await elsewhere.deletes(lost);
		await elsewhere.edits(changed, { title: 'two, changed' });
		await check(site.ctx, alice);
		assert.equal((await found()).length, 2);
		for (const problem of await found()) assert.ok(whatRepairDoes(problem));
		await assert.rejects(
			repairEverything(site.ctx, alice, { isConfirmed: false }),
			(cause) => cause instanceof DomainError && cause.code === 'not_confirmed'
		);
		assert.equal(await repairEverything(site.ctx, alice, { isConfirmed: true }), 2);
		await settled(site.ctx, alice);
		assert.equal((await row(changed)).title, 'two, changed');
		await assertClean();
	});
});
