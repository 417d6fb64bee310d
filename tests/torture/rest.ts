import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#lib/server/context.ts';
import { sweepObjects, sweepStrayObjects } from '#lib/server/storage/sweep-objects.ts';
import { sweepUploads } from '#lib/server/uploads/sweep.ts';
import { hurryJobs, QUEUES } from './killing.ts';
import type { Model } from './model.ts';
import { finishReleases } from './release-actions.ts';
import { discard } from './sending-actions.ts';
import type { TortureSite } from './site.ts';
import { lookOnce } from './watching.ts';

const REST_LIMIT_MS = 180_000;
const PAUSE_MS = 500;

/** Waits until nothing is under way any more, or for three minutes: then what is is a finding. */
export async function comeToRest(site: TortureSite, model: Model): Promise<void> {
	for (const upload of model.uploads.values()) {
		if (upload.state === 'sending') await discard(model, upload);
	}
	await finishReleases(model);
	const endsAt = Date.now() + REST_LIMIT_MS;
	while (Date.now() < endsAt) {
		await hurryJobs(site);
		await lookOnce(model);
		const isOpen = [...model.uploads.values()].some(({ state }) => state === 'accepted');
		if (!isOpen && (await isAtRest(site))) return;
		await sleep(PAUSE_MS);
	}
}

export async function isAtRest({ database }: Pick<TortureSite, 'database'>): Promise<boolean> {
	const [busy] = await database.sql`
		select 1 from pgboss.job where state < 'completed' and name = any(${QUEUES})
		union all
		select 1 from tracks where visibility = 'deleting'
		union all
		select 1 from albums where deletion is not null or (rkey is not null and sync_done < sync_wanted)
		union all
		select 1 from uploads where status in ('pending', 'processing', 'waiting')
		limit 1`;
	return busy === undefined;
}

/** Sweeps as if days had passed, until there is nothing left to remove. */
export async function sweepEverything(
	ctx: Context,
	{ database }: Pick<TortureSite, 'database'>
): Promise<void> {
	// what was begun and given up
	await database.sql`
		update uploads set expires_at = now() - interval '1 second', created_at = now() - interval '1 day'
		where status = 'receiving'`;
	await database.sql`delete from upload_leases where expires_at < now()`;
	const ages = { unusedMs: 0, releasedMs: 0, deletedMs: 0 };
	for (let removed = 1; removed > 0;) {
		// a file of a release waits some weeks to be chosen again
		await database.sql`
			update uploads set updated_at = now() - interval '1 year'
			where status = 'receiving' and error_code = 'not_received'`;
		const { abandoned, orphans } = await sweepUploads(ctx, undefined, 0);
		const { unreferenced, released } = await sweepObjects(ctx, undefined, ages);
		const strays = await sweepStrayObjects(ctx, undefined, ages);
		removed = abandoned + orphans + unreferenced + released + strays;
	}
	await ctx.storage.removeUnfinished(new Date());
}
