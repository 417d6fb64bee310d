import { sql } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Transcoder } from '#lib/server/media/transcoder.ts';
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

/**
 * Goes on with the uploads that wait for something which has ended without anybody saying so: a
 * sign-in that came between the failed write and the moment the upload was parked, a release that
 * is published or open by now, a transcoder that is there again. They are looked for in one read.
 * @returns how many go on
 */
export async function resumeEnded(
	ctx: Resumer & { transcoder: Pick<Transcoder, 'capabilities'> }
): Promise<number> {
	const ended = await whatEnded(ctx.db).execute();
	const resumed = await resumeAll(
		ctx,
		ended.filter((upload) => !needsTranscoder(upload))
	);
	const unconverted = ended.filter(needsTranscoder);
	// asked last, as it may take its time to say so
	if (unconverted.length === 0 || !(await ctx.transcoder.capabilities()).ffmpeg) return resumed;
	return resumed + (await resumeAll(ctx, unconverted));
}

const needsTranscoder = ({ error_code: code }: { error_code: string | null }) =>
	code === 'needs_transcoder';

/** The query itself, so that a test can ask the database how it would be carried out. */
export const whatEnded = (db: Db) =>
	db
		.selectFrom(released(db).limit(1000).as('released'))
		.selectAll()
		// each kind has a limit of its own: none keeps the others from going on
		.unionAll(db.selectFrom(signedIn(db).limit(100).as('signed_in')).selectAll())
		.unionAll(db.selectFrom(awaitingTranscoder(db).limit(100).as('unconverted')).selectAll());

/** Those whose release is published or open. */
const released = (db: Db) =>
	db
		.selectFrom('uploads')
		.innerJoin('releases', 'releases.id', 'uploads.release_id')
		.select(['uploads.id', 'uploads.error_code'])
		.where('uploads.status', '=', 'waiting')
		.where('uploads.error_code', 'in', ['draft', 'scheduled'])
		.where('releases.status', '=', 'published')
		.where((eb) =>
			eb.or([
				eb('uploads.error_code', '=', 'draft'),
				eb('release_at', 'is', null),
				eb('release_at', '<=', sql<Date>`now()`)
			])
		);

/** Those whose artist has signed in after they began to wait. */
const signedIn = (db: Db) =>
	db
		.selectFrom('uploads')
		.innerJoin('oauth_sessions', 'oauth_sessions.did', 'uploads.artist_did')
		.select(['uploads.id', 'uploads.error_code'])
		.where('uploads.status', '=', 'waiting')
		.where('uploads.error_code', '=', 'sign_in_again')
		.where('oauth_sessions.updated_at', '>', sql<Date>`uploads.heartbeat_at`);

const awaitingTranscoder = (db: Db) =>
	db
		.selectFrom('uploads')
		.select(['uploads.id', 'uploads.error_code'])
		.where('uploads.status', '=', 'waiting')
		.where('uploads.error_code', '=', 'needs_transcoder');

/** Goes on with the uploads of a release that is published or open by now. @returns how many */
export async function resumeReleased(ctx: Resumer, releaseId: string): Promise<number> {
	const waiting = released(ctx.db).where('releases.id', '=', releaseId);
	return await resumeAll(ctx, await waiting.execute());
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
