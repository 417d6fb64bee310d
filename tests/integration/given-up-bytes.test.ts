import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { removeFromRelease } from '#lib/server/releases/discard-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease, getRelease, listInterrupted } from '#lib/server/releases/releases.ts';
import { findUpload } from '#lib/server/uploads/queries.ts';
import { sweepUploads } from '#lib/server/uploads/sweep.ts';
import { receivePart } from '#lib/server/uploads/tus-bytes.ts';
import { ALICE, BOB, noise, send } from './receiving/requests.ts';
import { startWorld, type World } from './receiving/world.ts';

const alice: Viewer = { did: ALICE, handle: 'alice.test', displayName: 'Alice', avatarUrl: null };
const TUS = { 'tus-resumable': '1.0.0' };

let world: World;
before(async () => (world = await startWorld(8, { STORAGE_QUOTA_MB: '1' })));
after(() => world.end());

const wav = noise(400_000);
const half = wav.subarray(0, 200_000);
const encode = (metadata: Record<string, string>) =>
	Object.entries(metadata)
		.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
		.join(',');

async function begin(
	metadata: Record<string, string>,
	sizeBytes = wav.length,
	{ viewer = ALICE, body }: { viewer?: string; body?: Uint8Array } = {}
) {
	const answer = await send(`${world.url}/api/uploads/tus`, {
		method: 'POST',
		viewer,
		body,
		headers: {
			...TUS,
			'upload-length': String(sizeBytes),
			'upload-metadata': encode(metadata),
			...(body ? { 'content-type': 'application/offset+octet-stream' } : {})
		}
	});
	return { ...answer, id: String(answer.headers.location).split('/').at(-1) ?? '' };
}

const patch = (id: string, offsetBytes: number, body: Uint8Array) =>
	send(`${world.url}/api/uploads/tus/${id}`, {
		method: 'PATCH',
		headers: {
			...TUS,
			'content-type': 'application/offset+octet-stream',
			'upload-offset': String(offsetBytes)
		},
		body
	});

async function runOut(id: string) {
	await world.database
		.sql`update uploads set expires_at = now() - interval '1 hour' where id = ${id}`;
}

/** A draft with one file of which half has arrived, and words about it. */
async function draftWithHalf() {
	const releaseId = await createRelease(world.ctx, alice);
	const { id } = await begin({ release_id: releaseId, filename: 'tide.wav' });
	assert.equal((await patch(id, 0, half)).status, 204);
	await changeRelease(world.ctx, alice, releaseId, {
		rights_confirmed: true,
		tracks: [{ upload_id: id, fields: { title: 'Tide', description: 'one take' } }]
	});
	return { releaseId, id };
}

const tracksOf = async (releaseId: string) =>
	(await getRelease(world.ctx, alice, releaseId)).tracks.map(({ upload, fields }) => ({
		id: upload.upload_id,
		status: upload.status,
		code: upload.error_code,
		receivedBytes: upload.received_bytes,
		said: [fields.title, fields.description]
	}));

/** Files of a release begun two days ago, and given up since. */
async function addGivenUp(releaseId: string, count: number) {
	await world.database.sql`
		insert into uploads (id, artist_did, rkey, status, stage, message, error_code, file_name,
			size_bytes, release_id, release_position, created_at)
		select gen_random_uuid(), ${ALICE}, 'given' || n, 'receiving', 'receiving', 'it waits',
			'not_received', n || '.wav', 1000, ${releaseId}, n, now() - interval '2 days'
		from generate_series(1, ${count}) as n`;
	const rows = await world.database.sql`
		select id from uploads where release_id = ${releaseId} order by release_position`;
	return rows.map((row) => String(row['id']));
}

async function forgetAll() {
	await world.database.sql`delete from uploads`;
	await world.database.sql`delete from rate_windows`;
}

const discard = (releaseId: string, id: string) =>
	removeFromRelease(world.ctx, alice, releaseId, id);

