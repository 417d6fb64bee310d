import assert from 'node:assert/strict';
import { rm, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { seedAudioFile } from '#lib/server/testing/seeds.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { plyr } from './backup-steps.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';

const COLLECTION = 'fm.plyr.dev.track';
const LONG_AGO = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);

describe('an audit', { timeout: 180_000 }, () => {
	let site: PublishingSite;
	let alice: Viewer;
	let bob: Viewer;
	const fileOf = (key: string) => path.join(site.dataDir, 'storage', key);
	const audit = (...args: string[]) => plyr(site.env, ['audit', ...args]);
	const keyOf = async (id: number) => {
		const { file_id: fileId } = await trackRow(site.ctx, id);
		const file = await site.ctx.db
			.selectFrom('audio_files')
			.select('storage_key')
			.where('file_id', '=', fileId)
			.executeTakeFirstOrThrow();
		return file.storage_key;
	};
	const repoOf = async (did: string) => (await site.ctx.oauth.agentFor(did)).com.atproto.repo;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
	});
	after(() => site.close());

	it('finds nothing wrong where nothing is', async () => {
		const { id } = await site.publish(alice.did, { fields: { title: 'whole' } });
		await likeTrack(site.ctx, bob, id);
		const { code, said } = await audit('--deep');
		assert.equal(code, 0, said);
		assert.match(
			said,
			/1 object read whole, 0 strays; 2 records in 2 repositories, 0 could not be read/
		);
		assert.match(said, /nothing is wrong$/);
		assert.deepEqual(await audit('--quiet'), { code: 0, said: '' });
	});

	it('names each track that does not sound as it should, and what helps', async () => {
		const [gone, short, other] = [
			(await site.publish(alice.did, { fields: { title: 'gone' } })).id,
			(await site.publish(alice.did, { fields: { title: 'short' } })).id,
			(await site.publish(bob.did, { fields: { title: 'other' } })).id
		];
		const { bytes } = await site.publish(bob.did, { fields: { title: 'untouched' } });
		await rm(fileOf(await keyOf(gone)));
		await truncate(fileOf(await keyOf(short)), 700);
		const sizeBytes = (await site.ctx.storage.head(await keyOf(other)))?.sizeBytes ?? 0;
		await writeFile(fileOf(await keyOf(other)), Buffer.alloc(sizeBytes, 1));
		assert.ok(bytes.byteLength > 700);
		const { code, said } = await audit('--local');
		assert.equal(code, 1);
		const line = (id: number, title: string, wrong: string) =>
			new RegExp(
				`fault {2}audio: track ${id} “${title}” by @\\w+\\.test does not sound: audio/\\S+ ${wrong}`
			);
		assert.match(said, line(gone, 'gone', 'is not in the storage'));
		assert.match(said, line(short, 'short', 'has 700 bytes in the storage and should have'));
		assert.match(said, /→ plyr restore <place of your backups> --missing puts it back/);
		assert.match(said, /2 faults$/);
		const deep = await audit('--local', '--deep');
		assert.match(deep.said, line(other, 'other', 'has other bytes in the storage'));
		assert.match(deep.said, /3 faults$/);
		for (const id of [gone, short, other]) {
			await site.ctx.db.deleteFrom('tracks').where('id', '=', id).execute();
		}
		const unused = await audit('--local');
		assert.match(unused.said, /is not in the storage; no track needs it at the moment/);
		await site.ctx.db
			.deleteFrom('audio_files')
			.where((eb) =>
				eb.not(
					eb.exists(
						eb
							.selectFrom('tracks')
							.select('id')
							.whereRef('tracks.file_id', '=', 'audio_files.file_id')
					)
				)
			)
			.execute();
		assert.equal((await audit('--local')).code, 0);
	});

	it('names a track whose smaller file is lost', async () => {
		const { id } = await site.publish(alice.did, { fields: { title: 'made smaller' } });
		const { file_id } = await trackRow(site.ctx, id);
		const smaller = await seedAudioFile(site.ctx.db, 'a smaller one');
		const row = { of_file_id: file_id, file_id: smaller };
		await site.ctx.db.insertInto('smaller_files').values(row).execute();
		const { said } = await audit('--local');
		assert.match(
			said,
			new RegExp(`track ${id} .* does not sound where its smaller file is played`)
		);
		await site.ctx.db.deleteFrom('smaller_files').where('file_id', '=', smaller).execute();
		await site.ctx.db.deleteFrom('audio_files').where('file_id', '=', smaller).execute();
	});

	it('lists what no row names, and leaves it', async () => {
		const stray = 'audio/0123456789abcdef.mp3';
		const foreign = 'elsewhere/notes.txt';
		for (const key of [stray, foreign, 'audio/fedcba9876543210.mp3']) {
			await site.ctx.storage.put(key, Buffer.from('?'), { contentType: 'text/plain' });
		}
		await site.ctx.storage.staging.append('forgotten', 0, Buffer.from('?'));
		for (const key of [stray, foreign, 'staging/forgotten']) {
			await utimes(fileOf(key), LONG_AGO, LONG_AGO);
		}
		const { code, said } = await audit('--local');
		assert.equal(code, 0, said);
		assert.match(
			said,
			new RegExp(`note {3}strays: no row names ${stray}\n +→ a worker removes it`)
		);
		assert.match(
			said,
			new RegExp(`note {3}strays: no row names ${foreign}\n +→ it is none of this`)
		);
		assert.match(said, /no upload needs the staged bytes forgotten/);
		assert.match(said, /3 strays/);
		assert.notEqual(await site.ctx.storage.head(stray), null);
		await site.ctx.storage.delete(stray);
		await site.ctx.storage.delete(foreign);
	});

	it('compares every row with its record, and every record with its row', async () => {
		const { id: lost } = await site.publish(alice.did, { fields: { title: 'lost record' } });
		const { id: newer } = await site.publish(alice.did, { fields: { title: 'newer record' } });
		await likeTrack(site.ctx, alice, newer);
		const repo = await repoOf(alice.did);
		const at = async (id: number) => {
			const { rkey } = await trackRow(site.ctx, id);
			return { repo: alice.did, collection: COLLECTION, rkey };
		};
		await repo.deleteRecord(await at(lost));
		const { data } = await repo.getRecord(await at(newer));
		await repo.putRecord({ ...(await at(newer)), record: { ...data.value, title: 'another' } });
		await repo.createRecord({
			repo: alice.did,
			collection: COLLECTION,
			record: { ...data.value, title: 'of another program' }
		});
		const [like] = (await repo.listRecords({ repo: alice.did, collection: 'fm.plyr.dev.like' }))
			.data.records;
		const rkey = like?.uri.split('/').at(-1) ?? '';
		await repo.deleteRecord({ repo: alice.did, collection: 'fm.plyr.dev.like', rkey });
		const { code, said } = await audit();
		assert.equal(code, 1);
		assert.match(
			said,
			new RegExp(
				`fault {2}records: track ${lost} “lost record” of @alice.test has no record in their`
			)
		);
		assert.match(said, new RegExp(`the like of track ${newer} of @alice.test has no record`));
		assert.match(
			said,
			new RegExp(`the record of track ${newer} .* is another one than the index has`)
		);
		assert.match(said, /3 records in fm\.plyr\.dev\.track of @alice\.test are not on this site/);
		assert.match(said, /2 faults$/);
		assert.match(said, /0 could not be read/);
	});

	it('says whom it could not ask, and is not wrong about them', async () => {
		await site.network.stop();
		const { code, said } = await audit();
		assert.equal(code, 0, said);
		assert.match(said, /note {3}records: the repository of @alice\.test could not be read: /);
		assert.match(said, /0 records in 0 repositories, 2 could not be read/);
	});
});
