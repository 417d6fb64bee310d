import type { RequestEvent } from '@sveltejs/kit';
import { signOut } from '#lib/server/auth/sign-in.ts';
import { clearSessionCookie } from './cookies.ts';
import { sessionIds } from './session.ts';

/** Ends the session a request came with, by cookie or by Bearer, and takes the cookie away. */
export async function endBrowserSession(event: RequestEvent): Promise<void> {
	const { ctx } = event.locals;
	const { cookie, bearer } = sessionIds(event);
	const sessionId = cookie ?? bearer;
	if (sessionId !== undefined) await signOut(ctx, sessionId);
	forgetSession(event);
}

/** Takes the cookie of a session that has ended away from the browser that asks. */
export function forgetSession(event: RequestEvent): void {
	const { cookie } = sessionIds(event);
	if (cookie !== undefined) clearSessionCookie(event.cookies, event.locals.ctx.config);
	event.locals.viewer = null;
}
