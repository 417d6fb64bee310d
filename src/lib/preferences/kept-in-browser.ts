import { PREFERENCES_COOKIE, PREFERENCES_COOKIE_SECONDS } from './preferences-cookie.ts';
import {
	preferencesFromJson,
	type PreferencesJson,
	preferencesToJson
} from './preferences-json.ts';
import {
	CROSSFADE_MAX_SECONDS,
	DEFAULT_PREFERENCES,
	LEVELS,
	type Preferences,
	REDUCED_DATA,
	THEMES
} from './preferences.ts';

type Kept = Partial<Record<keyof PreferencesJson, unknown>>;

const isOneOf = (values: readonly string[]) => (value: unknown) =>
	typeof value === 'string' && values.includes(value);
const isSwitch = (value: unknown) => typeof value === 'boolean';

const FITS = {
	accent_color: (value) => typeof value === 'string' && /^#[\da-f]{6}$/.test(value),
	theme: isOneOf(THEMES),
	auto_advance: isSwitch,
	gapless: isSwitch,
	crossfade_seconds: (value) =>
		Number.isInteger(value) && Number(value) >= 0 && Number(value) <= CROSSFADE_MAX_SECONDS,
	level_volume: isOneOf(LEVELS),
	reduced_data: isOneOf(REDUCED_DATA),
	show_explicit_artwork: isSwitch,
	skip_explicit: isSwitch
} satisfies Record<keyof PreferencesJson, (value: unknown) => boolean>;

const isName = (name: string): name is keyof PreferencesJson => Object.hasOwn(FITS, name);

/** What this browser keeps of what was chosen in it, as anybody may have written it. */
function readKept(cookies: string): Kept {
	const [, text = ''] = new RegExp(`(?:^|; )${PREFERENCES_COOKIE}=([^;]*)`).exec(cookies) ?? [];
	try {
		const kept: unknown = JSON.parse(decodeURIComponent(text));
		return typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? kept : {};
	} catch {
		return {};
	}
}

/** What was chosen in this browser: for a page that was made without knowing who would see it. */
export function preferencesKept(cookies = document.cookie): Preferences {
	const kept = Object.entries(readKept(cookies)).filter(
		([name, value]) => isName(name) && FITS[name](value)
	);
	return preferencesFromJson({
		...preferencesToJson(DEFAULT_PREFERENCES),
		...(Object.fromEntries(kept) as Partial<PreferencesJson>)
	});
}

/** Keeps what was changed. All else stays as this browser has it: the page may know less. */
export function keepInBrowser(change: Partial<PreferencesJson>): void {
	const value = encodeURIComponent(JSON.stringify({ ...readKept(document.cookie), ...change }));
	const isSecure = location.protocol === 'https:';
	document.cookie = [
		`${PREFERENCES_COOKIE}=${value}`,
		`path=/`,
		`max-age=${PREFERENCES_COOKIE_SECONDS}`,
		`samesite=lax`,
		...(isSecure ? ['secure'] : [])
	].join('; ');
}
