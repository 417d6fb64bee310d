import { accentColors, COLOR_SCHEMES, explicitArtwork, THEME_COLORS } from './look.ts';
import type { Preferences } from './preferences.ts';

const setMeta = (name: string, content: string) =>
	document.querySelector(`meta[name="${name}"]`)?.setAttribute('content', content);

/** Makes the page look as chosen, at once: what the server does with the next one. */
export function applyLook(preferences: Preferences): void {
	const { accentColor, theme } = preferences;
	const root = document.documentElement;
	root.dataset['theme'] = theme;
	root.dataset['explicit'] = explicitArtwork(preferences);
	for (const [name, value] of Object.entries(accentColors(accentColor))) {
		root.style.setProperty(name, value);
	}
	setMeta('color-scheme', COLOR_SCHEMES[theme]);
	setMeta('theme-color', THEME_COLORS[theme]);
}
