import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/**
 * Whether there are files in a release that may yet say something: bytes that are arriving, and
 * files that wait to be read. One that broke off, or could not be read so far, is waited for by nobody.
 * @param arrivalEnd until then those that are arriving count
 */
export async function hasUnreadFiles(
	trx: Db,
	releaseId: string,
	arrivalEnd: Date
): Promise<boolean> {
	const unread = await trx
		.selectFrom('uploads')
		.leftJoin('upload_leases', 'upload_leases.upload_id', 'uploads.id')
		.select('uploads.id')
		.where('release_id', '=', releaseId)
		.where((eb) =>
			eb.or([
				eb.and([
					eb('status', 'in', ['pending', 'processing']),
					eb('stage', '=', 'received'),
					eb('error_code', 'is', null)
				]),
				eb.and([
					eb('status', '=', 'receiving'),
					eb(sql<Date>`now()`, '<', arrivalEnd),
					eb.or([
						eb('upload_leases.expires_at', '>', sql<Date>`now()`),
						// between two requests nobody has the lease
						eb('uploads.updated_at', '>', sql<Date>`now() - interval '10 seconds'`)
					])
				])
			])
		)
		.limit(1)
		.executeTakeFirst();
	return unread !== undefined;
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
