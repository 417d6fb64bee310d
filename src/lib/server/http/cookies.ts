import type { Cookies } from '@sveltejs/kit';
import {
	PREFERENCES_COOKIE,
	PREFERENCES_COOKIE_SECONDS
} from '#lib/preferences/preferences-cookie.ts';
import type { Config } from '#lib/server/config.ts';

/** Host-only (no Domain), out of reach of scripts, sent along when the PDS leads back to us (Lax). */
const attributes = (config: Config) =>
	({ path: '/', httpOnly: true, sameSite: 'lax', secure: config.isSecure }) as const;

export const SESSION_COOKIE = 'session_id';

/** Gives the browser its session id, for as long as the session lasts. */
export function setSessionCookie(
	cookies: Cookies,
	config: Config,
	session: { id: string; expiresAt: Date }
): void {
	const maxAge = Math.max(0, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000));
	cookies.set(SESSION_COOKIE, session.id, { ...attributes(config), maxAge });
}

export function clearSessionCookie(cookies: Cookies, config: Config): void {
	cookies.delete(SESSION_COOKIE, attributes(config));
}

export const LISTENER_COOKIE = 'listener';
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Gives the browser of somebody who is not signed in what tells it from others when plays are counted. */
export function setListenerCookie(cookies: Cookies, config: Config, value: string): void {
	cookies.set(LISTENER_COOKIE, value, { ...attributes(config), maxAge: YEAR_SECONDS });
}

/** Keeps what was chosen in the browser, whose scripts change it as well. */
export function setPreferencesCookie(cookies: Cookies, config: Config, value: string): void {
	const maxAge = PREFERENCES_COOKIE_SECONDS;
	cookies.set(PREFERENCES_COOKIE, value, { ...attributes(config), httpOnly: false, maxAge });
}
