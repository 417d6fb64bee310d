import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { removeFromRelease } from '#lib/server/releases/discard-release.ts';
import { createRelease, getRelease } from '#lib/server/releases/releases.ts';
import { sweepReleases } from '#lib/server/releases/sweep.ts';
import { refuseTwin } from '#lib/server/uploads/duplicates.ts';
import { changeUpload, findUpload } from '#lib/server/uploads/queries.ts';
import { resumeEnded, resumeReleased } from '#lib/server/uploads/resume.ts';
import { listen } from './receiving/event-source.ts';
import { ALICE, noise, send } from './receiving/requests.ts';
import { startWorld, type World } from './receiving/world.ts';

const alice: Viewer = { did: ALICE, handle: 'alice.test', displayName: 'Alice', avatarUrl: null };

let world: World;
before(async () => (world = await startWorld()));
after(() => world.end());

const encode = (metadata: Record<string, string>) =>
	Object.entries(metadata)
		.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
		.join(',');

/** Announces a file; with a body it comes along. */
async function begin(metadata: Record<string, string>, sizeBytes = 10_000, body?: Uint8Array) {
	const answer = await send(`${world.url}/api/uploads/tus`, {
		method: 'POST',
		headers: {
			'tus-resumable': '1.0.0',
			'upload-length': String(sizeBytes),
			'upload-metadata': encode(metadata),
			...(body ? { 'content-type': 'application/offset+octet-stream' } : {})
		},
		body
	});
	return { ...answer, id: String(answer.headers.location).split('/').at(-1) ?? '' };
}

/** A release with files that have not arrived. @returns its id and theirs */
async function draftOf(...names: string[]) {
	const id = await createRelease(world.ctx, alice);
	const files: string[] = [];
	for (const filename of names) files.push((await begin({ release_id: id, filename })).id);
	return { id, files };
}

const namesOf = async (id: string) =>
	(await getRelease(world.ctx, alice, id)).tracks.map(({ upload }) => upload.file_name);

/** As a worker leaves it that has done everything ahead. */
const park = (id: string, code: 'draft' | 'scheduled') =>
	changeUpload(world.ctx.db, id, {
		status: 'waiting',
		stage: 'transcoded',
		error_code: code,
		message: 'ready',
		sha256: id
	});

