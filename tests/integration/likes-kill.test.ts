import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { unlikeTrack } from '#lib/server/likes/unlike-track.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addHold, waitForHeld } from './killable-worker.ts';
import type { LikeOnce } from './like-once.ts';
import { signInAs } from './local-people.ts';
import { likeFacts, listLikeRecords, makeDue, waitUntil } from './like-steps.ts';

describe('a process that is killed between the two writes of a like', { timeout: 180_000 }, () => {
	let killable: KillableSite;
	let site: KillableSite['site'];
	let bob: Viewer;
	let trackId: number;
	let holdInsert: Awaited<ReturnType<typeof addHold>>;
	let holdDelete: Awaited<ReturnType<typeof addHold>>;

	before(async () => {
		killable = await startKillableSite();
		({ site } = killable);
		bob = await site.viewer('bob');
		({ id: trackId } = await site.publish(killable.alice.did));
		holdInsert = await addHold(killable.database, 'like', 'insert on likes');
		holdDelete = await addHold(killable.database, 'unlike', 'delete on likes');
	});
	after(() => killable.close());

	const records = () => listLikeRecords(site, bob.did);
	const facts = () => likeFacts(site.ctx, bob.did, trackId);

	/** Kills it when the repository is written and the index is about to be. */
	async function die(isLiked: boolean): Promise<void> {
		const release = await (isLiked ? holdInsert : holdDelete)();
		const child = start({ env: site.env, did: bob.did, trackId, isLiked });
		const exited = once(child, 'exit');
		await waitForHeld(killable.database);
		child.kill('SIGKILL');
		await exited;
		await release();
	}

	/** What the job finds a minute later. */
	async function settle(): Promise<void> {
		await makeDue(site.ctx, bob.did);
		await killable.database.sql`
			update pgboss.job set start_after = now() where name = 'likes' and state = 'created'`;
		await waitUntil('it is settled', async () => (await facts()).writes === 0);
	}

	it('has liked the track when the job is done: what the repository has is in the index', async () => {
		await die(true);
		assert.equal((await records()).length, 1);
		assert.deepEqual({ ...(await facts()), writes: null }, { ...NOTHING, writes: null });
		await settle();
		const [record] = await records();
		assert.deepEqual(await facts(), { uri: record?.uri, cid: record?.cid, count: 1, writes: 0 });
	});

	it('has unliked it: what the repository has no more is in no list', async () => {
		await die(false);
		assert.deepEqual(await records(), []);
		assert.equal((await facts()).count, 1);
		await settle();
		assert.deepEqual(await facts(), NOTHING);
		assert.deepEqual(await records(), []);
	});

	it('has done so, too, when the worker was killed again and again', async () => {
		await die(true);
		for (let times = 0; times < 2; times++) await killable.worker.restart();
		await settle();
		assert.equal((await records()).length, 1);
		assert.equal((await facts()).count, 1);
	});

	it('does not leave who likes it unknown: the next worker finds that out', async () => {
		const { did } = await signInAs(site.ctx.oauth, 'carol');
		const carol: Viewer = { did, handle: 'carol.test', displayName: null, avatarUrl: null };
		const hold = await addHold(
			killable.database,
			'person',
			'update on people',
			'new.handle is not null'
		);
		const release = await hold();
		await likeTrack(site.ctx, carol, trackId);
		await waitForHeld(killable.database);
		await killable.worker.kill();
		// what waits in the database would be done without it
		await killable.database.sql`
			select pg_terminate_backend(pid) from pg_locks
			where locktype = 'advisory' and mode = 'ShareLock' and not granted`;
		await release();
		killable.worker.start();
		await waitUntil('carol is known', async () => {
			const [row] = await killable.database.sql`select handle from people where did = ${did}`;
			return row?.['handle'] === 'carol.test';
		});
		await unlikeTrack(site.ctx, carol, trackId);
	});

	it('stands in nobody’s way: it may be liked and unliked before the job has come', async () => {
		await unlikeTrack(site.ctx, bob, trackId);
		await settle();
		await die(true);
		const [left] = await records();
		assert.equal(await likeTrack(site.ctx, bob, trackId), left?.uri, 'the same record');
		assert.equal((await records()).length, 1);
		await die(false);
		await unlikeTrack(site.ctx, bob, trackId);
		assert.deepEqual([(await records()).length, (await facts()).count], [0, 0]);
		await settle();
		assert.deepEqual(await facts(), NOTHING);
	});
});

const NOTHING = { uri: null, cid: null, count: 0, writes: 0 };

function start(told: LikeOnce): ChildProcess {
	const script = new URL('like-once.ts', import.meta.url).pathname;
	return spawn(process.execPath, [script, JSON.stringify(told)], {
		stdio: ['ignore', 'ignore', 'inherit']
	});
}
