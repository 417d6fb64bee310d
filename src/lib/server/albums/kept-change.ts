import { TID } from '@atproto/common-web';
import type { Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { AlbumChange, Database } from '#lib/server/db/schema.ts';
import { mergeChanges } from './merge-changes.ts';
import { type AlbumRow, changeAlbumRow } from './queries.ts';
import { enqueueAlbumSync } from './sync-album.ts';

/** Keeps a change for the job that writes the album's record, which there will be from now on. */
export async function keepForRecord(
	ctx: Pick<Context, 'jobs'>,
	trx: Transaction<Database>,
	album: Pick<AlbumRow, 'id' | 'rkey' | 'kept_change'>,
	change: AlbumChange
): Promise<void> {
	await changeAlbumRow(trx, album.id, {
		kept_change: JSON.stringify(mergeChanges(album.kept_change, change)),
		rkey: album.rkey ?? TID.nextStr()
	});
	await enqueueAlbumSync(ctx, trx, album.id, 0);
}
