import type { RequestEvent } from '@sveltejs/kit';
import { type PreferencesJson, preferencesToJson } from '#lib/preferences/preferences-json.ts';
import { readPreferencesForm } from '#lib/server/preferences/preferences-form.ts';
import { changePreferences } from '#lib/server/preferences/preferences.ts';
import { keepInCookie, preferencesOf } from './own-preferences.ts';

/**
 * Takes what the form of the settings says: for the account of who is signed in, else for their
 * browser.
 * @throws DomainError 422 naming the field that does not fit
 */
export async function saveSettings(event: RequestEvent): Promise<void> {
	const { ctx, viewer } = event.locals;
	const before = preferencesToJson(preferencesOf(event));
	const change = readPreferencesForm(await event.request.formData(), before);
	const all: PreferencesJson = Object.assign({ ...before }, change);
	keepInCookie(event, viewer ? await changePreferences(ctx, viewer, change, all) : all);
}
