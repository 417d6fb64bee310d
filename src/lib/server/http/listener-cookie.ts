import type { RequestEvent } from '@sveltejs/kit';
import { LISTENER_COOKIE, setListenerCookie } from './cookies.ts';

/**
 * Gives a browser that opens a page what tells it from others when plays are counted. It has it before
 * it listens: a play is not believed to be longer than that.
 */
export function meetListener({ cookies, locals }: Pick<RequestEvent, 'cookies' | 'locals'>): void {
	const { config, listeners } = locals.ctx;
	if (locals.viewer || listeners.browserOf(cookies.get(LISTENER_COOKIE) ?? '')) return;
	setListenerCookie(cookies, config, listeners.visitCookie());
}
