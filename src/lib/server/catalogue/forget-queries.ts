import type { ProblemKind } from '#lib/catalogue/catalogue.ts';
import type { Db } from '#lib/server/db/connect.ts';

export async function deleteProblemsOfTrack(
	db: Db,
	trackId: number,
	kinds: readonly ProblemKind[]
): Promise<void> {
	await db
		.deleteFrom('track_problems')
		.where('track_id', '=', trackId)
		.where('kind', 'in', kinds)
		.execute();
}

export async function deleteProblemsOfAlbum(
	db: Db,
	albumId: string,
	kinds: readonly ProblemKind[]
): Promise<void> {
	await db
		.deleteFrom('track_problems')
		.where('album_id', '=', albumId)
		.where('kind', 'in', kinds)
		.execute();
}