describe('a file of a release that is not complete within a day', () => {
	it('loses its bytes and nothing that was typed about it, and begins anew in its row', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 1);
		assert.equal(await world.stagedHash(id), null);
		const waiting = { id, status: 'receiving', code: 'not_received', receivedBytes: 0 };
		const said = ['Tide', 'one take'];
		assert.deepEqual(await tracksOf(releaseId), [{ ...waiting, said }]);
		const [track] = (await getRelease(world.ctx, alice, releaseId)).tracks;
		assert.match(track?.upload.message ?? '', /choose the file again within 60 days to go on/);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 0, 'once');

		const head = await send(`${world.url}/api/uploads/tus/${id}`, { method: 'HEAD', headers: TUS });
		assert.equal(head.headers['upload-offset'], '0');
		assert.equal((await patch(id, 0, half)).status, 204);
		const [again] = await tracksOf(releaseId);
		assert.deepEqual(again, { ...waiting, code: null, receivedBytes: half.length, said });
		assert.equal((await patch(id, half.length, wav.subarray(half.length))).status, 204);
		const [whole] = await tracksOf(releaseId);
		assert.deepEqual([whole?.status, whole?.said], ['pending', said]);
		await discard(releaseId, id);
	});

	it('goes on where it stopped as long as nobody has swept', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		assert.equal((await patch(id, half.length, wav.subarray(half.length))).status, 204);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 0);
		await discard(releaseId, id);
	});

	it('stays in a published release, which says what it waits for, until it is discarded', async () => {
		const { releaseId, id } = await draftWithHalf();
		await publishRelease(world.ctx, alice, releaseId);
		await runOut(id);
		await sweepUploads(world.ctx);
		const [waiting] = await listInterrupted(world.ctx, alice);
		assert.equal(waiting?.release_id, releaseId);
		assert.equal(waiting.tracks[0]?.upload.error_code, 'not_received');
		await discard(releaseId, id);
		assert.deepEqual(await listInterrupted(world.ctx, alice), []);
	});

	it('gives its place and its words to another file, also when no new file may join any more', async () => {
		const { releaseId, id } = await draftWithHalf();
		await publishRelease(world.ctx, alice, releaseId);
		await world.database
			.sql`update releases set published_at = now() - interval '3 days' where id = ${releaseId}`;
		await runOut(id);
		await sweepUploads(world.ctx);
		const metadata = { release_id: releaseId, filename: 'tide again.wav' };
		assert.equal((await begin(metadata)).status, 409, 'a stranger may not');
		const other = await begin({ ...metadata, in_place_of: id }, 300_000);
		assert.equal(other.status, 201);
		const [track, ...others] = await tracksOf(releaseId);
		assert.deepEqual(others, []);
		assert.deepEqual([track?.id, track?.said], [other.id, ['Tide', 'one take']]);
		await discard(releaseId, other.id);
	});

	it('takes up no room until it comes again, and then has to fit', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		await sweepUploads(world.ctx);
		const draft = await createRelease(world.ctx, alice);
		const large = await begin({ release_id: draft, filename: 'large.wav' }, 900_000);
		assert.equal(large.status, 201, 'the quota is free');
		const refused = await patch(id, 0, half);
		assert.equal(refused.status, 413);
		assert.match(refused.text, /storage_full/);
		assert.deepEqual((await tracksOf(releaseId))[0]?.code, 'not_received');
		await discard(draft, large.id);
		assert.equal((await patch(id, 0, half)).status, 204);
		await discard(releaseId, id);
	});
});

