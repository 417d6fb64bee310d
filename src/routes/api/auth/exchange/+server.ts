import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { describeDevice } from '#lib/server/auth/device.ts';
import { exchangeForSession } from '#lib/server/auth/exchange-tokens.ts';
import { setSessionCookie } from '#lib/server/http/cookies.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

const BROWSER = /mozilla|chrome|safari|firefox|edge|opera/i;
const body = z.object({ exchange_token: z.string() });

/** A session for the code a program was given; browsers get it as a cookie too. */
export const POST: RequestHandler = api(async (event) => {
	const { exchange_token: token } = await readJson(event, body);
	const { config, db } = event.locals.ctx;
	const userAgent = event.request.headers.get('user-agent');
	const session = await exchangeForSession(db, token, describeDevice(userAgent));
	if (BROWSER.test(userAgent ?? '')) {
		setSessionCookie(event.cookies, config, session);
	}
	return json({ session_id: session.id }, { headers: { 'cache-control': 'no-store' } });
});
