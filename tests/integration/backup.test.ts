import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { readConfig } from '#lib/server/config.ts';
import { createContext, HalfRestored } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { tableForms } from '#lib/server/db/testing/table-forms.ts';
import type { Manifest } from '#lib/server/backup/manifest.ts';
import { storeImage } from '#lib/server/media/images.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { getStreamedFile, getTrack } from '#lib/server/tracks/tracks.ts';
import { Interrupted } from '../../src/cli/command.ts';
import {
	copyKeys,
	emptyFolder,
	objectHashes,
	plyr,
	removeFolder,
	tableHashes,
	withDatabase
} from './backup-steps.ts';
import { anyPitch, sendFile, startPublishingSite, waitForUpload } from './publishing-site.ts';

const quiet = createLogger('error', () => undefined);

describe('a backup', { timeout: 300_000 }, () => {
	/** of a site that has ended: nothing changes any more */
	let env: Record<string, string>;
	let place: string;
	let close: () => Promise<void>;
	let title: string;
	/** an upload nobody has worked on */
	let waiting: string;
	const folders: string[] = [];
	const folder = async () => {
		const dir = await emptyFolder();
		folders.push(dir);
		return dir;
	};
	/** an empty machine that has the keys */
	const empty = async (): Promise<Record<string, string>> => {
		const dir = await folder();
		await copyKeys(env['DATA_DIR'] ?? '', dir);
		return { ...env, DATA_DIR: dir };
	};

	before(async () => {
		const site = await startPublishingSite();
		close = () => site.close();
		env = site.env;
		place = await folder();
		const alice = await site.signIn('alice');
		const { id } = await site.publish(alice, { fields: { title: 'harbour “lights”\tand\\more' } });
		await site.publish(alice, {
			fields: { title: 'second', tags: ['ambient', 'field recording'] }
		});
		title = (
			await site.ctx.db
				.selectFrom('tracks')
				.select('title')
				.where('id', '=', id)
				.executeTakeFirstOrThrow()
		).title;
		const picture = await sharp({
			create: { width: 700, height: 700, channels: 3, background: '#a04060' }
		})
			.png()
			.toBuffer();
		const { imageId } = await storeImage(site.ctx, picture);
		await site.ctx.db.updateTable('tracks').set({ image_id: imageId }).execute();
		await site.ctx.dispose();
		// nobody works on what this one takes
		const ctx = await createContext(readConfig({ ...env, ROLES: 'web' }), quiet);
		waiting = await sendFile(ctx, alice, {
			bytes: await makeSample('wav', { seconds: 1, hertz: anyPitch() }),
			fileName: 'not yet.wav'
		});
		assert.notEqual(await ctx.storage.staging.size(waiting), null);
		await ctx.jobs.enqueueAlbum(ctx.db, randomUUID(), 3_600);
		await ctx.dispose();
		close = async () => {
			await site.network.stop();
			await rm(path.dirname(site.dataDir), { recursive: true, force: true });
		};
	});
	after(async () => {
		await close();
		for (const dir of folders) await removeFolder(dir);
	});

	it('has everything, and says that the keys are to be kept apart', async () => {
		const { code, said } = await plyr(env, ['backup', place]);
		assert.equal(code, 0, said);
		assert.match(said, /[\d,]+ rows, \d+ objects \(.+\), \d+ jobs?\./);
		assert.match(said, /keep what plyr keys export says somewhere else \(key [0-9a-f]{16}\)/);
		const [id = ''] = await readdir(path.join(place, 'backups'));
		const secret = (
			await readFile(path.join(env['DATA_DIR'] ?? '', 'keys/oauth-encryption.key'), 'utf8')
		).trim();
		for (const name of await readdir(path.join(place, 'backups', id))) {
			assert.ok(!name.startsWith('keys'), name);
		}
		assert.ok(
			!(await readFile(path.join(place, 'backups', id, 'manifest.json'), 'utf8')).includes(secret)
		);
		assert.match(
			(await plyr(env, ['backup', place, '--list'])).said,
			new RegExp(`^${id}  http://127\\.0\\.0\\.1:\\d+  2 tracks, \\d+ objects \\(.+\\)$`)
		);
		for (const name of ['backups', `backups/${id}`, 'objects']) {
			assert.equal((await stat(path.join(place, name))).mode & 0o077, 0, name);
		}
	});

	it('copies nothing twice', async () => {
		const bytesBefore = await stat(path.join(place, 'objects'));
		const { code, said } = await plyr(env, ['backup', place]);
		assert.equal(code, 0, said);
		assert.match(said, /\. 0 of the objects \(0 bytes\) had not been copied before/);
		assert.equal((await stat(path.join(place, 'objects'))).mtimeMs, bytesBefore.mtimeMs);
		assert.equal((await plyr(env, ['backup', place, '--list'])).said.split('\n').length, 2);
	});

	it('is silent in cron, unless something is wrong', async () => {
		const { code, said } = await plyr(env, ['backup', place, '--quiet', '--verify']);
		assert.deepEqual({ code, said }, { code: 0, said: '' });
	});

	it('is put into an empty folder: every row, object and job, in tables of the same form', async () => {
		const target = await empty();
		const { code, said } = await plyr(target, ['restore', place]);
		assert.equal(code, 0, said);
		const [was, is] = [
			await withDatabase(env, tableHashes),
			await withDatabase(target, tableHashes)
		];
		assert.deepEqual(is, was);
		assert.ok(Object.keys(is).length > 30);
		assert.deepEqual(await withDatabase(target, tableForms), await withDatabase(env, tableForms));
		const objects = await objectHashes(target);
		assert.deepEqual(objects, await objectHashes(env));
		assert.ok(Object.keys(objects).some((key) => key.startsWith('staged ')));
		assert.ok(Object.keys(objects).some((key) => key.startsWith('images/')));
		// as a site it finds what there is, and goes on counting
		const ctx = await createContext(readConfig({ ...target, ROLES: 'web' }), quiet);
		try {
			const found = await ctx.db
				.selectFrom('tracks')
				.select(['id', 'title'])
				.orderBy('id')
				.execute();
			assert.equal(found[0]?.title, title);
			const jobs = await ctx.sql<{ name: string; delay: number }[]>`
				select name, extract(epoch from start_after - now()) as delay from pgboss.job
				where state < 'completed' and name in ('uploads', 'albums') order by name`;
			assert.deepEqual(
				jobs.map(({ name }) => name),
				['albums', 'uploads']
			);
			assert.ok((jobs[0]?.delay ?? 0) > 3_000, 'what is to be done later is done later');
		} finally {
			await ctx.dispose();
		}
		const again = await plyr(target, ['restore', place]);
		assert.equal(again.code, 1);
		assert.match(again.said, /the database is not empty .* restored into an empty one/);
		const audited = await plyr({ ...target, ROLES: 'web' }, ['audit', '--deep', '--local']);
		assert.equal(audited.code, 0, audited.said);
	});

	it('is not put into a site of another environment, and says when its address is another', async () => {
		const target = { ...(await empty()), ATPROTO_APP_NAMESPACE: 'fm.plyr.stg' };
		const { code, said } = await plyr(target, ['restore', place]);
		assert.equal(code, 1);
		assert.match(said, /ATPROTO_APP_NAMESPACE=fm\.plyr\.dev, and here it is fm\.plyr\.stg/);
		const moved = { ...(await empty()), PORT: '3998' };
		const there = await plyr(moved, ['restore', place]);
		assert.equal(there.code, 0, there.said);
		assert.match(there.said, /under http:\/\/127\.0\.0\.1:3998 everybody signs in again/);
	});

	it('is not put into a storage that has something', async () => {
		const target = await empty();
		const file = path.join(target['DATA_DIR'] ?? '', 'storage/audio/theirs.mp3');
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, 'music');
		const { code, said } = await plyr(target, ['restore', place]);
		assert.equal(code, 1);
		assert.match(said, /the storage is not empty/);
		assert.equal(await readFile(file, 'utf8'), 'music');
	});

	it('needs the key of its sign-ins, or a word that it is lost', async () => {
		const target = { ...env, DATA_DIR: await folder() };
		const refused = await plyr(target, ['restore', place]);
		assert.equal(refused.code, 1);
		assert.match(
			refused.said,
			/opened by the key [0-9a-f]{16}, and there are none here\. bring those of the former site \(plyr keys import/
		);
		const { code, said } = await plyr(target, ['restore', place, '--without-keys']);
		assert.equal(code, 0, said);
		assert.match(said, /1 sign-in no key opens/);
		const ctx = await createContext(readConfig({ ...target, ROLES: 'web' }), quiet);
		await ctx.dispose();
	});

	it('takes the keys along when it is asked to', async () => {
		const withKeys = await folder();
		const { said } = await plyr(env, ['backup', withKeys, '--with-keys']);
		assert.match(said, /the keys are in it: whoever reads it can act for everybody/);
		const target = { ...env, DATA_DIR: await folder() };
		const { code, said: restored } = await plyr(target, ['restore', withKeys]);
		assert.equal(code, 0, restored);
		const keyOf = (dir = '') => readFile(path.join(dir, 'keys/oauth-encryption.key'), 'utf8');
		assert.equal((await keyOf(target.DATA_DIR)).trim(), (await keyOf(env['DATA_DIR'])).trim());
		const mode = (await stat(path.join(target.DATA_DIR, 'keys/oauth-encryption.key'))).mode;
		assert.equal(mode & 0o777, 0o600);
	});

	it('that is stopped leaves nothing that is taken for one', async () => {
		const stopped = await folder();
		const controller = new AbortController();
		const { code, said } = await plyr(env, ['backup', stopped], {
			signal: controller.signal,
			showProgress: (text) => {
				if (text.startsWith('objects: 3')) controller.abort(new Interrupted('SIGINT'));
			}
		});
		assert.equal(code, 130);
		assert.match(said, /stopped before it was done/);
		assert.equal((await plyr(env, ['backup', stopped, '--list'])).said, '');
		const refused = await plyr(await empty(), ['restore', stopped]);
		assert.match(refused.said, /there is no completed backup/);
		// what it had copied is of use to the next
		const { said: next } = await plyr(env, ['backup', stopped, '--verify']);
		assert.match(next, /every byte as it was written/);
	});

	it('is gone on with when its restore was cut off, and no site starts before', async () => {
		for (const moment of ['database: plays', 'objects: 4', 'finishing']) {
			const target = await empty();
			const controller = new AbortController();
			const cut = await plyr(target, ['restore', place], {
				signal: controller.signal,
				showProgress: (text) => {
					if (text.startsWith(moment)) controller.abort(new Interrupted('SIGTERM'));
				}
			});
			assert.equal(cut.code, 143, `${moment}: ${cut.said}`);
			await assert.rejects(
				createContext(readConfig({ ...target, ROLES: 'web' }), quiet),
				(cause: unknown) => cause instanceof HalfRestored && /plyr restore/.test(cause.message)
			);
			const audited = await plyr({ ...target, ROLES: 'web' }, ['audit', '--local']);
			assert.deepEqual([audited.code, /run plyr restore again/.test(audited.said)], [1, true]);
			const { code, said } = await plyr(target, ['restore', place]);
			assert.equal(code, 0, said);
			assert.deepEqual(await objectHashes(target), await objectHashes(env));
			assert.deepEqual(
				await withDatabase(target, tableHashes),
				await withDatabase(env, tableHashes)
			);
		}
	});

	it('that lost a file, or has other bytes in one, says so, and restores the rest', async () => {
		const broken = await folder();
		await plyr(env, ['backup', broken]);
		const [id = ''] = await readdir(path.join(broken, 'backups'));
		const audio = Object.entries(await objectHashes(env)).filter(([key]) =>
			key.startsWith('audio/')
		);
		const [[lostKey, lost] = ['', ''], [changedKey, changed] = ['', '']] = audio;
		const fileOf = (sha256: string) => path.join(broken, 'objects', sha256.slice(0, 2), sha256);
		await rm(fileOf(lost));
		const bytes = await readFile(fileOf(changed));
		bytes[7] = (bytes[7] ?? 0) ^ 1;
		await writeFile(fileOf(changed), bytes);
		const checked = await plyr(env, ['restore', broken, '--check']);
		assert.equal(checked.code, 1);
		assert.match(checked.said, new RegExp(`${lostKey} is not there`));
		assert.match(checked.said, new RegExp(`${changedKey} has other bytes`));
		const target = await empty();
		const { code, said } = await plyr(target, ['restore', broken]);
		assert.equal(code, 1);
		assert.match(said, new RegExp(`not in the backup: ${lostKey}`));
		const restored = await objectHashes(target);
		assert.equal(Object.keys(restored).length, Object.keys(await objectHashes(env)).length - 2);
		// what is not there sounds again from a backup that has it
		const audited = await plyr({ ...target, ROLES: 'web' }, ['audit', '--local']);
		assert.equal(audited.code, 1);
		assert.match(
			audited.said,
			/track \d+ “.*” by @alice\.test does not sound: audio\/\S+ is not in the storage/
		);
		const back = await plyr(target, ['restore', place, '--missing']);
		assert.equal(back.code, 0, back.said);
		assert.match(back.said, /2 lost objects \(.+\) are back/);
		assert.deepEqual(await objectHashes(target), await objectHashes(env));
		// rows that were cut off are not loaded
		await truncate(path.join(broken, 'backups', id, 'database/tracks.copy.gz'), 40);
		const cutOff = await plyr(await empty(), ['restore', broken]);
		assert.equal(cutOff.code, 1);
		assert.match(cutOff.said, /the rows of tracks cannot be loaded: .* take another backup/);
	});

	it('of an earlier version is migrated on, and one of a newer version is refused', async () => {
		const other = await folder();
		await plyr(env, ['backup', other]);
		const [id = ''] = await readdir(path.join(other, 'backups'));
		const file = path.join(other, 'backups', id, 'manifest.json');
		const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
		const { migrations } = manifest.database;
		// what a backup has is without this table anyway
		const last = '20261128T050000-object-holds';
		assert.ok(migrations.includes(last));
		const withMigrations = (names: string[]) =>
			writeFile(
				file,
				JSON.stringify({ ...manifest, database: { ...manifest.database, migrations: names } })
			);
		await withMigrations(migrations.filter((name) => name !== last));
		const target = await empty();
		const { code, said } = await plyr(target, ['restore', other]);
		assert.equal(code, 0, said);
		assert.match(said, /1 migration came after the backup/);
		assert.deepEqual(await withDatabase(target, tableForms), await withDatabase(env, tableForms));
		await withMigrations([...migrations, '20990101T000000-of-the-future']);
		const refused = await plyr(await empty(), ['restore', other]);
		assert.equal(refused.code, 1);
		assert.match(refused.said, /made by a newer version, with 1 migration this one does not have/);
	});

	it('has the uploads that were accepted: they are published where it was put', async () => {
		const target = await empty();
		assert.equal((await plyr(target, ['restore', place])).code, 0);
		const ctx = await createContext(readConfig(target), quiet);
		try {
			const upload = await waitForUpload(ctx, waiting);
			assert.equal(upload.status, 'completed', upload.error ?? upload.message);
			const { fileId } = await getTrack(ctx, null, upload.track_id ?? 0);
			const file = await getStreamedFile(ctx, fileId);
			assert.notEqual(await ctx.storage.head(file.storage_key), null);
		} finally {
			await ctx.dispose();
		}
	});

	it('is not made where it would be lost with what it is a copy of', async () => {
		const inside = path.join(env['DATA_DIR'] ?? '', 'storage/backups');
		const { code, said } = await plyr(env, ['backup', inside]);
		assert.equal(code, 1);
		assert.match(said, /within the storage it would be a copy of/);
		assert.equal((await plyr(env, ['backup'])).code, 2);
		assert.equal((await plyr(env, ['restore', path.join(inside, 'none')])).code, 1);
		assert.match(
			(await plyr(env, ['backup', 's3://somewhere'])).said,
			/needs BACKUP_AWS_ACCESS_KEY_ID/
		);
		const keys = { BACKUP_AWS_ACCESS_KEY_ID: 'id', BACKUP_AWS_SECRET_ACCESS_KEY: 'secret' };
		assert.match(
			(await plyr({ ...env, ...keys }, ['backup', 's3://somewhere'])).said,
			/would be at aws, which needs BACKUP_S3_REGION/
		);
	});
});