describe('the place of a file in its release', () => {
	afterEach(forgetAll);

	it('is taken once: who asks again because the answer was lost gets the same upload', async () => {
		const { releaseId, id } = await draftWithHalf();
		const asked = { release_id: releaseId, filename: 'tide again.wav', in_place_of: id };
		const first = await begin(asked, wav.length, { body: half });
		assert.deepEqual([first.status, first.headers['upload-offset']], [201, String(half.length)]);
		assert.equal(await world.stagedHash(id), null, 'the bytes of the earlier one are gone');
		const full = await begin({ filename: 'full.wav' }, 640_000);
		assert.equal(full.status, 201, 'there is no room for a third');
		for (const body of [undefined, half]) {
			const again = await begin(asked, wav.length, { body });
			assert.equal(again.status, 201, again.text);
			assert.equal(again.headers.location, first.headers.location);
			assert.equal(again.headers['upload-offset'], String(half.length));
		}
		assert.equal((await patch(first.id, half.length, wav.subarray(half.length))).status, 204);
		const [track, ...others] = await tracksOf(releaseId);
		assert.deepEqual(others, []);
		assert.deepEqual([track?.id, track?.status], [first.id, 'pending']);
		assert.deepEqual(track?.said, ['Tide', 'one take']);
		assert.equal((await begin(asked)).headers.location, first.headers.location);
	});

	it('is taken once, also by two requests at the same moment', async () => {
		const { releaseId, id } = await draftWithHalf();
		const asked = { release_id: releaseId, filename: 'other.wav', in_place_of: id };
		const [one, two] = await Promise.all([begin(asked, 1000), begin(asked, 1000)]);
		assert.deepEqual([one.status, two.status], [201, 201]);
		assert.equal(one.headers.location, two.headers.location);
		assert.equal((await tracksOf(releaseId)).length, 1);
	});

	it('goes to one of two different files, and the other is told which', async () => {
		const { releaseId, id } = await draftWithHalf();
		const asked = { release_id: releaseId, in_place_of: id };
		const answers = await Promise.all(
			['one.wav', 'two.wav'].map((filename) => begin({ ...asked, filename }, 1000))
		);
		assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
		const refused = answers.find(({ status }) => status === 409);
		assert.equal(refused?.code, 'not_replaceable');
		assert.match(
			String(refused.detail),
			/^“(one|two)\.wav” has taken this place already\. choose this file in place of that one$/
		);
		assert.equal((await tracksOf(releaseId)).length, 1);
		// of the same name, and yet another file
		const [taken] = await tracksOf(releaseId);
		const name = answers[0]?.status === 201 ? 'one.wav' : 'two.wav';
		assert.equal((await begin({ ...asked, filename: name }, 2000)).code, 'not_replaceable');
		assert.equal((await begin({ ...asked, filename: name, modified: '5' }, 1000)).status, 409);
		const next = await begin({ ...asked, filename: 'x.wav', in_place_of: taken?.id ?? '' }, 1000);
		assert.equal(next.status, 201);
		assert.deepEqual((await tracksOf(releaseId))[0]?.said, ['Tide', 'one take']);
	});

	it('is not to be had of a file that has arrived, of another release, or of somebody else', async () => {
		const { releaseId, id } = await draftWithHalf();
		const asked = { release_id: releaseId, filename: 'other.wav', in_place_of: id };
		const other = await createRelease(world.ctx, alice);
		const elsewhere = { ...asked, release_id: other };
		const nowhere = { filename: 'other.wav', in_place_of: id };
		for (const metadata of [elsewhere, nowhere]) {
			const refused = await begin(metadata);
			assert.deepEqual([refused.status, refused.code], [409, 'not_replaceable']);
		}
		const stranger = await createRelease(world.ctx, { ...alice, did: BOB });
		const theirs = await begin({ ...asked, release_id: stranger }, 1000, { viewer: BOB });
		assert.deepEqual([theirs.status, theirs.code], [404, 'upload_not_found']);
		assert.equal((await patch(id, half.length, wav.subarray(half.length))).status, 204);
		const arrived = await begin(asked);
		assert.deepEqual([arrived.status, arrived.code], [409, 'not_replaceable']);
		assert.match(String(arrived.detail), /needs none: it has arrived$/);
		assert.equal((await tracksOf(releaseId)).length, 1);
		await discard(releaseId, id);
		const gone = await begin(asked);
		assert.deepEqual([gone.status, gone.code], [404, 'upload_not_found']);
		assert.match(String(gone.detail), /is gone\. add it as a file of its own$/);
	});

	it('is all that is free in a release of 200 files', async () => {
		const releaseId = await createRelease(world.ctx, alice);
		const [first = ''] = await addGivenUp(releaseId, 200);
		const asked = { release_id: releaseId, in_place_of: first };
		const answers = await Promise.all(
			['one.wav', 'two.wav', 'three.wav'].map((filename) => begin({ ...asked, filename }, 1000))
		);
		assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
		const more = await begin({ release_id: releaseId, filename: 'more.wav' }, 1000);
		assert.equal(more.code, 'release_full');
		assert.equal((await tracksOf(releaseId)).length, 200);
		const taken = answers.find(({ status }) => status === 201)?.id ?? '';
		assert.equal((await findUpload(world.ctx.db, taken))?.release_position, 1);
	});

	it('costs no room beside the file that goes', async () => {
		const { releaseId, id } = await draftWithHalf();
		const asked = { release_id: releaseId, filename: 'other.wav', in_place_of: id };
		assert.equal((await begin(asked, 900_000)).status, 201);
	});
});

