import type { Handle, RequestEvent } from '@sveltejs/kit';
import { findTokenSession } from '#lib/server/auth/developer-tokens.ts';
import { findSession, type LiveSession } from '#lib/server/auth/sessions.ts';
import { DomainError } from '#lib/server/errors.ts';
import { clearSessionCookie, SESSION_COOKIE } from './cookies.ts';
import { developerTokenOf, requireScope } from './developer-token.ts';
import { refuse } from './refuse.ts';

/** Answered the same whoever asks. */
const ANONYMOUS =
	/^\/(?:audio|embed|images|oembed|og|health|ready|metrics|_app)(?:\/|$)|\/feed\.(?:xml|atom)$|^\/(?:sitemap[\w-]*\.xml|robots\.txt)$/;

/**
 * The session ids a request carries: the cookie's first, then that of `Authorization: Bearer`. None when
 * that shows a token: it alone says who asks.
 */
export function sessionIds(event: RequestEvent): { cookie?: string; bearer?: string } {
	if (developerTokenOf(event) !== undefined) return {};
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
	try {
		event.locals.session = await sessionOf(event);
	} catch (cause) {
		// the database is away, or a token does not fit: said as it is, and not taken for a mistake of ours
		if (cause instanceof DomainError) return challenged(refuse(event, cause), cause);
		throw cause;
	}
	event.locals.viewer = event.locals.session?.viewer ?? null;
	return resolve(event);
};

async function sessionOf(event: RequestEvent): Promise<LiveSession | null> {
	const { db, config } = event.locals.ctx;
	const token = developerTokenOf(event);
	if (token !== undefined) return await sessionOfToken(event, token);
	const { cookie, bearer } = sessionIds(event);
	if (cookie !== undefined) {
		const found = await findSession(db, cookie);
		if (found) return found;
		clearSessionCookie(event.cookies, config);
	}
	return bearer === undefined ? null : await findSession(db, bearer);
}

/** @throws DomainError 401, 403: a program is told what is wrong, and not taken for somebody unknown */
async function sessionOfToken(event: RequestEvent, token: string): Promise<LiveSession> {
	const session = await findTokenSession(event.locals.ctx.db, token);
	if (session.token !== null) requireScope(event, session.token);
	return session;
}

/** RFC 6750 section 3: what a program has to know of a token that was refused. */
function challenged(response: Response, { status, code }: DomainError): Response {
	const error = code === 'token_is_read_only' ? 'insufficient_scope' : 'invalid_token';
	if (status === 401 || code === 'token_is_read_only') {
		response.headers.set('www-authenticate', `Bearer error="${error}"`);
	}
	return response;
}
