import type { Handle, RequestEvent } from '@sveltejs/kit';
import { findViewer } from '#lib/server/auth/sessions.ts';
import { clearSessionCookie, SESSION_COOKIE } from './cookies.ts';

/** Answered the same whoever asks. */
const ANONYMOUS = /^\/(?:audio|images|health|ready|_app)(?:\/|$)/;

/** The session ids a request carries: the cookie's first, then that of `Authorization: Bearer`. */
export function sessionIds(event: RequestEvent): { cookie?: string; bearer?: string } {
	const bearer = /^Bearer +(\S+)$/i.exec(event.request.headers.get('authorization') ?? '')?.[1];
	return { cookie: event.cookies.get(SESSION_COOKIE), bearer };
}

/** Whether a request says it belongs to a session, of whatever kind; also after its cookie was taken away. */
export function claimsSession({ request }: RequestEvent): boolean {
	const cookies = request.headers.get('cookie') ?? '';
	return request.headers.has('authorization') || /(?:^|;\s*)session_id=/.test(cookies);
}

/** Finds out who is asking, with one query and nothing from the network. */
export const session: Handle = async ({ event, resolve }) => {
	if (ANONYMOUS.test(event.url.pathname)) return resolve(event);
	const { db, config } = event.locals.ctx;
	const { cookie, bearer } = sessionIds(event);
	if (cookie !== undefined) {
		event.locals.viewer = await findViewer(db, cookie);
		if (!event.locals.viewer) clearSessionCookie(event.cookies, config);
	}
	if (bearer !== undefined) event.locals.viewer ??= await findViewer(db, bearer);
	return resolve(event);
};