describe('a file that begins again', () => {
	const mine = (releaseId: string) => ({ release_id: releaseId, filename: 'song.wav' });
	afterEach(forgetAll);

	it('counts in the hour in which it does', async () => {
		const strict = await startWorld(8, { UPLOAD_MB_PER_HOUR: '1' });
		const outer = world;
		world = strict;
		try {
			const releaseId = await createRelease(world.ctx, alice);
			const ids: string[] = [];
			for (let hour = 0; hour < 2; hour++) {
				for (let file = 0; file < 2; file++) ids.push((await begin(mine(releaseId))).id);
				await world.database.sql`update uploads set created_at = created_at - interval '2 days'`;
				await world.database.sql`delete from rate_windows`;
			}
			await world.database.sql`update uploads set expires_at = now() - interval '1 hour'`;
			assert.equal((await sweepUploads(world.ctx)).abandoned, 4);
			const answers = [];
			for (const id of ids) answers.push(await patch(id, 0, half));
			assert.deepEqual(
				answers.map(({ status }) => status),
				[204, 204, 429, 429]
			);
			const refused = answers[2];
			assert.equal(refused?.code, 'limit_reached');
			assert.match(
				String(refused.detail),
				/^you have sent 1 MB in the last hour, and this file would be more than the 1 MB an hour has\. go on in \d+ minutes/
			);
			const seconds = Number(refused.headers['retry-after']);
			assert.ok(seconds > 3500 && seconds <= 3600, String(seconds));
			assert.equal((await begin(mine(releaseId))).code, 'limit_reached', 'a new one, too');
			await world.database.sql`
				update uploads set begun_again_at = begun_again_at - interval '1 hour'`;
			assert.equal((await patch(ids[2] ?? '', 0, half)).status, 204);
		} finally {
			world = outer;
			await strict.end();
		}
	});

	it('waits while a hundred others are unfinished', async () => {
		const releaseId = await createRelease(world.ctx, alice);
		const [first = '', second = ''] = await addGivenUp(releaseId, 101);
		await world.database.sql`update uploads set error_code = null where id <> ${first}`;
		const refused = await patch(first, 0, half.subarray(0, 500));
		assert.equal(refused.status, 429);
		assert.match(String(refused.detail), /^you have begun 100 uploads and not finished them\./);
		await discard(releaseId, second);
		assert.equal((await patch(first, 0, half.subarray(0, 500))).status, 204);
	});

	it('does so also when its part came just before it was given up', async () => {
		const { releaseId, id } = await draftWithHalf();
		await runOut(id);
		const before = await findUpload(world.ctx.db, id);
		assert.ok(before);
		await sweepUploads(world.ctx);
		await receivePart(
			world.ctx,
			{ ...before, size_bytes: wav.length },
			{ offsetBytes: 0, body: new Blob([new Uint8Array(half)]).stream(), checksum: undefined }
		);
		const [track] = await tracksOf(releaseId);
		assert.deepEqual([track?.code, track?.receivedBytes], [null, half.length]);
	});
});

describe('files that wait to be chosen again', () => {
	afterEach(forgetAll);

	it('are kept for 60 days after the last change', async () => {
		const releaseId = await createRelease(world.ctx, alice);
		const [old = '', young = '', begun = ''] = await addGivenUp(releaseId, 3);
		await world.database.sql`
			update uploads set updated_at = now() - interval '61 days' where id <> ${young}`;
		await world.database.sql`
			update uploads set updated_at = now() - interval '59 days' where id = ${young}`;
		assert.equal((await patch(begun, 0, half.subarray(0, 500))).status, 204);
		assert.equal((await sweepUploads(world.ctx)).abandoned, 1);
		assert.deepEqual((await tracksOf(releaseId)).map(({ id }) => id).sort(), [young, begun].sort());
		assert.equal((await patch(old, 0, half.subarray(0, 500))).status, 404);
	});

	it('are 500 at most before others may join a release, which says what to do', async () => {
		const releaseId = await createRelease(world.ctx, alice);
		const [first = '', second = ''] = await addGivenUp(releaseId, 501);
		const draft = await createRelease(world.ctx, alice);
		const joining = { release_id: draft, filename: 'new.wav' };
		const refused = await begin(joining, 1000);
		assert.equal(refused.status, 429);
		assert.equal(
			refused.detail,
			'500 of your files were not completely received within a day. choose some of them again, or discard them, before you add others'
		);
		assert.equal((await begin({ filename: 'alone.wav' }, 1000)).status, 201, 'it is of no release');
		await world.database.sql`update uploads set release_id = ${draft} where id = ${first}`;
		assert.equal((await begin({ ...joining, in_place_of: first }, 1000)).status, 201);
		assert.equal((await begin(joining, 1000)).status, 429);
		assert.equal((await patch(second, 0, half.subarray(0, 500))).status, 204);
		assert.equal((await begin(joining, 1000)).status, 201);
	});
});
