import type { Updateable } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { UploadFields, UploadTable } from '#lib/server/db/schema.ts';
import { announce } from '#lib/server/events/hub.ts';
import { changeUpload, type UploadRow } from './queries.ts';
import { resumeUpload } from './resume.ts';
import { discardStaged } from './stages/store.ts';

/** What a release says about one of its uploads; what is absent stays. */
export interface UploadInRelease {
	fields?: UploadFields;
	/** 1-based */
	position?: number;
}

/** Writes down what a release says about one of its uploads. */
export async function setUploadInRelease(
	trx: Db,
	id: string,
	{ fields, position }: UploadInRelease
): Promise<void> {
	const change: Updateable<UploadTable> = {
		...(fields ? { fields: JSON.stringify(fields) } : {}),
		...(position === undefined ? {} : { release_position: position })
	};
	if (Object.keys(change).length > 0) await changeUpload(trx, id, change);
}

/** Keeps the statement of rights of a release with its uploads: nobody who follows them sees a change. */
export async function keepRightsStatement(
	trx: Db,
	releaseId: string,
	confirmedAt: Date
): Promise<void> {
	await trx
		.updateTable('uploads')
		.set({ rights_confirmed_at: confirmedAt })
		.where('release_id', '=', releaseId)
		.execute();
}

/**
 * The uploads of a release, locked until the transaction ends; the release is locked before. Not
 * against references: a file that begins to arrive holds the artist's lock and refers to its upload,
 * and a new file of the release takes both the other way round.
 */
export async function lockUploadsOfRelease(trx: Db, releaseId: string): Promise<UploadRow[]> {
	return await trx
		.selectFrom('uploads')
		.selectAll()
		.where('release_id', '=', releaseId)
		.orderBy('id')
		.forNoKeyUpdate()
		.execute();
}

/**
 * Lets the uploads that wait for their release go on, or says what they wait for by now.
 * @param hold null: the release is open
 */
export async function releaseUploads(
	ctx: Pick<Context, 'db' | 'jobs'>,
	trx: Db,
	uploads: readonly UploadRow[],
	hold: { code: 'draft' | 'scheduled'; message: string } | null
): Promise<void> {
	for (const { id, status, error_code: code } of uploads) {
		if (status !== 'waiting' || (code !== 'draft' && code !== 'scheduled')) continue;
		if (!hold) await resumeUpload(ctx, trx, id);
		else await changeUpload(trx, id, { error_code: hold.code, message: hold.message });
	}
}

/** Removes uploads of a release of which nothing is published, in whatever state they are. */
export async function deleteUploads(trx: Db, uploads: readonly UploadRow[]): Promise<void> {
	for (const { id, artist_did: did } of uploads) {
		await trx.deleteFrom('uploads').where('id', '=', id).execute();
		await announce(trx, { topic: 'upload', id, did });
	}
}

/** Frees the bytes of removed uploads. What a worker stages after this goes with its job. */
export async function discardBytes(
	ctx: Pick<Context, 'storage'>,
	uploads: readonly Pick<UploadRow, 'id'>[]
): Promise<void> {
	for (const { id } of uploads) await discardStaged(ctx, id);
}
