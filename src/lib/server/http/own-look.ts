import type { Handle, RequestEvent } from '@sveltejs/kit';
import { createHash } from 'node:crypto';
import { accentStyle, COLOR_SCHEMES, THEME_COLORS } from '#lib/preferences/look.ts';
import { preferencesToJson } from '#lib/preferences/preferences-json.ts';
import type { Preferences } from '#lib/preferences/preferences.ts';
import {
	isDataReduced,
	keepInCookie,
	preferencesInCookie,
	preferencesOf
} from './own-preferences.ts';
import { addVary } from './vary.ts';

/** Writes theme and accent into the page itself, so that it never looks otherwise first. */
export const ownLook: Handle = async ({ event, resolve }) => {
	const preferences = preferencesOf(event);
	if (event.locals.session?.preferences) keepWithBrowser(event, preferences);
	const style = accentStyle(preferences.accentColor);
	const response = await resolve(event, {
		transformPageChunk: ({ html }) => dress(event, html, preferences, style)
	});
	if (style !== '') allowStyle(response.headers, style);
	const isPage = response.headers.get('content-type')?.startsWith('text/html');
	if (isPage || event.isDataRequest) addVary(response.headers, 'save-data');
	return response;
};

function dress(event: RequestEvent, html: string, { theme }: Preferences, style: string) {
	// all of it is said before the page's own part, which is long
	const body = html.indexOf('<body');
	if (body === -1) return html;
	const end = html.indexOf('>', body);
	const start = html
		.slice(0, end)
		.replace('data-theme="dark"', `data-theme="${theme}"`)
		.replace(
			'name="color-scheme" content="dark"',
			`name="color-scheme" content="${COLOR_SCHEMES[theme]}"`
		)
		.replace(
			'name="theme-color" content="#0a0a0a"',
			`name="theme-color" content="${THEME_COLORS[theme]}"`
		)
		.replace('preload-data="hover"', `preload-data="${isDataReduced(event) ? 'tap' : 'hover'}"`)
		.replace('</head>', style === '' ? '</head>' : `<style>${style}</style></head>`);
	return start + html.slice(end);
}

/** The policy allows no style in a page but the one that is named. */
function allowStyle(headers: Headers, style: string): void {
	const policy = headers.get('content-security-policy');
	const hash = createHash('sha256').update(style).digest('base64');
	// while it is developed, all of them are allowed
	const named = policy?.replace(/style-src 'self'(?=;|$)/, `style-src 'self' 'sha256-${hash}'`);
	if (named) headers.set('content-security-policy', named);
}

/** Who signs out, or is signed out, finds it as it was. */
function keepWithBrowser(event: RequestEvent, preferences: Preferences): void {
	const json = preferencesToJson(preferences);
	const isKept = JSON.stringify(preferencesInCookie(event)) === JSON.stringify(json);
	if (!isKept && event.request.method === 'GET') keepInCookie(event, json);
}
