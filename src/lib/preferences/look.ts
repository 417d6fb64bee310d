import { contrast, legible, shifted } from './contrast.ts';
import { DEFAULT_PREFERENCES, type Preferences } from './preferences.ts';

/** `--surface-hover` of app.css, against which there is the least contrast. */
export const HARDEST_SURFACE = { dark: '#1f1f1f', light: '#e6e6e3' };
/** WCAG 2.2 AA, for text. */
const TEXT_RATIO = 4.5;
const HOVER_STEP = 30;
const DARK_INK = '#06101f';
const WHITE = '#ffffff';

/** For `<meta name="color-scheme">`: what a page has before its styles. */
export const COLOR_SCHEMES: Record<Preferences['theme'], string> = {
	dark: 'dark',
	light: 'light',
	system: 'light dark'
};

/** For `<meta name="theme-color">`: what is around the page. `system`: nobody knows before it is there. */
export const THEME_COLORS: Record<Preferences['theme'], string> = {
	dark: '#0a0a0a',
	light: '#fbfbf9',
	system: ''
};

/** For `<html data-explicit>`: how the artwork of explicit tracks is shown. */
export const explicitArtwork = ({ showsExplicitArtwork }: Preferences): 'blurred' | 'shown' =>
	showsExplicitArtwork ? 'shown' : 'blurred';

/** What app.css needs of an accent in one theme, by the names it has there. */
function accentIn(theme: 'dark' | 'light', accent: string): Record<string, string> {
	const isDark = theme === 'dark';
	const from = HARDEST_SURFACE[theme];
	const toward = isDark ? 'white' : 'black';
	const color = legible(accent, { toward, from, ratio: TEXT_RATIO });
	const muted = legible(color, { toward: 'black', from: WHITE, ratio: TEXT_RATIO });
	const ink = contrast(color, DARK_INK) > contrast(color, WHITE) ? DARK_INK : WHITE;
	return {
		[`--${theme}-accent`]: color,
		[`--${theme}-accent-hover`]: shifted(color, isDark ? HOVER_STEP : -HOVER_STEP),
		[`--${theme}-accent-muted`]: muted,
		[`--${theme}-on-accent`]: ink
	};
}

/** The colors that follow from an accent (#rrggbb), for both themes, by their names in app.css. */
export const accentColors = (accent: string): Record<string, string> => ({
	...accentIn('dark', accent),
	...accentIn('light', accent)
});

/** A style sheet that makes the accent the page's; '' for the one that app.css has itself. */
export function accentStyle(accent: string): string {
	if (accent === DEFAULT_PREFERENCES.accentColor) return '';
	const lines = Object.entries(accentColors(accent)).map(([name, value]) => `${name}:${value}`);
	// app.css comes behind it or before it: this has to win either way
	return `:root:root{${lines.join(';')}}`;
}