describe('the editing of a release', () => {
	it('loses nothing of two tabs that save at the same time', async () => {
		const { id, files } = await draftOf('1.mp3', '2.mp3');
		const [one = '', two = ''] = files;
		await Promise.all([
			changeRelease(world.ctx, alice, id, {
				fields: { album_title: 'An Album' },
				tracks: [{ upload_id: one, fields: { title: 'first' } }]
			}),
			changeRelease(world.ctx, alice, id, {
				fields: { year: 2026 },
				tracks: [
					{ upload_id: one, fields: { description: 'with words' } },
					{ upload_id: two, fields: { title: 'second' } }
				]
			})
		]);
		await changeRelease(world.ctx, alice, id, {
			tracks: [{ upload_id: two, fields: { title: 'second, again' } }, { upload_id: 'gone' }]
		});
		const { fields, tracks } = await getRelease(world.ctx, alice, id);
		assert.deepEqual([fields.album_title, fields.year], ['An Album', 2026]);
		assert.deepEqual(
			tracks.map((track) => [track.fields.title, track.fields.description]),
			[
				['first', 'with words'],
				['second, again', null]
			]
		);
	});

	it('takes back what null says, and knows "no album" from "nothing said"', async () => {
		const { id, files } = await draftOf('1.mp3');
		const [upload_id = ''] = files;
		const change = (said: unknown) => changeRelease(world.ctx, alice, id, said);
		await change({
			fields: { album_title: '', year: 2020 },
			tracks: [{ upload_id, fields: { tags: [] } }]
		});
		const said = await getRelease(world.ctx, alice, id);
		assert.equal(said.fields.album_title, '');
		assert.deepEqual(said.tracks[0]?.fields.tags, []);
		const none = await change({
			fields: { album_title: null, year: null },
			tracks: [{ upload_id, fields: { tags: null } }]
		});
		assert.deepEqual([none.fields.album_title, none.fields.year], [null, null]);
		assert.equal(none.tracks[0]?.fields.tags, null);
	});

	it('numbers the tracks without gaps, and puts a later file at the end of a chosen order', async () => {
		const { id, files } = await draftOf('a 10.mp3', 'a 9.mp3', 'a 8.mp3');
		assert.deepEqual(await namesOf(id), ['a 8.mp3', 'a 9.mp3', 'a 10.mp3']);
		const ten = files[0] ?? '';
		const moved = await changeRelease(world.ctx, alice, id, {
			tracks: [{ upload_id: ten, position: 1 }]
		});
		assert.deepEqual(
			moved.tracks.map(({ position, upload }) => [position, upload.release_position]),
			[
				[1, 1],
				[2, 2],
				[3, 3]
			]
		);
		await begin({ release_id: id, release_position: '1', filename: 'a 1.mp3' });
		assert.deepEqual(await namesOf(id), ['a 10.mp3', 'a 8.mp3', 'a 9.mp3', 'a 1.mp3']);
	});

	it('takes many files at the same moment, while it is edited', async () => {
		const id = await createRelease(world.ctx, alice);
		const edits = async () => {
			for (let year = 2000; year < 2010; year++) {
				await changeRelease(world.ctx, alice, id, { fields: { year } });
			}
		};
		const sent = Array.from({ length: 8 }, async (_, seed) => {
			const body = noise(20_000, 100 + seed);
			const metadata = { release_id: id, filename: `${seed}.wav` };
			return await begin(metadata, body.length, body);
		});
		const [, ...answers] = await Promise.all([edits(), ...sent]);
		assert.deepEqual(
			answers.map(({ status }) => status),
			Array<number>(8).fill(201)
		);
		const { tracks } = await getRelease(world.ctx, alice, id);
		assert.deepEqual(
			tracks.map(({ upload }) => upload.release_position).sort(),
			[1, 2, 3, 4, 5, 6, 7, 8]
		);
	});

	it('keeps what is said about a file while its bytes arrive', async () => {
		const bytes = noise(10_000, 3);
		const id = await createRelease(world.ctx, alice);
		const { id: upload } = await begin({ release_id: id, filename: 'x.wav' });
		const body = (async function* () {
			yield bytes.subarray(0, 6_000);
			await changeRelease(world.ctx, alice, id, {
				tracks: [{ upload_id: upload, fields: { title: 'said meanwhile' } }]
			});
			yield bytes.subarray(6_000);
		})();
		const answer = await send(`${world.url}/api/uploads/tus/${upload}`, {
			method: 'PATCH',
			headers: {
				'tus-resumable': '1.0.0',
				'upload-offset': '0',
				'content-type': 'application/offset+octet-stream'
			},
			body
		});
		assert.equal(answer.status, 204);
		const row = await findUpload(world.ctx.db, upload);
		assert.equal(row?.stage, 'received');
		assert.equal(row.fields.title, 'said meanwhile');
	});
});

describe('a file of a release that is no audio by its first bytes', () => {
	it('is there with its reason when its artist comes back, stops nothing, and can be taken out', async () => {
		const { id, files } = await draftOf('good.wav');
		const words = Buffer.from('no music at all, only words. '.repeat(500));
		const answer = await begin({ release_id: id, filename: 'words.mp3' }, words.length, words);
		assert.deepEqual([answer.status, answer.code], [400, 'unsupported_audio']);
		const { tracks } = await getRelease(world.ctx, alice, id);
		const refused = tracks.find(({ upload }) => upload.file_name === 'words.mp3')?.upload;
		assert.deepEqual([refused?.status, refused?.error_code], ['failed', 'unsupported_audio']);
		assert.match(refused?.error ?? '', /^this is text, not audio we can publish/);
		const uploadId = refused?.upload_id ?? '';
		assert.equal(await world.stagedHash(uploadId), null, 'its bytes are of no further use');
		await changeRelease(world.ctx, alice, id, { rights_confirmed: true });
		await removeFromRelease(world.ctx, alice, id, uploadId);
		assert.deepEqual(await namesOf(id), ['good.wav']);
		await publishRelease(world.ctx, alice, id);
		assert.equal((await findUpload(world.ctx.db, files[0] ?? ''))?.status, 'receiving');
	});
});

