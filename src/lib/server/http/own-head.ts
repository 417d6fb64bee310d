import type { Handle, RequestEvent } from '@sveltejs/kit';
import { createHash } from 'node:crypto';
import {
	accentStyle,
	COLOR_SCHEMES,
	explicitArtwork,
	THEME_COLORS
} from '#lib/preferences/look.ts';
import { preferencesToJson } from '#lib/preferences/preferences-json.ts';
import type { Preferences } from '#lib/preferences/preferences.ts';
import { headTags } from './head-tags.ts';
import {
	isDataReduced,
	keepInCookie,
	preferencesInCookie,
	preferencesOf
} from './own-preferences.ts';
import { addVary } from './vary.ts';

/**
 * Writes what a page said about itself into its head, and theme and accent, so that it never looks
 * otherwise first. All of it at once: a page is long, and each look through it copies all of it.
 */
export const ownHead: Handle = async ({ event, resolve }) => {
	const preferences = preferencesOf(event);
	const { session } = event.locals;
	// a program has no browser
	if (session?.preferences && session.token === null) keepWithBrowser(event, preferences);
	const style = accentStyle(preferences.accentColor);
	const response = await resolve(event, {
		transformPageChunk: ({ html }) => dress(event, html, preferences, style)
	});
	if (style !== '') allowStyle(response.headers, style);
	const isPage = response.headers.get('content-type')?.startsWith('text/html');
	if (isPage || event.isDataRequest) addVary(response.headers, 'save-data');
	return response;
};

function dress(event: RequestEvent, html: string, preferences: Preferences, style: string) {
	const { theme } = preferences;
	// the head comes whole, with the first chunk, and before the page's own part
	const body = html.indexOf('<body');
	if (body === -1) return html;
	const end = html.indexOf('>', body);
	const head = html.slice(0, end);
	const added = headTags(event, head) + (style === '' ? '' : `<style>${style}</style>`);
	const start = head
		.replace('data-theme="dark"', `data-theme="${theme}"`)
		.replace('data-explicit="blurred"', `data-explicit="${explicitArtwork(preferences)}"`)
		.replace(
			'name="color-scheme" content="dark"',
			`name="color-scheme" content="${COLOR_SCHEMES[theme]}"`
		)
		.replace(
			'name="theme-color" content="#0a0a0a"',
			`name="theme-color" content="${THEME_COLORS[theme]}"`
		)
		.replace('preload-data="hover"', `preload-data="${isDataReduced(event) ? 'tap' : 'hover'}"`)
		.replace('</head>', () => `${added}</head>`);
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
