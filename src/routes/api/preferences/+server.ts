import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { keepInCookie, preferencesInCookie } from '#lib/server/http/own-preferences.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { preferencesBody } from '#lib/server/preferences/preferences-body.ts';
import { changePreferences, getPreferences } from '#lib/server/preferences/preferences.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

const headers = { 'cache-control': 'private, no-cache' };

/** What the viewer has chosen. */
export const GET = api(async (event: RequestEvent) => {
	const viewer = requireSession(event);
	const inBrowser = preferencesInCookie(event);
	return json(await getPreferences(event.locals.ctx, viewer, inBrowser), { headers });
});

async function change(event: RequestEvent): Promise<Response> {
	const viewer = requireSession(event);
	const changed = await readJson(event, preferencesBody);
	const inBrowser = preferencesInCookie(event);
	const preferences = await changePreferences(event.locals.ctx, viewer, changed, inBrowser);
	keepInCookie(event, preferences);
	return json(preferences, { headers });
}

/** Changes what the viewer has chosen; what is absent stays. */
export const PATCH = api(change);

/** The same, as clients of the first api have it. */
export const POST = api(change);
