import type { Updateable } from 'kysely';
import { type RecordSite, recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { UploadFindings, UploadStage, UploadTable } from '#lib/server/db/schema.ts';
import type { AudioFormat } from '#lib/server/media/formats.ts';
import { changeUpload, type UploadRow } from '../queries.ts';

/** What a stage works with. */
export interface StageWork {
	ctx: Context;
	site: RecordSite;
	upload: UploadRow;
	/** aborted when somebody else goes on with this upload, or the process stops */
	signal: AbortSignal;
}

/** Takes an upload from one stage to the next. May be killed anywhere and is then done again. */
export type Stage = (work: StageWork) => Promise<UploadRow>;

export const stageWork = (ctx: Context, upload: UploadRow, signal: AbortSignal): StageWork => ({
	ctx,
	site: recordSite(ctx.config),
	upload,
	signal
});

/** Where the streamable file made of an upload waits, beside the upload's own bytes. */
export const renditionStagingId = (uploadId: string) => `${uploadId}-rendition`;

/** Somebody else has gone on with the upload: what was found here is of no use any more. */
class Overtaken extends Error {
	constructor(uploadId: string) {
		super(`upload ${uploadId} was changed while it was worked on`);
		this.name = 'Overtaken';
	}
}

/**
 * Ends a stage: the row says so from the commit on. To be called in the transaction of whatever
 * else the stage writes.
 */
export async function advance(
	trx: Db,
	{ upload, signal }: StageWork,
	stage: UploadStage,
	change: Omit<Updateable<UploadTable>, 'findings' | 'stage'> & {
		message: string;
		findings?: UploadFindings;
	}
): Promise<UploadRow> {
	signal.throwIfAborted();
	const current = await trx
		.selectFrom('uploads')
		.select(['stage', 'status'])
		.where('id', '=', upload.id)
		.forUpdate()
		.executeTakeFirst();
	if (current?.stage !== upload.stage || current.status !== 'processing') {
		throw new Overtaken(upload.id);
	}
	const { findings, ...rest } = change;
	return await changeUpload(trx, upload.id, {
		...rest,
		stage,
		progress_pct: null,
		...(findings ? { findings: JSON.stringify(findings) } : {})
	});
}

/** `advance` for a stage that writes nothing else. */
export async function advanceAlone(
	work: StageWork,
	stage: UploadStage,
	change: Parameters<typeof advance>[3]
): Promise<UploadRow> {
	return await work.ctx.db
		.transaction()
		.execute(async (trx) => await advance(trx, work, stage, change));
}

/** A finding an earlier stage must have left. @throws Error: the stages are out of step */
export function found<T>(what: string, value: T | null | undefined): T {
	if (value === null || value === undefined) throw new Error(`the upload's ${what} is missing`);
	return value;
}

/** The format the inspection found. */
export const formatOf = ({ findings }: UploadRow) =>
	found('format', findings.format) as AudioFormat;
