import { writeAlbumAgain } from '#lib/server/albums/write-again.ts';
import { enqueueAlbumSync } from '#lib/server/albums/sync-album.ts';
import * as list from '#lib/server/atproto/records/list.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { buryRecord } from '#lib/server/atproto/records/tombstones.ts';
import { readRecord, readRevision } from '#lib/server/atproto/read-repo.ts';
import type { Context } from '#lib/server/context.ts';
import { findGone, tryDecodeList } from './judge-album.ts';
import type { ProblemRow } from './problem-queries.ts';

type AboutAlbum = Pick<ProblemRow, 'artist_did' | 'subject_uri' | 'album_id'>;

/** Takes what an album's record says into the index. @throws PdsUnavailable, PdsRefusal, InvalidRecord */
export async function takeAlbum(
	ctx: Context,
	{ artist_did: did, subject_uri: uri }: AboutAlbum,
	signal?: AbortSignal
): Promise<void> {
	const site = recordSite(ctx.config);
	const address = { did, collection: site.listCollection, rkey: rkeyOf(uri) };
	const rev = await readRevision(ctx, did, signal);
	const found = await readRecord(ctx, address, signal);
	if (!found) return;
	const event = { ...address, cid: found.cid, rev, record: found.record };
	const result = await ctx.db.transaction().execute((trx) => list.index(trx, site, event));
	ctx.log.info('record_taken', { did, recordUri: uri, why: 'repair: it differed', ...result });
}

/** Has the record of an album written again under its own key, by the job that keeps albums. */
export async function restoreAlbumRecord(
	ctx: Context,
	{ artist_did: did, subject_uri: uri, album_id: albumId }: AboutAlbum,
	signal?: AbortSignal
): Promise<void> {
	if (albumId === null) return;
	const collection = recordSite(ctx.config).listCollection;
	if (await readRecord(ctx, { did, collection, rkey: rkeyOf(uri) }, signal)) return;
	await writeAlbumAgain(ctx, albumId);
	ctx.log.info('album_record_wanted', { did, albumId, why: 'repair: it was missing' });
}

/** Has the tracks that are gone taken off an album's list, by the job that keeps albums. */
export async function dropGone(
	ctx: Context,
	{ artist_did: did, subject_uri: uri, album_id: albumId }: AboutAlbum,
	signal?: AbortSignal
): Promise<void> {
	if (albumId === null) return;
	const site = recordSite(ctx.config);
	const rev = await readRevision(ctx, did, signal);
	const found = await readRecord(
		ctx,
		{ did, collection: site.listCollection, rkey: rkeyOf(uri) },
		signal
	);
	const record = found && tryDecodeList(site, found.record);
	if (!record) return;
	const gone: string[] = [];
	for (const one of await findGone(ctx, { did, tracks: new Set() }, record.uris)) {
		const address = { did, collection: site.trackCollection, rkey: rkeyOf(one) };
		if (!(await readRecord(ctx, address, signal))) gone.push(one);
	}
	await ctx.db.transaction().execute(async (trx) => {
		for (const one of gone) await buryRecord(trx, one, rev);
		await enqueueAlbumSync(ctx, trx, albumId, 0);
	});
	ctx.log.info('album_items_dropped', { did, albumId, gone, why: 'repair: they are gone' });
}

const rkeyOf = (uri: string) => uri.slice(uri.lastIndexOf('/') + 1);
