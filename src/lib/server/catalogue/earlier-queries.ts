import type { Db } from '#lib/server/db/connect.ts';

/** Gives an earlier version the file that was made of the same upload. */
export async function giveEarlierFile(db: Db, revisionId: number, fileId: string): Promise<void> {
	await db
		.updateTable('track_revisions')
		.set({ file_id: fileId })
		.where('id', '=', revisionId)
		.execute();
}

export async function dropEarlier(db: Db, revisionId: number): Promise<void> {
	await db.deleteFrom('track_revisions').where('id', '=', revisionId).execute();
}
