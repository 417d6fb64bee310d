import { sql } from 'kysely';
import type { Job, PgBoss } from 'pg-boss';
import { resumeSignedInAlbums, syncAlbum } from '#lib/server/albums/sync-album.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { freeJobs } from './orphans.ts';
import { type AlbumJob, ALBUMS } from './queues.ts';
import { takeJobs } from './take-jobs.ts';
import type { WorkLocks } from './work-locks.ts';

interface Parts {
	ctx: Context;
	boss: PgBoss;
	locks: WorkLocks;
	/** aborted when this process is about to stop */
	stopping: AbortSignal;
}

const lockOf = ({ albumId }: AlbumJob) => `album:${albumId}`;

/** One server that does not answer must not hold up everybody else's albums. */
const ALBUMS_AT_ONCE = 4;

/** Works on the jobs about albums. `watch`: to be called now and then, finds what nobody works on. */
export async function startAlbumWorker(parts: Parts): Promise<{ watch(): Promise<void> }> {
	const { ctx, boss, locks } = parts;
	await takeJobs<AlbumJob>(ctx, boss, ALBUMS, { atOnce: ALBUMS_AT_ONCE }, (job) =>
		workOnAlbum(parts, job)
	);
	return {
		async watch() {
			for (const { albumId } of await freeJobs(ctx, boss, locks, ALBUMS, lockOf)) {
				ctx.log.warn('album_job_of_dead_worker_freed', { albumId });
			}
			for (const albumId of await findForgottenAlbums(ctx)) {
				ctx.log.warn('album_without_job_enqueued', { albumId });
				await ctx.jobs.enqueueAlbum(ctx.db, albumId);
			}
			await resumeSignedInAlbums(ctx);
		}
	};
}

/** What it throws makes pg-boss try again, later and later. */
async function workOnAlbum({ ctx, locks, stopping }: Parts, job: Job<AlbumJob>): Promise<void> {
	const { albumId } = job.data;
	const log = ctx.log.child({ albumId, attempt: job.retryCount + 1 });
	const lock = await locks.take(lockOf(job.data));
	if (!lock) throw new Error(`album ${albumId} is being worked on elsewhere`);
	const signal = AbortSignal.any([stopping, lock.signal, job.signal]);
	try {
		await syncAlbum({ ...ctx, log }, albumId, signal, job.data.isAnyway);
	} catch (cause) {
		log.warn('album_tried_again_later', describeError(cause));
		throw cause;
	} finally {
		await lock.release();
	}
}

/** A deletion whose job has just ended is waited out: not asked for again and again. */
const REST_SECONDS = 60;

/**
 * Albums that have no job, because it was given up: those whose record is not as it ought to be and
 * waits for nothing, and all that are deleted, unless a sign-in is missing.
 */
async function findForgottenAlbums(ctx: Pick<Context, 'db'>): Promise<string[]> {
	const { rows } = await forgottenAlbums.execute(ctx.db);
	return rows.map((row) => row.id);
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export const forgottenAlbums = sql<{ id: string }>`
	select id from (
		select id, false as is_deleted from albums
		where sync_wanted > sync_done
			and deletion is null and waiting_code is null and rkey is not null
		union all
		select id, true from albums
		where deletion is not null and (
			waiting_code is distinct from 'sign_in_again'
			or exists (select 1 from oauth_sessions where did = albums.artist_did))
	) unfinished
	where not exists (
		select 1 from pgboss.job
		where name = ${ALBUMS} and singleton_key = unfinished.id::text and (
			state < 'completed'
			or is_deleted and completed_on > now() - make_interval(secs => ${REST_SECONDS}))
	)
	limit 100`;
