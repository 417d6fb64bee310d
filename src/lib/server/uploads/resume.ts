import { sql } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { changeUpload } from './queries.ts';

type Resumer = Pick<Context, 'db' | 'jobs'>;

/**
 * Goes on with an artist's uploads that wait for a sign-in. To be called when somebody has signed
 * in; calling it for nothing is harmless.
 * @returns how many go on
 */
export async function resumeWaitingUploads(ctx: Resumer, did: string): Promise<number> {
	const waiting = await ctx.db
		.selectFrom('uploads')
		.select('id')
		.where('status', '=', 'waiting')
		.where('error_code', '=', 'sign_in_again')
		.where('artist_did', '=', did)
		.execute();
	return await resumeAll(ctx, waiting);
}

/** Goes on with the uploads that wait for a transcoder, because there is one now. */
export async function resumeWithTranscoder(
	ctx: Resumer & Pick<Context, 'transcoder'>
): Promise<number> {
	const waiting = await ctx.db
		.selectFrom('uploads')
		.select('id')
		.where('status', '=', 'waiting')
		.where('error_code', '=', 'needs_transcoder')
		.limit(100)
		.execute();
	if (waiting.length === 0) return 0;
	const { ffmpeg } = await ctx.transcoder.capabilities();
	return ffmpeg ? await resumeAll(ctx, waiting) : 0;
}

/**
 * Goes on with the uploads whose artist has signed in after they began to wait: a sign-in that
 * came between the failed write and the moment the upload was parked.
 */
export async function resumeSignedIn(ctx: Resumer): Promise<number> {
	const waiting = await ctx.db
		.selectFrom('uploads')
		.innerJoin('oauth_sessions', 'oauth_sessions.did', 'uploads.artist_did')
		.select('uploads.id')
		.where('status', '=', 'waiting')
		.where('error_code', '=', 'sign_in_again')
		.where('oauth_sessions.updated_at', '>', sql<Date>`uploads.heartbeat_at`)
		.limit(100)
		.execute();
	return await resumeAll(ctx, waiting);
}

/**
 * Goes on with the uploads that wait for a release which is published or open by now.
 * @param releaseId only this one; absent: all
 */
export async function resumeReleased(ctx: Resumer, releaseId?: string): Promise<number> {
	const waiting = await ctx.db
		.selectFrom('uploads')
		.innerJoin('releases', 'releases.id', 'uploads.release_id')
		.select('uploads.id')
		.where('uploads.status', '=', 'waiting')
		.where('releases.status', '=', 'published')
		.where((eb) =>
			eb.or([
				eb('error_code', '=', 'draft'),
				eb.and([
					eb('error_code', '=', 'scheduled'),
					eb.or([eb('release_at', 'is', null), eb('release_at', '<=', sql<Date>`now()`)])
				])
			])
		)
		.$if(releaseId !== undefined, (query) => query.where('releases.id', '=', String(releaseId)))
		.limit(1000)
		.execute();
	return await resumeAll(ctx, waiting);
}

async function resumeAll(ctx: Resumer, uploads: { id: string }[]): Promise<number> {
	let resumed = 0;
	for (const { id } of uploads) {
		const isResumed = await ctx.db.transaction().execute((trx) => resumeUpload(ctx, trx, id));
		if (isResumed) resumed++;
	}
	return resumed;
}

/** Makes a waiting upload go on; false when it does not wait any more. */
export async function resumeUpload(ctx: Resumer, trx: Db, id: string): Promise<boolean> {
	const waiting = await trx
		.selectFrom('uploads')
		.select('id')
		.where('id', '=', id)
		.where('status', '=', 'waiting')
		.forUpdate()
		.executeTakeFirst();
	if (!waiting) return false;
	await changeUpload(trx, id, {
		status: 'pending',
		message: 'going on with your upload',
		error: null,
		error_code: null
	});
	await ctx.jobs.enqueueUpload(trx, id);
	return true;
}
