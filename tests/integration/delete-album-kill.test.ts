import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteAlbum } from '#lib/server/albums/delete-album.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { joinRelease } from '#lib/server/releases/join-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease } from '#lib/server/releases/releases.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addHold, addStageHold, waitForHeld } from './killable-worker.ts';
import { hashOf, listTrackRecords, waitForEmptyStaging, waitForUpload } from './publishing-site.ts';
import { beginFile, dropFiles, type FileToDrop, listRecordsOf, sixFlacs } from './release-steps.ts';

const RECOVERY_LIMIT_MS = 60_000;

describe(
	'an album that is deleted while tracks of it are on their way',
	{ timeout: 400_000 },
	() => {
		let killable: KillableSite;
		let database: KillableSite['database'];
		let site: KillableSite['site'];
		let alice: KillableSite['alice'];
		let worker: KillableSite['worker'];
		type Hold = Awaited<ReturnType<typeof addHold>>;
		let holds: Record<'checked' | 'written' | 'dropping', Hold>;
		before(async () => {
			killable = await startKillableSite({
				// what is held here waits longer than anything should elsewhere
				DATABASE_STATEMENT_TIMEOUT_SECONDS: '60'
			});
			({ database, site, alice, worker } = killable);
			holds = {
				// file 3 has been converted, file 4 is in the repository, and nobody knows it yet
				checked: await addStageHold(database, 'transcoded', 'file 3.flac'),
				written: await addStageHold(database, 'published', 'file 4.flac'),
				dropping: await addHold(database, 'dropping', 'delete on albums')
			};
		});
		after(() => killable.close());

		const trackRows = () =>
			site.ctx.db
				.selectFrom('tracks')
				.select(['title', 'album_id'])
				.orderBy('created_at')
				.execute();
		const records = () => listTrackRecords(site.network.pdsUrl, alice.did);
		const lists = () => listRecordsOf(site.network.pdsUrl, alice.did);
		const albums = () => site.ctx.db.selectFrom('albums').select('title').execute();

		async function waitFor(what: string, look: () => Promise<boolean>): Promise<void> {
			const end = Date.now() + RECOVERY_LIMIT_MS;
			while (!(await look())) {
				if (Date.now() > end) assert.fail(`it is not so: ${what}`);
				await sleep(100);
			}
		}

		/** An album of which two tracks are listed. */
		async function halfPublished(title: string) {
			const id = await createRelease(site.ctx, alice);
			const files = await sixFlacs(title);
			await changeRelease(site.ctx, alice, id, { rights_confirmed: true });
			const drop = (some: FileToDrop[]) => dropFiles(site.ctx, alice.did, id, some);
			const listed = await drop(files.slice(0, 2));
			await publishRelease(site.ctx, alice, id);
			for (const one of listed) {
				await waitForUpload(site.ctx, one, (row) => row.status === 'completed', RECOVERY_LIMIT_MS);
			}
			const album = await site.ctx.db
				.selectFrom('releases')
				.select('album_id')
				.where('id', '=', id)
				.executeTakeFirstOrThrow();
			const albumId = album.album_id ?? assert.fail();
			await waitFor('its record is written', async () => {
				const row = await site.ctx.db
					.selectFrom('albums')
					.select(['sync_done', 'sync_wanted'])
					.where('id', '=', albumId)
					.executeTakeFirstOrThrow();
				return row.sync_done >= row.sync_wanted;
			});
			return { id, files, drop, albumId };
		}

		/** The third file is about to be stored, the fourth is in the repository and not listed. */
		async function letTwoFollow({ drop, files }: Awaited<ReturnType<typeof halfPublished>>) {
			const [releaseChecked, releaseWritten] = [await holds.checked(), await holds.written()];
			const before = (await records()).length;
			const [checked = '', written = ''] = await drop(files.slice(2, 4));
			await waitFor('the record is written', async () => (await records()).length === before + 1);
			await waitForHeld(database);
			return { checked, written, releaseChecked, releaseWritten };
		}

		const nothingIsLeft = async () => {
			await waitFor('the tracks are gone', async () => (await trackRows()).length === 0);
			await waitFor('the album is gone', async () => (await albums()).length === 0);
			// what a dead worker had begun is taken back when somebody has noticed its death
			await waitFor('the records are gone', async () => (await records()).length === 0);
			assert.deepEqual(await lists(), []);
			await waitForEmptyStaging(site.ctx);
		};

		it('takes them along, wherever they are', async () => {
			const release = await halfPublished('Gone');
			const { files } = release;
			const held = await letTwoFollow(release);
			const [, , third, , fifth] = files;
			assert.ok(third && fifth);
			const [arriving = ''] = await release.drop([{ ...fifth, isCut: true }]);

			// what is about to be listed comes to the lock of the album after its deletion
			const { free, waiting } = await lockAlbumsOf(alice.did);
			const deleted = deleteAlbum(site.ctx, alice, release.albumId, { withTracks: true });
			await waiting(1);
			await held.releaseWritten();
			await waiting(2);
			await free();
			await deleted;
			await assert.rejects(deleteAlbum(site.ctx, alice, release.albumId, { withTracks: false }), {
				status: 404,
				code: 'album_not_found',
				message: 'there is no such album any more: it was deleted already'
			});
			await held.releaseChecked();

			for (const id of [held.checked, held.written]) {
				const row = await waitForUpload(
					site.ctx,
					id,
					({ status }) => status === 'failed' || status === 'completed',
					RECOVERY_LIMIT_MS
				);
				assert.equal(row.error_code, 'album_deleted', row.message);
				assert.match(row.error ?? '', /^you deleted the album this was a part of, with its tracks/);
			}
			await nothingIsLeft();
			await waitFor('the one that stopped arriving is gone', async () => {
				const row = await site.ctx.db
					.selectFrom('uploads')
					.select('id')
					.where('id', '=', arriving)
					.executeTakeFirst();
				return row === undefined;
			});
			const { sha256 } = hashOf(third.bytes);
			const stored = await site.ctx.db
				.selectFrom('audio_files')
				.select('file_id')
				.where('sha256', '=', sha256)
				.execute();
			assert.deepEqual(stored, [], 'it was refused before it was stored');
			await assert.rejects(
				site.ctx.db.transaction().execute((trx) => joinRelease(trx, alice.did, release.id, null)),
				{ code: 'album_deleted' }
			);
		});

		it('takes along what failed and could be tried again', async () => {
			const release = await halfPublished('Tried');
			const half = await beginFile(
				site.ctx,
				alice.did,
				release.id,
				release.files[2] ?? assert.fail()
			);
			const bytes = Buffer.from('kept');
			await site.ctx.storage.staging.append(half.id, 0, bytes);
			await site.ctx.db
				.updateTable('uploads')
				.set({
					status: 'failed',
					stage: 'transcoded',
					error_code: 'no_profile',
					error: 'no profile'
				})
				.where('id', '=', half.id)
				.execute();
			await deleteAlbum(site.ctx, alice, release.albumId, { withTracks: true });
			await nothingIsLeft();
		});

		it('is taken away by the next worker when one dies, with what it had begun', async () => {
			const release = await halfPublished('Dead');
			const held = await letTwoFollow(release);
			const releaseDropping = await holds.dropping();
			await deleteAlbum(site.ctx, alice, release.albumId, { withTracks: true });
			await waitFor(
				'the album is about to go',
				async () => (await countHeld('delete from "albums"')) > 0
			);
			await worker.restart();
			await held.releaseChecked();
			await held.releaseWritten();
			await releaseDropping();
			await nothingIsLeft();
			for (const id of [held.checked, held.written]) {
				const row = await waitForUpload(site.ctx, id, ({ status }) => status === 'failed');
				assert.equal(row.error_code, 'album_deleted');
			}
		});

		it('leaves them as tracks of no album, when its tracks are to stay', async () => {
			const release = await halfPublished('Loose');
			const held = await letTwoFollow(release);
			await deleteAlbum(site.ctx, alice, release.albumId, { withTracks: false });
			await waitFor('the album is gone', async () => (await albums()).length === 0);
			await held.releaseChecked();
			await held.releaseWritten();
			for (const id of [held.checked, held.written]) {
				const row = await waitForUpload(
					site.ctx,
					id,
					({ status }) => status === 'completed',
					RECOVERY_LIMIT_MS
				);
				assert.equal(row.error, null);
			}
			await waitFor('no album comes back', async () => (await lists()).length === 0);
			assert.deepEqual(await albums(), []);
			const rows = await trackRows();
			assert.deepEqual(
				rows.map((row) => row.album_id),
				[null, null, null, null]
			);
			const third = (await records()).find(({ value }) => value['title'] === 'Loose 4');
			assert.equal(third?.value['album'], undefined, 'what is written later names no album');
		});

		/** How many statements like this one wait for a lock of ours. */
		async function countHeld(statement: string): Promise<number> {
			const rows = await site.ctx.sql`
			select 1 from pg_stat_activity
			where wait_event = 'advisory' and query like ${`%${statement}%`}`;
			return rows.length;
		}

		/** Holds the lock of an artist's albums. */
		async function lockAlbumsOf(did: string) {
			const holder = await database.sql.reserve();
			await holder`select pg_advisory_lock(hashtextextended(${`albums:${did}`}, 0))`;
			return {
				waiting: (count: number) =>
					waitFor(
						`${count} wait for the albums`,
						async () => (await countHeld('pg_advisory_xact_lock(hashtextextended')) >= count
					),
				free: async () => {
					await holder`select pg_advisory_unlock_all()`;
					holder.release();
				}
			};
		}
	}
);
