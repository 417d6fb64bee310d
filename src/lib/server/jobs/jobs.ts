import { type RawBuilder, sql as statement } from 'kysely';
import { fromKysely, type SendOptions } from 'pg-boss';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { type BossWorld, startBoss } from './boss.ts';
import { withOrigin } from './observe-job.ts';
import {
	ACCOUNT_DELETIONS,
	type AccountDeletionJob,
	type AlbumJob,
	ALBUMS,
	DELIVERIES,
	type DeliveryJob,
	CATALOGUE,
	type CatalogueJob,
	type LikeJob,
	likeJobKey,
	LIKES,
	PEOPLE,
	type ReleaseJob,
	RELEASES,
	SMALLER_FILES,
	type SmallerFileJob,
	type TrackJob,
	trackJobKey,
	TRACKS,
	type UploadJob,
	UPLOADS
} from './queues.ts';
import {
	countJobs,
	type JobCount,
	type JobsStatus,
	type JobState,
	listWorkers,
	readStatus,
	type WorkerLife
} from './status.ts';
import { type UnfinishedJob, unfinishedJobs } from './unfinished.ts';
import { turnOf } from './turns.ts';
import { startWorker, type Worker } from './worker.ts';

/** Durable work: kept in Postgres, enqueued in the transaction of the row it is about. */
export interface Jobs {
	/** asks for an upload to be worked on; nothing is asked when the transaction is rolled back */
	enqueueUpload(trx: Db, uploadId: string): Promise<void>;
	/** asks for a release to be opened at a time; one that is not due by then stays closed */
	enqueueRelease(trx: Db, releaseId: string, at: Date): Promise<void>;
	/**
	 * asks for something to be done about a track, now or later
	 * @returns for `cancelTrack`
	 */
	enqueueTrack(trx: Db, job: TrackJob, afterSeconds?: number): Promise<string>;
	/** takes back what was asked for later */
	cancelTrack(trx: Db, jobId: string): Promise<void>;
	/** whether a job of this task is left for any of these tracks, also one that is tried again later */
	hasTrackJob(trx: Db, trackIds: readonly number[], task: TrackJob['task']): Promise<boolean>;
	/** asks for the operator to be told; what came of it is in the delivery's row */
	enqueueDelivery(trx: Db, deliveryId: string): Promise<void>;
	/**
	 * asks for an album and its record to be compared, now, so many seconds later or at a time
	 * @param isAnyway whether or not somebody says by then that they agree
	 */
	enqueueAlbum(
		trx: Db,
		albumId: string,
		startAfter?: number | Date,
		isAnyway?: boolean
	): Promise<void>;
	/** asks for what is wanted about an artist's catalogue to be done, now or later */
	enqueueCatalogue(trx: Db, did: string, afterSeconds?: number): Promise<void>;
	/**
	 * asks for a like's repository and the index to be made to agree, now or later
	 * @returns for `cancelLike`
	 */
	enqueueLike(trx: Db, job: LikeJob, afterSeconds?: number): Promise<string>;
	/** takes back what was asked for later */
	cancelLike(trx: Db, jobId: string): Promise<void>;
	/** asks for an account to be deleted, now or at a time, if that is still wanted then */
	enqueueAccountDeletion(trx: Db, did: string, at?: Date): Promise<void>;
	/** asks for the people to be looked up of whom that is wanted */
	enqueuePeople(trx: Db): Promise<void>;
	/** asks for the smaller file of a streamed one to be made, now or later */
	enqueueSmallerFile(trx: Db, fileId: string, afterSeconds?: number): Promise<void>;
	/** as a condition of a query: whether somebody has asked for it, and it is not done */
	isSmallerFileAskedFor(fileId: RawBuilder<string>): RawBuilder<boolean>;
	/** how many have been asked for and are not done */
	countSmallerFiles(db: Db): Promise<number>;
	/** starts taking jobs in this process */
	work(ctx: Context): Promise<void>;
	status(): Promise<JobsStatus>;
	/** what waits, is worked on or has failed */
	counts(): Promise<JobCount[]>;
	/** who takes jobs, in all processes */
	workers(): Promise<WorkerLife[]>;
	/** jobs of a queue in a state, in the order of their ids: those behind one, and at most so many */
	list(
		queue: string,
		state: JobState,
		afterId: string | null,
		limit: number
	): Promise<UnfinishedJob[]>;
	/** lets one that failed or waits be tried at once. @returns false: it is neither */
	retry(queue: string, id: string): Promise<boolean>;
	/** takes one away that nobody is at. @returns false: there is none */
	discard(queue: string, id: string): Promise<boolean>;
	/** stops taking jobs and hands back those under way, so that another process goes on at once */
	close(): Promise<void>;
}

