import type { Transaction } from 'kysely';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { index, type Indexed, trackUri } from '#lib/server/atproto/records/track.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { deleteReleased, releaseImage } from '#lib/server/storage/release.ts';
import { findFactsByUri } from './fact-queries.ts';

/**
 * Takes a record of an artist's into the index, as it was read.
 * @param why for the log
 * @param also whatever is to be true together with it
 * @throws InvalidRecord
 */
export async function takeRecord(
	ctx: Context,
	{ did, rkey, cid, rev, record }: Omit<RepoRecord, 'uri'> & { did: string; rkey: string },
	why: string,
	also?: (trx: Transaction<Database>, result: Indexed) => Promise<void>
): Promise<Indexed> {
	const site = recordSite(ctx.config);
	const uri = trackUri(site, did, rkey);
	const before = (await findFactsByUri(ctx.db, [uri])).get(uri);
	const { result, keys } = await ctx.db.transaction().execute(async (trx) => {
		const indexed = await index(trx, site, { did, rkey, cid, rev, record });
		await also?.(trx, indexed);
		const reason = { who: did, why: `track ${before?.id} has other artwork` };
		const released = before?.image_id ? await releaseImage(trx, before.image_id, reason) : [];
		return { result: indexed, keys: released };
	});
	await deleteReleased(ctx, keys);
	ctx.log.info('record_taken', { did, recordUri: uri, cid, why, ...result });
	return result;
}
