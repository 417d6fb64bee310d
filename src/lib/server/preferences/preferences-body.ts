import { z } from 'zod';
import {
	CROSSFADE_MAX_SECONDS,
	DEFAULT_PREFERENCES,
	LEVELS,
	REDUCED_DATA,
	THEMES
} from '#lib/preferences/preferences.ts';
import { type PreferencesJson, preferencesToJson } from '#lib/preferences/preferences-json.ts';

const oneOf = <T extends readonly [string, ...string[]]>(values: T) =>
	z.enum(values, { errorMap: () => ({ message: `it is one of ${values.join(', ')}` }) });
const yesOrNo = z.boolean({ errorMap: () => ({ message: 'it is true or false' }) });
const CROSSFADE = `it is a whole number of seconds from 0 to ${CROSSFADE_MAX_SECONDS}`;

const shape = z
	.object({
		accent_color: z
			.string({ errorMap: () => ({ message: 'a color is written #rrggbb' }) })
			.regex(/^#[0-9a-f]{6}$/i, 'a color is written #rrggbb, such as #6a9fff')
			.transform((color) => color.toLowerCase()),
		theme: oneOf(THEMES),
		auto_advance: yesOrNo,
		gapless: yesOrNo,
		crossfade_seconds: z
			.number({ errorMap: () => ({ message: CROSSFADE }) })
			.int(CROSSFADE)
			.min(0, CROSSFADE)
			.max(CROSSFADE_MAX_SECONDS, CROSSFADE),
		level_volume: oneOf(LEVELS),
		reduced_data: oneOf(REDUCED_DATA),
		show_explicit_artwork: yesOrNo,
		skip_explicit: yesOrNo
	})
	.strict();

/** What `POST` and `PATCH /api/preferences/` take: what is absent stays. */
export const preferencesBody = shape.partial();

/** What is kept somewhere, where anything may stand: what does not fit is as it is for everybody. */
export function readKept(kept: unknown): PreferencesJson {
	const defaults = preferencesToJson(DEFAULT_PREFERENCES);
	const fields: [string, unknown][] = kept instanceof Object ? Object.entries(kept) : [];
	const fitting = fields.flatMap(([name, value]) => {
		const { success, data } = preferencesBody.safeParse({ [name]: value });
		return success ? [data] : [];
	});
	return Object.assign(defaults, ...fitting) as PreferencesJson;
}
