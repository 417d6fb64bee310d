import type { Db } from '#lib/server/db/connect.ts';
import { USELESS } from './failures.ts';
import type { UploadRow } from './queries.ts';

/** What of the releases an album was made of is no track yet and may become one. */
const selectRest = (db: Db, albumId: string) =>
	db
		.selectFrom('uploads')
		.innerJoin('releases', 'releases.id', 'uploads.release_id')
		.where('releases.album_id', '=', albumId)
		.where('uploads.status', '<>', 'completed')
		.where((eb) =>
			eb.or([eb('uploads.error_code', 'is', null), eb('uploads.error_code', 'not in', USELESS)])
		);

/** How many files of an album are still on their way: with its tracks, they are deleted, too. */
export async function countRest(db: Db, albumId: string): Promise<number> {
	const { count } = await selectRest(db, albumId)
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.executeTakeFirstOrThrow();
	return count;
}

/** Those of an album that is deleted with its tracks which nobody works on. */
export async function listRest(db: Db, albumId: string): Promise<UploadRow[]> {
	return await selectRest(db, albumId)
		.selectAll('uploads')
		.where('releases.album_deletion', '=', 'with_tracks')
		.where('uploads.status', '<>', 'processing')
		.orderBy('uploads.id')
		.execute();
}
