import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { FileRow } from './queries.ts';

/** A file of a release as its settling sees it. */
export type FileToSettle = Pick<FileRow, 'status' | 'stage' | 'error_code' | 'last_byte_at'> & {
	/** a request is writing its bytes at this moment */
	isSent: boolean;
};

/** The files of a release, in no order. */
export async function listFilesToSettle(trx: Db, releaseId: string): Promise<FileToSettle[]> {
	return await trx
		.selectFrom('uploads')
		.leftJoin('upload_leases', 'upload_leases.upload_id', 'uploads.id')
		.select(['status', 'stage', 'error_code', 'last_byte_at'])
		.select(sql<boolean>`coalesce(upload_leases.expires_at > now(), false)`.as('isSent'))
		.where('release_id', '=', releaseId)
		.execute();
}

/** The uploads of a release that wait for it to be settled. */
export async function listWaitingToSettle(trx: Db, releaseId: string): Promise<string[]> {
	const rows = await trx
		.selectFrom('uploads')
		.select('id')
		.where('release_id', '=', releaseId)
		.where('status', '=', 'waiting')
		.where('error_code', '=', 'unsettled')
		.orderBy('id')
		.execute();
	return rows.map((row) => row.id);
}

/** Releases that uploads wait for to be settled, the one that is waited for longest first. */
export async function listUnsettled(db: Db): Promise<string[]> {
	const rows = await db
		.selectFrom('uploads')
		.select('release_id')
		.where('status', '=', 'waiting')
		.where('error_code', '=', 'unsettled')
		.groupBy('release_id')
		.orderBy((eb) => eb.fn.min('updated_at'))
		.limit(100)
		.execute();
	return rows.flatMap((row) => row.release_id ?? []);
}
