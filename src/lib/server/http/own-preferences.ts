import type { RequestEvent } from '@sveltejs/kit';
import { PREFERENCES_COOKIE } from '#lib/preferences/preferences-cookie.ts';
import { preferencesFromJson, type PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Preferences } from '#lib/preferences/preferences.ts';
import { readKept } from '#lib/server/preferences/preferences-body.ts';
import { setPreferencesCookie } from './cookies.ts';

/** What this browser knows of what was chosen in it. */
export function preferencesInCookie(event: Pick<RequestEvent, 'cookies'>): PreferencesJson {
	try {
		return readKept(JSON.parse(event.cookies.get(PREFERENCES_COOKIE) ?? 'null'));
	} catch {
		return readKept(null);
	}
}

/** Lets this browser know what was chosen, so that it is so also for who signs out. */
export function keepInCookie(event: RequestEvent, preferences: PreferencesJson): void {
	setPreferencesCookie(event.cookies, event.locals.ctx.config, JSON.stringify(preferences));
}

/** What counts for whoever asks: what their account knows, else what their browser does. */
export function preferencesOf(event: Pick<RequestEvent, 'cookies' | 'locals'>): Preferences {
	const ofAccount = event.locals.session?.preferences;
	return preferencesFromJson(ofAccount ? readKept(ofAccount) : preferencesInCookie(event));
}

/** Whether whoever asks is to get fewer bytes, as far as the server can know. */
export function isDataReduced(
	event: Pick<RequestEvent, 'cookies' | 'locals' | 'request'>
): boolean {
	const { reducedData } = preferencesOf(event);
	const asksForLess = event.request.headers.get('save-data') === 'on';
	return reducedData === 'on' || (reducedData === 'auto' && asksForLess);
}
