import type { Context } from '#lib/server/context.ts';
import { findImageRow, setRenditions } from './queries.ts';
import { withEarlierNames } from './renditions.ts';

/**
 * Makes a picture one of the objects that are left of it. Given again, the same picture is
 * completed.
 * @param keys of the objects that are there
 */
export async function keepOnly(
	ctx: Pick<Context, 'db' | 'log'>,
	imageId: string,
	keys: ReadonlySet<string>
): Promise<void> {
	const row = await findImageRow(ctx.db, imageId);
	if (!row) return;
	const left = Object.entries(row.renditions).filter(([, key]) => keys.has(key));
	if (left.length === Object.keys(row.renditions).length) return;
	await setRenditions(ctx.db, imageId, withEarlierNames(Object.fromEntries(left)));
	ctx.log.info('renditions_dropped', {
		imageId,
		left: keys.size,
		why: 'repair: they were missing'
	});
}
