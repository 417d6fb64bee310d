import type { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Context } from '#lib/server/context.ts';
import { type preferencesBody, readKept } from './preferences-body.ts';
import { findPreferences, writePreferences } from './queries.ts';

type Reader = Pick<Context, 'db'>;

/**
 * What somebody has chosen.
 * @param inBrowser what their browser knows, which counts as long as the account knows nothing
 */
export async function getPreferences(
	ctx: Reader,
	viewer: Viewer,
	inBrowser: PreferencesJson = readKept(null)
): Promise<PreferencesJson> {
	return (await findPreferences(ctx.db, viewer.did)) ?? inBrowser;
}

/**
 * Changes what somebody has chosen, for all their devices; what is absent stays.
 * @param inBrowser as for `getPreferences`
 */
export async function changePreferences(
	ctx: Reader,
	viewer: Viewer,
	change: z.output<typeof preferencesBody>,
	inBrowser: PreferencesJson = readKept(null)
): Promise<PreferencesJson> {
	return await writePreferences(ctx.db, viewer.did, change, inBrowser);
}