/** How long jobs under way get to notice that this process stops. */
const STOP_LIMIT_MS = 2_500;

/** Opens the queues, making them on the first start. */
export async function openJobs({ sql, direct, log }: BossWorld): Promise<Jobs> {
	const boss = await startBoss({ sql, direct, log });
	let worker: Worker | undefined;
	/** Every job knows which request asked for it. */
	const send = (queue: string, job: object, options: SendOptions) =>
		boss.send(queue, withOrigin(job), options);
	return {
		async enqueueUpload(trx, uploadId) {
			const job: UploadJob = { uploadId };
			const turn = await turnOf(trx, uploadId);
			await send(UPLOADS, job, { singletonKey: uploadId, ...turn, db: fromKysely(trx) });
		},
		async enqueueRelease(trx, releaseId, at) {
			const job: ReleaseJob = { releaseId };
			await send(RELEASES, job, { startAfter: at, db: fromKysely(trx) });
		},
		async enqueueTrack(trx, job, afterSeconds = 0) {
			const singletonKey = trackJobKey(job);
			const options = { singletonKey, startAfter: afterSeconds, db: fromKysely(trx) };
			const id = await send(TRACKS, job, options);
			if (id === null) throw new Error(`the job ${singletonKey} was not taken`);
			return id;
		},
		async cancelTrack(trx, jobId) {
			await boss.deleteJob(TRACKS, jobId, { db: fromKysely(trx) });
		},
		async hasTrackJob(trx, trackIds, task) {
			const { rows } = await statement`
				select 1 from pgboss.job
				where name = ${TRACKS} and state < 'completed' and data ->> 'task' = ${task}
					and (data ->> 'trackId')::bigint = any(${[...trackIds]}::bigint[])
				limit 1`.execute(trx);
			return rows.length > 0;
		},
		async enqueueDelivery(trx, deliveryId) {
			const job: DeliveryJob = { deliveryId };
			await send(DELIVERIES, job, { singletonKey: deliveryId, db: fromKysely(trx) });
		},
		async enqueueAlbum(trx, albumId, startAfter = 0, isAnyway = false) {
			const job: AlbumJob = { albumId, isAnyway };
			await send(ALBUMS, job, { singletonKey: albumId, startAfter, db: fromKysely(trx) });
		},
		async enqueueCatalogue(trx, did, afterSeconds = 0) {
			const job: CatalogueJob = { did };
			const options = { singletonKey: did, startAfter: afterSeconds, db: fromKysely(trx) };
			await send(CATALOGUE, job, options);
		},
		async enqueueLike(trx, job, afterSeconds = 0) {
			const singletonKey = likeJobKey(job);
			const options = { singletonKey, startAfter: afterSeconds, db: fromKysely(trx) };
			const id = await send(LIKES, job, options);
			if (id === null) throw new Error(`the job of the like ${singletonKey} was not taken`);
			return id;
		},
		async cancelLike(trx, jobId) {
			await boss.deleteJob(LIKES, jobId, { db: fromKysely(trx) });
		},
		async enqueueAccountDeletion(trx, did, at) {
			const job: AccountDeletionJob = { did };
			const options = { singletonKey: did, db: fromKysely(trx), ...(at ? { startAfter: at } : {}) };
			await send(ACCOUNT_DELETIONS, job, options);
		},
		async enqueuePeople(trx) {
			// one that waits already will do
			await send(PEOPLE, {}, { db: fromKysely(trx) });
		},
		async enqueueSmallerFile(trx, fileId, afterSeconds = 0) {
			const since = new Date(Date.now() + afterSeconds * 1000).toISOString();
			const job: SmallerFileJob = { fileId, since };
			await send(SMALLER_FILES, job, { startAfter: afterSeconds, db: fromKysely(trx) });
		},
		isSmallerFileAskedFor: (fileId) => statement<boolean>`exists (
			select 1 from pgboss.job
			where name = ${SMALLER_FILES} and state < 'completed' and data ->> 'fileId' = ${fileId})`,
		async countSmallerFiles(db) {
			const { rows } = await statement<{ count: number }>`
				select count(*)::int as count from pgboss.job
				where name = ${SMALLER_FILES} and state < 'completed'`.execute(db);
			return rows[0]?.count ?? 0;
		},
		async work(ctx) {
			worker = await startWorker(ctx, boss);
		},
		status: () => readStatus(sql, boss),
		counts: () => countJobs(sql),
		workers: () => listWorkers(boss),
		...unfinishedJobs(sql),
		async close() {
			worker?.stop();
			await boss.stop({ graceful: true, timeout: STOP_LIMIT_MS, close: false });
			await worker?.close();
		}
	};
}
