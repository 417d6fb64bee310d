import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { PdsUnavailable } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { editTrack } from '#lib/server/tracks/edit-track.ts';
import { finishDeletion } from '#lib/server/tracks/finish-deletion.ts';
import { listRevisions, restoreRevision } from '#lib/server/tracks/revisions.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { acceptUpload, createUpload } from '#lib/server/uploads/accept.ts';
import { sayTryingAgain } from '#lib/server/uploads/job-outcomes.ts';
import { processUpload } from '#lib/server/uploads/process.ts';
import { changeUpload, findUpload } from '#lib/server/uploads/queries.ts';
import { publish as publishStage } from '#lib/server/uploads/stages/publish.ts';
import { stageWork } from '#lib/server/uploads/stages/stage.ts';
import { discardUpload, retryUpload } from '#lib/server/uploads/uploads.ts';
import {
	anyPitch,
	type FileToSend,
	hashOf,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite
} from './publishing-site.ts';

type Repo = Awaited<ReturnType<Context['oauth']['agentFor']>>['com']['atproto']['repo'];

describe('a record of which nobody heard that it was written', () => {
	let site: PublishingSite;
	let ctx: Context;
	let alice: Viewer;

	before(async () => {
		// the tests do what a worker does, a step at a time
		site = await startPublishingSite({ ROLES: 'web,transcoder' });
		ctx = site.ctx;
		alice = await site.viewer('alice');
	});
	after(() => site.close());

	const song = () => makeSample('mp3', { seconds: 1, hertz: anyPitch() });
	const send = (bytes: Uint8Array, more: Partial<FileToSend> = {}) =>
		site.send(alice.did, { bytes, fileName: 'a.mp3', fields: { title: 'a song' }, ...more });
	const upload = (id: string) => findUpload(ctx.db, id);
	const records = () => listTrackRecords(site.network.pdsUrl, alice.did);

	/** The application, with a line to the PDS that does what `change` makes of it. */
	function online(change: (repo: Repo) => void): Context {
		const agentFor: Context['oauth']['agentFor'] = async (did) => {
			const agent = await ctx.oauth.agentFor(did);
			change(agent.com.atproto.repo);
			return agent;
		};
		return { ...ctx, oauth: { ...ctx.oauth, agentFor } };
	}

	/** Writes arrive, and their answers do not. */
	const losing = () =>
		online((repo) => {
			const putRecord = repo.putRecord.bind(repo);
			repo.putRecord = async (...call) => {
				await putRecord(...call);
				throw new PdsUnavailable();
			};
		});

	async function work(id: string, by = ctx) {
		await processUpload(by, id, AbortSignal.timeout(60_000)).catch(async (cause: unknown) => {
			await sayTryingAgain(ctx, id, cause);
		});
		return await upload(id);
	}

	async function publish(bytes: Uint8Array): Promise<number> {
		const row = await work(await send(bytes));
		assert.equal(row?.status, 'completed', row?.error ?? '');
		return row.track_id ?? 0;
	}

	async function recordOf(trackId: number) {
		const { record_uri: uri } = await trackRow(ctx, trackId);
		return (await records()).find((record) => record.uri === uri) ?? assert.fail('no record');
	}

	async function assertNamesItsAudio(trackId: number, bytes: Uint8Array) {
		const row = await trackRow(ctx, trackId);
		assert.equal(row.file_id, hashOf(bytes).sha256.slice(0, 16));
		const { cid, value } = await recordOf(trackId);
		assert.match(String(value['audioUrl']), new RegExp(`/${row.file_id}$`));
		assert.equal(cid, row.record_cid);
	}

	it('goes with its upload when the artist discards that', async () => {
		const before = await records();
		const id = await send(await song());
		const row = await work(id, losing());
		assert.deepEqual([row?.status, row?.stage], ['pending', 'stored']);
		assert.equal((await records()).length, before.length + 1);
		await discardUpload(ctx, alice, id);
		assert.equal(await upload(id), undefined);
		assert.deepEqual(await records(), before);
	});

	it('is never written of an upload that is discarded while it is checked or made streamable', async () => {
		const before = await records();
		for (const step of ['analyse', 'transcode'] as const) {
			const bytes = await makeSample('aiff', { seconds: 1, hertz: anyPitch() });
			const id = await send(bytes, { fileName: 'a.aiff' });
			const { transcoder } = ctx;
			const disturbed: typeof transcoder = { ...transcoder };
			const discard = () => discardUpload(ctx, alice, id);
			if (step === 'analyse') {
				disturbed.analyse = (...call) => discard().then(() => transcoder.analyse(...call));
			} else {
				disturbed.transcode = (...call) => discard().then(() => transcoder.transcode(...call));
			}
			assert.equal(await work(id, { ...ctx, transcoder: disturbed }), undefined);
			// its job is repeated once, and finds nothing
			assert.equal(await work(id), undefined);
			assert.deepEqual(await Array.fromAsync(ctx.storage.staging.list()), []);
		}
		assert.deepEqual(await records(), before);
	});

	it('names the audio of before again when the new audio is discarded', async () => {
		const first = await song();
		const trackId = await publish(first);
		const id = await send(await song(), { replacesTrackId: trackId });
		await work(id, losing());
		assert.notEqual((await recordOf(trackId)).cid, (await trackRow(ctx, trackId)).record_cid);
		await discardUpload(ctx, alice, id);
		assert.equal(await upload(id), undefined);
		const { value } = await recordOf(trackId);
		assert.match(String(value['audioUrl']), new RegExp(hashOf(first).sha256.slice(0, 16)));
	});

	it('stays with its upload while the PDS is away, which can be discarded later or go on', async () => {
		const ids = [await send(await song()), await send(await song())] as const;
		for (const id of ids) await work(id, losing());
		const away = online((repo) => {
			repo.getRecord = () => Promise.reject(new PdsUnavailable());
		});
		for (const id of ids) {
			await assert.rejects(discardUpload(away, alice, id), { code: 'pds_unavailable' });
			assert.equal((await upload(id))?.error_code, 'not_removed');
			assert.equal((await work(id))?.status, 'failed', 'no worker goes on with it by itself');
		}
		const before = await records();
		await discardUpload(ctx, alice, ids[0]);
		assert.equal((await records()).length, before.length - 1);
		await retryUpload(ctx, alice, ids[1]);
		assert.equal((await work(ids[1]))?.status, 'completed');
	});

	it('cannot be there when nobody could have written it: no sign-in is needed to discard', async () => {
		const id = await send(await song());
		await ctx.oauth.revoke(alice.did);
		assert.equal((await work(id))?.error_code, 'sign_in_again');
		await discardUpload(ctx, alice, id);
		assert.equal(await upload(id), undefined);
		await site.signIn('alice');
	});

	it('is found by the next attempt, which does not take back what was edited after that', async () => {
		const second = await song();
		const trackId = await publish(await song());
		const id = await send(second, { replacesTrackId: trackId });
		await work(id, losing());
		const found = await changeUpload(ctx.db, id, { status: 'processing' });
		const row = await publishStage(stageWork(ctx, found, AbortSignal.timeout(60_000)));
		assert.deepEqual([row.stage, row.findings.recordRev], ['published', null]);
		await editTrack(ctx, alice, trackId, { wanted: { title: 'edited' } });
		assert.equal((await work(id))?.status, 'completed');
		assert.equal((await trackRow(ctx, trackId)).title, 'edited');
		await assertNamesItsAudio(trackId, second);
	});

	it('is taken back when the same file was published in the meantime', async () => {
		const first = await song();
		const trackId = await publish(first);
		const second = await song();
		// begun before, and all there after
		const other = await ctx.db.transaction().execute((trx) =>
			createUpload(trx, {
				artistDid: alice.did,
				fileName: 'a.mp3',
				fields: { title: 'the other' },
				sizeBytes: second.byteLength,
				expiresAt: null,
				idempotencyKey: null
			})
		);
		const id = await send(second, { replacesTrackId: trackId });
		await work(id, losing());
		await ctx.storage.staging.append(other.id, 0, second);
		await acceptUpload(ctx, other, hashOf(second));
		assert.equal((await work(other.id))?.status, 'completed');
		assert.equal((await work(id))?.error_code, 'duplicate_upload');
		const { value } = await recordOf(trackId);
		assert.match(String(value['audioUrl']), new RegExp(hashOf(first).sha256.slice(0, 16)));
		await discardUpload(ctx, alice, id);
	});

	it('is put back when a restored version was published as another track while it was written', async () => {
		const first = await song();
		const second = await song();
		const trackId = await publish(first);
		await work(await send(second, { replacesTrackId: trackId }));
		const [revision] = await listRevisions(ctx, alice, trackId);
		let isOver = false;
		const late = online((repo) => {
			const putRecord = repo.putRecord.bind(repo);
			repo.putRecord = async (...call) => {
				const answer = await putRecord(...call);
				if (!isOver) {
					isOver = true;
					await publish(first);
				}
				return answer;
			};
		});
		await assert.rejects(restoreRevision(late, alice, trackId, revision?.id ?? 0), {
			code: 'duplicate_upload'
		});
		await assertNamesItsAudio(trackId, second);
	});

	it('of a file whose earlier track is still being deleted is written when that is gone', async () => {
		const bytes = await song();
		const trackId = await publish(bytes);
		await deleteTrack(ctx, alice, trackId);
		const id = await send(bytes);
		const row = await work(id);
		assert.deepEqual([row?.status, row?.error_code], ['pending', 'still_deleting']);
		assert.match(row?.message ?? '', /still being deleted\. your upload is kept/);
		await finishDeletion(ctx, trackId);
		assert.equal((await work(id))?.status, 'completed');
	});

	it('is restored by the file that was given, of two that sound the same', async () => {
		const first = await makeSample('aiff', { seconds: 1, hertz: anyPitch() });
		const second = annotated(first);
		const trackId = await publish(first);
		const { file_id: streamed } = await trackRow(ctx, trackId);
		await work(await send(second, { replacesTrackId: trackId }));
		assert.equal((await trackRow(ctx, trackId)).file_id, streamed, 'they sound the same');
		const [revision] = await listRevisions(ctx, alice, trackId);
		await restoreRevision(ctx, alice, trackId, revision?.id ?? 0);
		const { original_file_id: original } = await ctx.db
			.selectFrom('tracks')
			.select('original_file_id')
			.where('id', '=', trackId)
			.executeTakeFirstOrThrow();
		assert.equal(original, hashOf(first).sha256.slice(0, 16));
	});
});

/** The same sound as another file: with a chunk at its end that nobody reads. */
function annotated(aiff: Buffer): Buffer {
	const text = Buffer.from('XTRA\0\0\0\x04text');
	const whole = Buffer.concat([aiff, text]);
	whole.writeUInt32BE(whole.length - 8, 4);
	return whole;
}
