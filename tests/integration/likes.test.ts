import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { answerBatch, answerLikers } from '#lib/server/likes/likes-api.ts';
import { listLikedTracks, listOwnLikes } from '#lib/server/likes/liked-tracks.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { listLikers } from '#lib/server/likes/likers.ts';
import { settleLike } from '#lib/server/likes/settle-like.ts';
import { unlikeTrack } from '#lib/server/likes/unlike-track.ts';
import { answerTrack } from '#lib/server/tracks/tracks-api.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { failCommits, likeFacts, listLikeRecords, makeDue, waitUntil } from './like-steps.ts';
import { openWithScope, signInAlice } from './other-scope.ts';
import { writePublicProfile } from './public-profile.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';

describe('likes', { timeout: 180_000 }, () => {
	let site: PublishingSite;
	let ctx: Context;
	let alice: Viewer;
	let bob: Viewer;
	let trackId: number;
	let trackUri: string;

	before(async () => {
		site = await startPublishingSite();
		({ ctx } = site);
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
		({ id: trackId } = await site.publish(alice.did));
		({ recordUri: trackUri } = await getTrack(ctx, null, trackId));
	});
	after(() => site.close());
	beforeEach(async () => {
		for (const viewer of [alice, bob]) await unlikeTrack(ctx, viewer, trackId);
		// nobody is to look for further records while a test is at it
		await ctx.sql`delete from like_writes`;
	});

	const records = (viewer = bob) => listLikeRecords(site, viewer.did);
	const facts = (viewer = bob) => likeFacts(ctx, viewer.did, trackId);
	const settle = async (viewer = bob) => {
		await makeDue(ctx, viewer.did);
		await settleLike(ctx, { did: viewer.did, subjectUri: trackUri });
	};
	const agree = async (viewer = bob) => {
		const [inRepo, indexed] = [await records(viewer), await facts(viewer)];
		assert.deepEqual(
			inRepo.map(({ uri, cid }) => [uri, cid]),
			indexed.uri === null ? [] : [[indexed.uri, indexed.cid]]
		);
		return inRepo.length;
	};

	it('are a record in the listener’s repository that refers to the track as it is, and counted', async () => {
		const uri = await likeTrack(ctx, bob, trackId);
		const [record, ...others] = await records();
		assert.deepEqual(others, []);
		assert.ok(record);
		assert.equal(record.uri, uri);
		const { record_cid: cid } = await ctx.db
			.selectFrom('tracks')
			.select('record_cid')
			.where('id', '=', trackId)
			.executeTakeFirstOrThrow();
		assert.deepEqual(record.value['subject'], { uri: trackUri, cid });
		assert.deepEqual(await facts(), { uri, cid: record.cid, count: 1, writes: 0 });
		assert.equal(await agree(), 1);
	});

	it('go from the repository and the index when they are taken back', async () => {
		await likeTrack(ctx, bob, trackId);
		await unlikeTrack(ctx, bob, trackId);
		assert.equal((await facts()).count, 0);
		assert.equal(await agree(), 0);
	});

	it('change nothing a second time', async () => {
		const uri = await likeTrack(ctx, bob, trackId);
		assert.equal(await likeTrack(ctx, bob, trackId), uri);
		assert.equal(await agree(), 1);
	});

	it('may be taken back when there is none', async () => {
		await unlikeTrack(ctx, bob, trackId);
		assert.deepEqual(await facts(), { uri: null, cid: null, count: 0, writes: 0 });
	});

	it('of the same moment are one', async () => {
		const uris = await Promise.all(Array.from({ length: 4 }, () => likeTrack(ctx, bob, trackId)));
		assert.equal(new Set(uris).size, 1, String(uris));
		assert.equal(await agree(), 1);
		assert.equal((await facts()).count, 1);
	});

	const counted = (action: string, outcome: string) =>
		ctx.metrics.likes.points.find(({ labels }) => labels.join() === `${action},${outcome}`)
			?.value ?? 0;

	it('leave no record when the index could not be written', async () => {
		const before = counted('like', 'compensated');
		const heal = await failCommits(ctx, 'insert on likes');
		const said = { status: 500, message: 'failed to like track - please try again' };
		await assert.rejects(likeTrack(ctx, bob, trackId), said);
		await heal();
		assert.equal(await agree(), 0);
		assert.equal((await facts()).writes, 0, 'nothing is left to be settled');
		assert.equal(counted('like', 'compensated'), before + 1);
		await likeTrack(ctx, bob, trackId);
		assert.equal(await agree(), 1);
	});

	it('are there again under their key when the index could not be written', async () => {
		const uri = await likeTrack(ctx, bob, trackId);
		const heal = await failCommits(ctx, 'delete on likes');
		const said = { status: 500, message: 'failed to unlike track - please try again' };
		const before = counted('unlike', 'compensated');
		await assert.rejects(unlikeTrack(ctx, bob, trackId), said);
		await heal();
		assert.equal(counted('unlike', 'compensated'), before + 1);
		assert.equal(await agree(), 1);
		assert.equal((await facts()).uri, uri);
		await settle();
		assert.equal(await agree(), 1, 'and stay, as it was said');
		assert.equal((await facts()).writes, 0);
	});

	it('are taken back by a job when the repository could not be reached for it', async () => {
		const heal = await failCommits(ctx, 'insert on likes');
		await assert.rejects(likeTrack(without(ctx, 'deleteRecord'), bob, trackId), { status: 500 });
		await heal();
		assert.equal((await records()).length, 1);
		assert.ok(site.logged.some(({ event }) => event === 'like_cleanup_failed'));
		await settle();
		assert.equal(await agree(), 0);
	});

	it('that a repository did not confirm are erased, whether or not it has them', async () => {
		for (const moment of ['before', 'after'] as const) {
			const failing = without(ctx, 'putRecord', moment);
			await assert.rejects(likeTrack(failing, bob, trackId), { code: 'pds_unavailable' });
			assert.equal((await records()).length, moment === 'before' ? 0 : 1);
			await settle();
			assert.equal(await agree(), 0);
			assert.equal((await facts()).writes, 0);
		}
	});

	it('begun anew after one that was not confirmed are another record, and the only one', async () => {
		for (const moment of ['before', 'after'] as const) {
			const failing = without(ctx, 'putRecord', moment);
			await assert.rejects(likeTrack(failing, bob, trackId), { code: 'pds_unavailable' });
			const [left] = await records();
			const uri = await likeTrack(ctx, bob, trackId);
			assert.notEqual(
				uri,
				left?.uri,
				'a job that is about to erase that one must not meet this one'
			);
			assert.equal(await agree(), 1);
			await settle();
			assert.equal(await agree(), 1);
			await unlikeTrack(ctx, bob, trackId);
			await ctx.sql`delete from like_writes`;
		}
	});

	it('whose end a repository did not confirm are what the repository says', async () => {
		const before = counted('like', 'reconciled') + counted('unlike', 'reconciled');
		for (const moment of ['before', 'after'] as const) {
			await likeTrack(ctx, bob, trackId);
			const failing = without(ctx, 'deleteRecord', moment);
			await assert.rejects(unlikeTrack(failing, bob, trackId), { code: 'pds_unavailable' });
			assert.equal((await facts()).count, 1, 'nothing is taken from the index unseen');
			await settle();
			assert.equal(await agree(), moment === 'before' ? 1 : 0);
		}
		const after = counted('like', 'reconciled') + counted('unlike', 'reconciled');
		assert.ok(after >= before + 2, `${after} after ${before}`);
	});

	it('may be taken back when their record is gone already', async () => {
		const uri = await likeTrack(ctx, bob, trackId);
		await deleteInRepo(uri);
		await unlikeTrack(ctx, bob, trackId);
		assert.equal(await agree(), 0);
	});

	it('of which there are several records end altogether, also those we had not heard of', async () => {
		const uri = await likeTrack(ctx, bob, trackId);
		const [mine] = await records();
		assert.ok(mine);
		const agent = await ctx.oauth.agentFor(bob.did);
		for (const rkey of ['3lbk2aaaaaa2a', '3lbk2aaaaaa2b']) {
			await agent.com.atproto.repo.putRecord({
				repo: bob.did,
				collection: 'fm.plyr.dev.like',
				rkey,
				record: mine.value
			});
		}
		await unlikeTrack(ctx, bob, trackId);
		assert.equal((await records()).length, 2);
		assert.ok(!(await records()).some((record) => record.uri === uri));
		await settle();
		assert.equal(await agree(), 0);
	});

	it('of a track without a record cannot be given, but taken back', async () => {
		await likeTrack(ctx, bob, trackId);
		await ctx.db
			.insertInto('track_problems')
			.values({
				artist_did: alice.did,
				subject_uri: trackUri,
				track_id: trackId,
				kind: 'record_missing',
				detail: '{}'
			})
			.execute();
		await assert.rejects(likeTrack(ctx, alice, trackId), {
			status: 422,
			code: 'missing_atproto_record'
		});
		await unlikeTrack(ctx, bob, trackId);
		await ctx.sql`delete from track_problems`;
		assert.equal(await agree(), 0);
	});

	it('of a track that was deleted can be taken back', async () => {
		const { id } = await site.publish(alice.did);
		const { recordUri } = await getTrack(ctx, null, id);
		await likeTrack(ctx, bob, id);
		await deleteTrack(ctx, alice, id);
		await waitUntil('the track is gone', async () => {
			const row = await ctx.db
				.selectFrom('tracks')
				.select('id')
				.where('id', '=', id)
				.executeTakeFirst();
			return row === undefined;
		});
		assert.equal((await records()).length, 1, 'the record is the listener’s');
		await assert.rejects(likeTrack(ctx, bob, id), { code: 'track_removed' });
		await unlikeTrack(ctx, bob, id);
		await makeDue(ctx, bob.did);
		await settleLike(ctx, { did: bob.did, subjectUri: recordUri });
		assert.deepEqual(await records(), []);
	});

	it('of what never was are not found', async () => {
		await assert.rejects(likeTrack(ctx, bob, 999_999), { status: 404 });
		await assert.rejects(unlikeTrack(ctx, bob, 999_999), { status: 404 });
	});

	it('are said to who asks: in lists, for a batch, and who gave them', async () => {
		await likeTrack(ctx, bob, trackId);
		await likeTrack(ctx, alice, trackId);
		const own = await answerTrack(ctx, bob, String(trackId));
		assert.deepEqual([own.like_count, own.is_liked], [2, true]);
		const others = await answerTrack(ctx, null, String(trackId));
		assert.deepEqual([others.like_count, others.is_liked], [2, false]);
		const asked = { track_ids: [trackId, 999_999] };
		assert.deepEqual(await answerBatch(ctx, bob, asked), { [trackId]: true, 999999: false });
		assert.deepEqual(await answerBatch(ctx, bob, { track_ids: [] }), {});
		const { users, count, next_cursor: next } = await answerLikers(ctx, String(trackId), {});
		assert.deepEqual([users.map(({ did }) => did), count, next], [[alice.did, bob.did], 2, null]);
		const { tracks } = await listOwnLikes(ctx, bob);
		assert.deepEqual(
			tracks.map(({ id, isLiked, likeCount }) => ({ id, isLiked, likeCount })),
			[{ id: trackId, isLiked: true, likeCount: 2 }]
		);
	});

	it('of unlisted tracks are shown to who gave them, and to nobody else', async () => {
		await likeTrack(ctx, bob, trackId);
		await ctx.sql`update tracks set visibility = 'unlisted' where id = ${trackId}`;
		const [own, others] = [
			await listLikedTracks(ctx, bob, bob.did),
			await listLikedTracks(ctx, alice, bob.did)
		];
		await ctx.sql`update tracks set visibility = 'public' where id = ${trackId}`;
		assert.deepEqual([own.tracks.length, others.tracks.length], [1, 0]);
	});

	it('are shown a page at a time, each once', async () => {
		const dids = Array.from({ length: 7 }, (_, n) => `did:plc:fan${n}`);
		await ctx.db
			.insertInto('likes')
			.values(
				dids.map((did, n) => ({
					did,
					rkey: `r${n}`,
					record_uri: `at://${did}/fm.plyr.dev.like/r${n}`,
					record_cid: 'cid',
					record_rev: null,
					track_id: trackId,
					subject_uri: trackUri,
					subject_cid: 'cid',
					// two of the same moment
					created_at: new Date(Date.UTC(2026, 0, 1, 0, Math.floor(n / 2)))
				}))
			)
			.execute();
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const request = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
			const page = await listLikers(ctx, trackId, request);
			seen.push(...page.likers.map(({ did }) => did));
			cursor = page.nextCursor ?? undefined;
		} while (cursor !== undefined);
		await ctx.sql`delete from likes where did like 'did:plc:fan%'`;
		assert.deepEqual(seen, dids.toReversed());
	});

	it('have a name and a handle for who has no profile here, found out afterwards', async () => {
		const { signInAs } = await import('./local-people.ts');
		const { did } = await signInAs(ctx.oauth, 'carol');
		const carol = { did, handle: 'carol.test', displayName: null, avatarUrl: null };
		await likeTrack(ctx, carol, trackId);
		const named = async () => (await listLikers(ctx, trackId)).likers[0];
		await waitUntil('it is known who that is', async () => (await named())?.handle !== null);
		const liker = await named();
		assert.deepEqual([liker?.did, liker?.handle, liker?.isArtist], [did, 'carol.test', false]);
		// what is old is looked up again, in the background: they have a profile elsewhere by now
		const displayName = 'Carol \u202eof the\n waters';
		await writePublicProfile(site.network.pdsUrl, 'carol', { displayName, color: '#336699' });
		await ctx.sql`update people set handle = 'old.test', resolved_at = now() - interval '2 days'`;
		assert.equal((await named())?.handle, 'old.test');
		await waitUntil('it is known again', async () => (await named())?.handle === 'carol.test');
		const { name, avatarUrl } = (await named()) ?? {};
		assert.equal(name, 'Carol of the waters');
		const imageId = /^\/images\/([0-9a-f]{16})\?/.exec(avatarUrl ?? '')?.[1];
		const kept = await ctx.sql`select 1 from images where image_id = ${imageId ?? ''}`;
		assert.equal(kept.length, 1, 'the picture is ours');
		await unlikeTrack(ctx, carol, trackId);
	});

	it('need a sign-in that allows them, and go on after the next one', async () => {
		const older = await openWithScope(ctx, 'atproto repo:fm.plyr.dev.track');
		try {
			await signInAlice(older.ctx);
			const refused = { status: 403, code: 'permission_needed', message: /sign in once more/ };
			await assert.rejects(likeTrack(ctx, alice, trackId), refused);
			// the server itself when we do not know better
			const { scope } = ctx.config.atproto;
			await ctx.db.updateTable('oauth_sessions').set({ scope }).execute();
			await assert.rejects(likeTrack(ctx, alice, trackId), refused);
			assert.equal((await facts(alice)).writes, 0);
		} finally {
			await older.close();
		}
		await signInAlice(ctx);
		await likeTrack(ctx, alice, trackId);
		assert.equal(await agree(alice), 1);
	});

	it('wait when the sign-in has ended before all was done, and go on after the next one', async () => {
		await likeTrack(ctx, alice, trackId);
		await unlikeTrack(ctx, alice, trackId);
		await ctx.oauth.revoke(alice.did);
		await assert.rejects(likeTrack(ctx, alice, trackId), { code: 'sign_in_again' });
		await settle(alice);
		assert.equal((await facts(alice)).writes, 1, 'it waits');
		await signInAlice(ctx);
		await waitUntil('it is done', async () => (await facts(alice)).writes === 0);
		assert.equal(await agree(alice), 0);
	});

	async function deleteInRepo(uri: string): Promise<void> {
		const agent = await ctx.oauth.agentFor(bob.did);
		const rkey = uri.split('/').at(-1) ?? '';
		const collection = 'fm.plyr.dev.like';
		await agent.com.atproto.repo.deleteRecord({ repo: bob.did, collection, rkey });
	}
});

type Call = 'putRecord' | 'deleteRecord';

/** The same application, whose calls of one kind never get an answer: lost on the way, or on the way back. */
function without(ctx: Context, call: Call, moment: 'before' | 'after' = 'before'): Context {
	const agentFor: Context['oauth']['agentFor'] = async (did) => {
		const { com } = await ctx.oauth.agentFor(did);
		const { repo } = com.atproto;
		const original: (...args: never[]) => Promise<unknown> = repo[call].bind(repo);
		const lost = async (...args: never[]) => {
			if (moment === 'after') await original(...args);
			throw new DOMException('no answer', 'TimeoutError');
		};
		Object.defineProperty(repo, call, { value: lost });
		return { com };
	};
	return { ...ctx, oauth: { ...ctx.oauth, agentFor } };
}
