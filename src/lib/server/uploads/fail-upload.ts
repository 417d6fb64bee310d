import type { Updateable } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { UploadTable } from '#lib/server/db/schema.ts';
import { type Fact, keepFact, sayFact } from '#lib/server/operator/facts.ts';
import { changeUpload, type UploadRow } from './queries.ts';

/** What writing down a failure takes. */
export type FailureContext = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'metrics'>;

/**
 * Ends an upload as failed, and lets the operator know.
 * @param error a sentence for the artist
 */
export async function failUpload(
	ctx: FailureContext,
	uploadId: string,
	{ code, error }: { code: string; error: string },
	also: Updateable<UploadTable> = {}
): Promise<UploadRow> {
	const { row, fact } = await ctx.db.transaction().execute(async (trx) => {
		const row = await changeUpload(trx, uploadId, {
			...also,
			status: 'failed',
			message: 'upload failed',
			error_code: code,
			error,
			progress_pct: null,
			completed_at: new Date()
		});
		const fact: Fact = {
			event: 'upload_failed',
			fields: { uploadId, stage: row.stage, code, did: row.artist_did }
		};
		await keepFact(ctx, trx, fact);
		return { row, fact };
	});
	sayFact(ctx, fact);
	ctx.metrics.uploadFailures.add(1, code);
	return row;
}
