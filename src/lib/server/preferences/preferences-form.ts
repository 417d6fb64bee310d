import type { z } from 'zod';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { preferencesBody } from './preferences-body.ts';

/**
 * What the form of the settings says.
 * @param before what was chosen when it was shown
 * @throws DomainError 422 naming the field that does not fit
 */
export function readPreferencesForm(
	form: FormData,
	before: PreferencesJson
): z.output<typeof preferencesBody> {
	const text = (name: string) => {
		const value = form.get(name);
		return typeof value === 'string' ? value.trim() : '';
	};
	const parsed = preferencesBody.safeParse({
		accent_color: accentOf(text, before.accent_color),
		theme: text('theme'),
		auto_advance: form.has('auto_advance'),
		gapless: form.has('gapless'),
		crossfade_seconds: Number(text('crossfade_seconds') || NaN),
		level_volume: text('level_volume'),
		reduced_data: text('reduced_data'),
		show_explicit_artwork: form.has('show_explicit_artwork'),
		skip_explicit: form.has('skip_explicit')
	});
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw unprocessable(String(issue?.path[0] ?? 'form'), issue?.message ?? 'it does not fit');
}

/** There are three ways to say it: the button of a color, else the field that was changed. */
function accentOf(text: (name: string) => string, before: string): string {
	if (text('preset') !== '') return text('preset');
	const hex = text('accent_hex').toLowerCase();
	const written = hex === '' || hex.startsWith('#') ? hex : `#${hex}`;
	return written === '' || written === before ? text('accent_color') : written;
}
