import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';

const DID = 'did:plc:loud';

describe('how loud an album is', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await database.db
			.insertInto('artists')
			.values({ did: DID, handle: 'loud.test', display_name: 'Loud' })
			.execute();
	});
	after(() => database.close());

	const newAlbum = async (slug: string): Promise<string> => {
		const [row] = await database.sql`
			insert into albums (artist_did, slug, title) values (${DID}, ${slug}, ${slug}) returning id`;
		return String(row?.['id']);
	};

	async function newFile(name: string, lufs: number | null): Promise<string> {
		const fileId = await seedAudioFile(database.db, name);
		await database.sql`update audio_files
			set loudness_lufs = ${lufs}, true_peak_dbtp = ${lufs && lufs + 10} where file_id = ${fileId}`;
		return fileId;
	}

	const addTrack = async (sql: TestDatabase['sql'], rkey: string, album: string, fileId: string) =>
		await sql`
			insert into tracks (artist_did, rkey, record_uri, record_cid, title, features, file_id,
				original_file_id, album_id, duration_ms, created_at)
			values (${DID}, ${rkey}, ${`at://${DID}/fm.plyr.track/${rkey}`}, 'cid', ${rkey}, '[]', ${fileId},
				${fileId}, ${album}, 1000, now())`;

	/** What is kept, which is what is measured whenever it is asked for. */
	async function loudness(album: string): Promise<[number, number] | null> {
		const [kept] = await database.sql`
			select loudness_lufs, true_peak_dbtp from album_loudness where album_id = ${album}`;
		const [measured] = await database.sql`
			select loudness_lufs, true_peak_dbtp from measured_album_loudness where album_id = ${album}`;
		assert.deepEqual(kept, measured);
		return kept ? [Number(kept['loudness_lufs']), Number(kept['true_peak_dbtp'])] : null;
	}

	it('follows its tracks, their files and what is found out about those', async () => {
		const [one, two] = [await newAlbum('one'), await newAlbum('two')];
		await addTrack(database.sql, 'quiet', one, await newFile('quiet', -20));
		assert.deepEqual(await loudness(one), [-20, -10]);
		const unmeasured = await newFile('unmeasured', null);
		await addTrack(database.sql, 'later', one, unmeasured);
		assert.deepEqual(await loudness(one), [-20, -10]);
		await database.sql`
			update audio_files set loudness_lufs = -20, true_peak_dbtp = 0 where file_id = ${unmeasured}`;
		assert.deepEqual(await loudness(one), [-20, 0]);
		await database.sql`update tracks set album_id = ${two} where rkey = 'later'`;
		assert.deepEqual(await loudness(one), [-20, -10]);
		assert.deepEqual(await loudness(two), [-20, 0]);
		await database.sql`update tracks set file_id = ${await newFile('loud', -8)} where rkey = 'later'`;
		assert.deepEqual(await loudness(two), [-8, 2]);
		await database.sql`update tracks set visibility = 'deleting' where rkey = 'later'`;
		assert.equal(await loudness(two), null);
		await database.sql`delete from tracks where rkey = 'quiet'`;
		assert.equal(await loudness(one), null);
	});

	it('says nothing of what was taken down, until that is shown again', async () => {
		const album = await newAlbum('partly hidden');
		await addTrack(database.sql, 'shown', album, await newFile('shown', -20));
		await addTrack(database.sql, 'hidden', album, await newFile('hidden', -8));
		const [, peak] = (await loudness(album)) ?? [];
		assert.equal(peak, 2);
		const subject = `at://${DID}/fm.plyr.track/hidden`;
		await database.sql`
			insert into takedowns (kind, subject, did, ground, reason, made_by)
			values ('track', ${subject}, ${DID}, 'rules', 'because', 'did:plc:operator')`;
		assert.deepEqual(await loudness(album), [-20, -10]);
		await database.sql`update takedowns set lifted_at = now(), lifted_by = 'did:plc:operator'`;
		assert.equal((await loudness(album))?.[1], peak);
	});

	it('has what two add at the same time', async () => {
		const album = await newAlbum('together');
		const files = [await newFile('left', -20), await newFile('right', -20)];
		const { promise: bothWritten, resolve } = Promise.withResolvers<undefined>();
		let written = 0;
		await Promise.all(
			files.map((fileId, index) =>
				database.sql.begin(async (sql) => {
					await addTrack(sql as unknown as TestDatabase['sql'], `both${index}`, album, fileId);
					if (++written === files.length) resolve(undefined);
					await bothWritten;
				})
			)
		);
		await database.sql`
			update audio_files set true_peak_dbtp = 3 where file_id = any(${files})`;
		assert.deepEqual(await loudness(album), [-20, 3]);
	});
});
