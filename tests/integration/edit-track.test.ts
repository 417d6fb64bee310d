import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedImage } from '#lib/server/testing/seeds.ts';
import { editTrack, RecordChanged, type TrackEdit } from '#lib/server/tracks/edit-track.ts';
import { wantedValues } from '#lib/server/tracks/receive-change.ts';
import { syncTrack } from '#lib/server/tracks/sync-track.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { valuesOfRow } from '#lib/server/tracks/values.ts';
import { listTrackRecords, type PublishingSite, startPublishingSite } from './publishing-site.ts';

const COLLECTION = 'fm.plyr.dev.track';

describe('an edit of a track', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let bob: Viewer;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
	});
	after(() => site.close());

	const publish = async (fields = {}) => (await site.publish(alice.did, { fields })).id;

	const row = (id: number) => trackRow(site.ctx, id);

	async function recordOf(id: number) {
		const { record_uri: uri } = await row(id);
		const records = await listTrackRecords(site.network.pdsUrl, alice.did);
		const record = records.find((one) => one.uri === uri);
		assert.ok(record, 'the record is there');
		return record;
	}

	/** Another client of the artist's writes to the record. */
	async function elsewhere(id: number, change: Record<string, unknown>): Promise<string> {
		const agent = await site.ctx.oauth.agentFor(alice.did);
		const { rkey } = await row(id);
		const { data } = await agent.com.atproto.repo.getRecord({
			repo: alice.did,
			collection: COLLECTION,
			rkey
		});
		const written = await agent.com.atproto.repo.putRecord({
			repo: alice.did,
			collection: COLLECTION,
			rkey,
			record: { ...data.value, ...change }
		});
		return written.data.cid;
	}

	const edit = (id: number, change: TrackEdit, viewer = alice) =>
		editTrack(site.ctx, viewer, id, change);

	/** What somebody sees who opens the form. */
	async function opened(id: number): Promise<Pick<TrackEdit, 'cid' | 'base'>> {
		const seen = await row(id);
		return { cid: seen.record_cid, base: valuesOfRow(seen) };
	}

	it('changes the record and the page, and only what was changed', async () => {
		const id = await publish({ album: 'Tones', description: 'as it was' });
		const before = await recordOf(id);
		const imageId = await seedImage(site.ctx.db, 'a picture of an edit');
		const after = await edit(id, {
			wanted: { title: 'another name', tags: ['ambient', 'tape'], isExplicit: true, imageId }
		});
		const record = await recordOf(id);
		assert.deepEqual(record.value, {
			...before.value,
			title: 'another name',
			tags: ['ambient', 'tape'],
			labels: { $type: 'com.atproto.label.defs#selfLabels', values: [{ val: 'explicit' }] },
			imageUrl: `http://127.0.0.1:3999/images/${imageId}`
		});
		assert.equal(after.record_cid, record.cid);
		assert.equal(after.title, 'another name');
		assert.deepEqual(after.tags, ['ambient', 'tape']);
		assert.equal(after.is_explicit, true);
		assert.equal(after.image_id, imageId);
		assert.equal(after.album_title, 'Tones');
		assert.equal(after.description, 'as it was');
	});

	it('takes a field away when it is emptied', async () => {
		const id = await publish({ album: 'Emptied', description: 'to be removed', features: [] });
		const wanted = { album: '', description: '', tags: [], isExplicit: false };
		await edit(id, { wanted: { tags: ['gone'], isExplicit: true, isUnlisted: true } });
		const after = await edit(id, { wanted: { ...wanted, isUnlisted: false, imageId: null } });
		assert.deepEqual(Object.keys((await recordOf(id)).value).sort(), [
			'$type',
			'artist',
			'audioUrl',
			'createdAt',
			'duration',
			'fileType',
			'title'
		]);
		assert.equal(after.album_id, null);
		assert.equal(after.visibility, 'public');
	});

	it('keeps a field and a blob that another client added', async () => {
		const id = await publish();
		const original = await recordOf(id);
		const bytes = { $bytes: 'AQID' };
		const link = { $link: original.cid };
		const blob = await uploadBlob(site, alice.did);
		await elsewhere(id, {
			mood: 'blue',
			nested: { count: 3, list: [1, { link }], bytes },
			labels: { $type: 'com.atproto.label.defs#selfLabels', values: [{ val: 'graphic-media' }] },
			features: [{ did: bob.did, role: 'bass' }],
			audioBlob: blob
		});
		const before = await recordOf(id);
		assert.equal((before.value['nested'] as { count: number }).count, 3);
		await edit(id, { wanted: { description: 'only this', isExplicit: true } });
		await edit(id, {
			wanted: await wantedValues(site.ctx, alice, id, { features: 'bob.test, carol.test' })
		});
		const { value } = await recordOf(id);
		const { features, labels, ...rest } = value;
		const { features: _before, labels: _labels, ...expected } = before.value;
		assert.deepEqual(rest, { ...expected, description: 'only this' });
		assert.equal(value['createdAt'], original.value['createdAt']);
		assert.deepEqual((labels as { values: unknown[] }).values, [
			{ val: 'graphic-media' },
			{ val: 'explicit' }
		]);
		assert.deepEqual((features as unknown[])[0], { did: bob.did, role: 'bass' });
		assert.equal((features as unknown[]).length, 2);
		const at = new URL('/xrpc/com.atproto.sync.getBlob', site.network.pdsUrl);
		at.search = new URLSearchParams({ did: alice.did, cid: blob.ref.$link }).toString();
		assert.equal((await fetch(at)).status, 200, 'the repository still holds the blob');
	});

	it('joins with a change of another field elsewhere, without asking', async () => {
		const id = await publish();
		const seen = await opened(id);
		await elsewhere(id, { description: 'written elsewhere' });
		const after = await edit(id, {
			...seen,
			wanted: { ...seen.base, title: 'written here' }
		});
		assert.equal(after.title, 'written here');
		assert.equal(after.description, 'written elsewhere');
	});

	it('is not written over a change of the same field elsewhere; both are shown', async () => {
		const id = await publish();
		const seen = await opened(id);
		const cid = await elsewhere(id, { title: 'theirs', description: 'theirs too' });
		const mine = { ...seen, wanted: { ...seen.base, title: 'mine' } };
		const refusal = await edit(id, mine).then(
			() => assert.fail('it was written'),
			(cause: unknown) => cause
		);
		assert.ok(refusal instanceof RecordChanged);
		assert.equal(refusal.status, 409);
		assert.equal(refusal.code, 'record_changed');
		assert.deepEqual(refusal.conflicts, [{ field: 'title', yours: 'mine', theirs: 'theirs' }]);
		assert.equal(refusal.cid, cid);
		assert.equal((await recordOf(id)).cid, cid, 'nothing was written');
		const chosen = { cid, base: refusal.current, wanted: { title: 'mine' } };
		const after = await edit(id, chosen);
		assert.equal(after.title, 'mine');
		assert.equal(after.description, 'theirs too');
	});

	it('by a program that names a version is not written over a newer one', async () => {
		const id = await publish();
		const { cid } = await opened(id);
		await elsewhere(id, { title: 'theirs' });
		await assert.rejects(edit(id, { cid, wanted: { title: 'mine' } }), { code: 'record_changed' });
	});

	it('is not lost between two that are saved at the same moment', async () => {
		const id = await publish();
		await Promise.all([
			edit(id, { wanted: { title: 'both' } }),
			edit(id, { wanted: { description: 'at once' } }),
			edit(id, { wanted: { tags: ['three'] } })
		]);
		const { value } = await recordOf(id);
		assert.deepEqual(
			[value['title'], value['description'], value['tags']],
			['both', 'at once', ['three']]
		);
	});

	it('changes nothing when the record would not be valid or people are not found', async () => {
		const id = await publish();
		const { cid } = await recordOf(id);
		const refused: [Record<string, unknown>, RegExp][] = [
			[{ title: '  ' }, /a track needs a title/],
			[{ title: 'é'.repeat(200) }, /too long: at most 256 bytes/],
			[{ description: 'x'.repeat(5_001) }, /too long: at most 5000 bytes/],
			[{ tags: Array.from({ length: 11 }, (_, i) => `tag ${i}`) }, /at most 10 tags/],
			[{ tags: ['x'.repeat(33)] }, /cannot be a tag/],
			[{ features: 'nobody.test, bob.test' }, /failed to resolve handle: @nobody\.test/],
			[{ features: 'not a handle' }, /is no handle/],
			[{ features: Array.from({ length: 11 }, (_, i) => `p${i}.test`) }, /maximum 10/],
			[{ features: '[1]' }, /features must be a json array/],
			[{ image_id: '0123456789abcdef' }, /there is no picture/],
			[{ is_explicit: 'perhaps' }, /./]
		];
		for (const [sent, sentence] of refused) {
			await assert.rejects(wantedValues(site.ctx, alice, id, sent), (cause: unknown) => {
				assert.ok(cause instanceof DomainError, JSON.stringify(sent));
				assert.match(cause.message, sentence);
				return true;
			});
		}
		assert.equal((await recordOf(id)).cid, cid);
	});

	it('is the artist’s alone', async () => {
		const id = await publish();
		await assert.rejects(edit(id, { wanted: { title: 'stolen' } }, bob), {
			status: 403,
			message: 'you can only edit your own tracks'
		});
		await assert.rejects(edit(999_999, { wanted: {} }), { status: 404 });
	});

	it('of a record that is gone says so and points to the repair', async () => {
		const id = await publish();
		const agent = await site.ctx.oauth.agentFor(alice.did);
		const { rkey } = await row(id);
		await agent.com.atproto.repo.deleteRecord({ repo: alice.did, collection: COLLECTION, rkey });
		await assert.rejects(edit(id, { wanted: { title: 'x' } }), {
			code: 'record_missing',
			message: /repair the track in your portal/
		});
	});

	it('reaches the page by itself when we died between the record and the index', async () => {
		const id = await publish();
		const cid = await elsewhere(id, { title: 'only in the record' });
		// what an edit asks for before it writes, to be done a minute later
		await site.ctx.jobs.enqueueTrack(site.ctx.db, { trackId: id, task: 'sync' });
		for (let i = 0; i < 100 && (await row(id)).record_cid !== cid; i++) {
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		assert.equal((await row(id)).title, 'only in the record');
		const left = await site.ctx.sql`
			select 1 from pgboss.job where name = 'tracks' and state = 'created'`;
		assert.equal(left.length, 0, 'edits that were indexed have taken back what they asked for');
	});

	/** The application, in which something happens between our reading of a record and what comes next. */
	function afterReading(happens: () => Promise<unknown>): Context {
		const { oauth } = site.ctx;
		let isOver = false;
		const agentFor: typeof oauth.agentFor = async (did) => {
			const agent = await oauth.agentFor(did);
			const { repo } = agent.com.atproto;
			const getRecord = repo.getRecord.bind(repo);
			repo.getRecord = async (...call) => {
				const answer = await getRecord(...call);
				if (!isOver) {
					isOver = true;
					await happens();
				}
				return answer;
			};
			return agent;
		};
		return { ...site.ctx, oauth: { ...oauth, agentFor } };
	}

	it('is not taken back by a job that had read the record before', async () => {
		const id = await publish();
		await elsewhere(id, { title: 'as the job read it' });
		const late = afterReading(() => edit(id, { wanted: { title: 'mine' } }));
		await syncTrack(late, { trackId: id });
		assert.equal((await row(id)).title, 'mine');
		assert.equal((await row(id)).record_cid, (await recordOf(id)).cid);
	});

	it('is not taken back by one that found nothing to change before', async () => {
		const id = await publish();
		const { title } = await row(id);
		const late = afterReading(() => edit(id, { wanted: { title: 'mine' } }));
		await editTrack(late, alice, id, { wanted: { title } });
		assert.equal((await row(id)).title, 'mine');
		assert.equal((await row(id)).record_cid, (await recordOf(id)).cid);
	});

	it('fails with a sentence and changes nothing while the PDS is away, or the sign-in ended', async () => {
		const id = await publish();
		const before = await row(id);
		await site.ctx.oauth.revoke(alice.did);
		await assert.rejects(edit(id, { wanted: { title: 'x' } }), { code: 'sign_in_again' });
		await site.signIn('alice');
		await site.network.stop();
		await assert.rejects(edit(id, { wanted: { title: 'x' } }), {
			status: 503,
			code: 'pds_unavailable'
		});
		assert.deepEqual(await row(id), before);
	});
});

interface BlobOfRecord {
	$type: 'blob';
	ref: { $link: string };
	mimeType: string;
	size: number;
}

/** Gives the artist's repository a file, as another client does that keeps audio there. */
async function uploadBlob(site: PublishingSite, did: string): Promise<BlobOfRecord> {
	const account = await fetch(
		new URL('/xrpc/com.atproto.server.createSession', site.network.pdsUrl),
		{
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ identifier: did, password: 'alice-pass' })
		}
	);
	const { accessJwt } = (await account.json()) as { accessJwt: string };
	const answer = await fetch(new URL('/xrpc/com.atproto.repo.uploadBlob', site.network.pdsUrl), {
		method: 'POST',
		headers: { authorization: `Bearer ${accessJwt}`, 'content-type': 'audio/mpeg' },
		body: new Uint8Array([1, 2, 3])
	});
	assert.equal(answer.status, 200);
	return ((await answer.json()) as { blob: BlobOfRecord }).blob;
}