describe('a published release', () => {
	async function published(...names: string[]) {
		const draft = await draftOf(...names);
		await changeRelease(world.ctx, alice, draft.id, { rights_confirmed: true });
		await publishRelease(world.ctx, alice, draft.id);
		return draft;
	}

	it('takes the files its browser is still sending for another day, and then no more', async () => {
		const { id } = await published('1.mp3', '2.mp3');
		const late = await begin({ release_id: id, release_position: '3', filename: '3.mp3' });
		assert.equal(late.status, 201);
		const row = await findUpload(world.ctx.db, late.id);
		assert.equal(row?.release_position, 3);
		assert.ok(row.rights_confirmed_at, 'the statement holds for it, too');
		await world.database.sql`
			update releases set published_at = now() - interval '25 hours' where id = ${id}`;
		const tooLate = await begin({ release_id: id, filename: '4.mp3' });
		assert.deepEqual([tooLate.status, tooLate.code], [409, 'release_published']);
	});

	it('has a job for the time it opens, and a new one when the time is changed', async () => {
		const { id } = await draftOf('1.mp3');
		const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
		const [soon, later] = [at(1), at(2)];
		const change = (release_at: Date) =>
			changeRelease(world.ctx, alice, id, {
				release_at: release_at.toISOString(),
				rights_confirmed: true
			});
		await change(soon);
		const times = async () => {
			const rows = await world.database.sql<{ start_after: Date }[]>`
				select start_after from pgboss.job
				where name = 'releases' and data ->> 'releaseId' = ${id} order by start_after`;
			return rows.map((row) => row.start_after.getTime());
		};
		assert.deepEqual(await times(), [], 'a draft does not open');
		await publishRelease(world.ctx, alice, id);
		await change(later);
		assert.deepEqual(await times(), [soon.getTime(), later.getTime()]);
	});

	it('goes on with a track that was parked in the moment it was published', async () => {
		const { id, files } = await published('1.mp3');
		const [upload = ''] = files;
		await park(upload, 'draft');
		assert.equal(await resumeEnded(world.ctx), 1);
		assert.equal((await findUpload(world.ctx.db, upload))?.status, 'pending');
		assert.equal(await world.jobsOf(upload), 1);
		assert.equal(await resumeReleased(world.ctx, id), 0);
	});
});

describe('a draft', () => {
	it('holds its tracks back, whoever looks', async () => {
		const { files } = await draftOf('1.mp3');
		const [upload = ''] = files;
		await park(upload, 'draft');
		assert.equal(await resumeEnded(world.ctx), 0);
		assert.equal((await findUpload(world.ctx.db, upload))?.status, 'waiting');
	});

	it('tells listeners of its tracks that they are ready', async () => {
		const { id, files } = await draftOf('1.mp3');
		const [upload = ''] = files;
		const listener = await listen(`${world.url}/api/uploads/events`);
		await park(upload, 'draft');
		const heard = await listener.until(
			({ content }) => content['upload_id'] === upload && content['status'] === 'waiting'
		);
		assert.equal(heard.content['error_code'], 'draft');
		assert.equal(heard.content['release_id'], id);
		assert.equal(heard.content['release_position'], 1);
		listener.leave();
	});

	it('that lies forgotten does not keep its files from being published elsewhere', async () => {
		const [first, second] = [await draftOf('1.mp3'), await draftOf('1.mp3', 'again.mp3')];
		const rows = [];
		for (const upload of [...first.files, ...second.files]) {
			await park(upload, 'draft');
			rows.push(await changeUpload(world.ctx.db, upload, { sha256: 'the same' }));
		}
		const [, one = assert.fail(), again = assert.fail()] = rows;
		await refuseTwin(world.ctx, one, 'the same');
		await assert.rejects(refuseTwin(world.ctx, again, 'the same'), { code: 'duplicate_upload' });
		const { tracks } = await getRelease(world.ctx, alice, second.id);
		assert.deepEqual(
			tracks.map(({ duplicate_of: twin }) => twin?.upload_id),
			[undefined, second.files[0]],
			'the page leaves out what would be left out'
		);
	});

	it('is swept when nobody sent anything to it for a day, and only then', async () => {
		const age = (id: string) => world.database.sql`
			update releases set updated_at = now() - interval '25 hours' where id = ${id}`;
		const fresh = await createRelease(world.ctx, alice);
		const old = await createRelease(world.ctx, alice);
		const used = await draftOf('1.mp3');
		await age(old);
		await age(used.id);
		assert.equal(await sweepReleases(world.ctx), 1);
		await assert.rejects(getRelease(world.ctx, alice, old), { code: 'release_not_found' });
		await getRelease(world.ctx, alice, fresh);
		await getRelease(world.ctx, alice, used.id);
	});

	it('cannot go without its uploads, which would be published by themselves', async () => {
		const { id } = await draftOf('1.mp3');
		await assert.rejects(
			world.database.sql`delete from releases where id = ${id}`,
			/violates foreign key/
		);
	});
});
