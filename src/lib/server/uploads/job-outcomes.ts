import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { type FailureContext, failUpload } from './fail-upload.ts';
import { addFindings, changeUpload, findUpload } from './queries.ts';

type Outcomes = Pick<Context, 'db' | 'jobs'>;

/** Shown while an upload waits for a worker. */
const QUEUED = 'upload queued for processing';

/** Makes an unfinished upload anybody's to go on with, because this process stops. */
export async function handBack(ctx: Outcomes, uploadId: string): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		const upload = await findUpload(trx, uploadId);
		if (upload?.status !== 'processing' && upload?.status !== 'pending') return;
		await changeUpload(trx, uploadId, { status: 'pending', message: QUEUED, progress_pct: null });
		await ctx.jobs.enqueueUpload(trx, uploadId);
	});
}

/** Says why it takes longer: something did not work, and it is tried again by itself. */
export async function sayTryingAgain(
	ctx: Outcomes,
	uploadId: string,
	cause: unknown
): Promise<void> {
	const upload = await findUpload(ctx.db, uploadId);
	if (upload?.status !== 'processing') return;
	// the sentence of an error that was meant for people; of others nobody would be wiser
	const why = cause instanceof DomainError ? cause.message : 'something went wrong on our side';
	const reason = why.replace(/[.;,] (try|please) again.*$/, '');
	await changeUpload(ctx.db, uploadId, {
		status: 'pending',
		message: `${reason}. your upload is kept and tried again by itself`,
		error_code: cause instanceof DomainError ? cause.code : 'internal_error',
		progress_pct: null
	});
}

/** Ends an upload that could not be published in more than a day of trying; its bytes are kept. */
export async function giveUp(ctx: FailureContext, uploadId: string): Promise<void> {
	await end(
		ctx,
		uploadId,
		'this upload could not be finished although we tried for a day. your file is kept: try again'
	);
}

/** A file during whose processing we died this often may well be the reason. */
const MAX_INTERRUPTIONS = 20;

/**
 * Remembers that a process died while it worked on an upload, and ends one that goes on killing
 * processes: it must not keep everybody else's from being finished.
 * @returns how often it has happened
 */
export async function countInterruption(ctx: FailureContext, uploadId: string): Promise<number> {
	const upload = await findUpload(ctx.db, uploadId);
	if (upload?.status !== 'processing') return 0;
	const interruptions = (upload.findings.interruptions ?? 0) + 1;
	await addFindings(ctx.db, uploadId, { interruptions });
	if (interruptions >= MAX_INTERRUPTIONS) {
		const sentence = `our server stopped ${interruptions} times while it worked on this file, so it was put aside. your file is kept: try again, or send it in another format`;
		await end(ctx, uploadId, sentence);
	}
	return interruptions;
}

async function end(ctx: FailureContext, uploadId: string, error: string): Promise<void> {
	const upload = await findUpload(ctx.db, uploadId);
	if (!upload || upload.status === 'completed' || upload.status === 'failed') return;
	await failUpload(ctx, uploadId, { code: 'gave_up', error });
}
