import { redirect, type RequestEvent } from '@sveltejs/kit';
import { z } from 'zod';
import { parseHandle } from '#lib/auth/handle.ts';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { SignInProblem } from '#lib/server/atproto/sign-in-problem.ts';
import { describeDevice } from '#lib/server/auth/device.ts';
import { finishSignIn, type SignInInput, startSignIn } from '#lib/server/auth/sign-in.ts';
import { takeFromLimit } from '#lib/server/limits/limits.ts';
import { SESSION_COOKIE, setSessionCookie } from './cookies.ts';
import { fulfilWish } from './wished-like.ts';

/** What the browser keeps of a sign-in under way, so that its end is told apart from anybody else's. */
const SIGN_IN_COOKIE = 'sign_in';

/** As long as a sign-in may take. */
const SIGN_IN_SECONDS = 60 * 60;

const signInCookie = z.object({
	binding: z.string().min(40),
	handle: z.string(),
	returnTo: z.string().nullable(),
	program: z.string().nullable()
});

type SignInCookie = z.infer<typeof signInCookie>;

/**
 * Sends the browser to the sign-in page of the person's PDS; when that is not possible, to the
 * login page with the reason. Never returns.
 */
export async function beginSignIn(
	event: RequestEvent,
	input: Omit<SignInInput, 'binding'>
): Promise<never> {
	const { handle, returnTo, program } = input;
	const binding = readCookie(event)?.binding;
	try {
		await limitHandle(event, handle);
		const started = await startSignIn(event.locals.ctx, { ...input, binding });
		const kept = { handle: handle.slice(0, 300), returnTo: safeReturnTo(returnTo), program };
		writeCookie(event, { ...kept, binding: started.binding });
		redirect(303, started.url.href);
	} catch (cause) {
		if (!(cause instanceof SignInProblem)) throw cause;
		redirect(303, loginPage(cause.code, input));
	}
}

/** Keeps one person's server from being asked all the time; only what may be a handle is counted. */
async function limitHandle({ locals }: RequestEvent, text: string): Promise<void> {
	const handle = parseHandle(text);
	if (handle) await takeFromLimit(locals.ctx, { name: 'sign_in_handle', key: handle });
}

/** Signs in whoever comes back from their PDS, or sends them to the login page with the reason. Never returns. */
export async function completeSignIn(event: RequestEvent): Promise<never> {
	const { ctx } = event.locals;
	const kept = readCookie(event);
	const browser = {
		binding: kept?.binding,
		former: event.cookies.get(SESSION_COOKIE),
		device: describeDevice(event.request.headers.get('user-agent'))
	};
	try {
		const finished = await finishSignIn(ctx, event.url.searchParams, browser);
		event.cookies.delete(SIGN_IN_COOKIE, { path: '/', secure: ctx.config.isSecure });
		if (finished.session) setSessionCookie(event.cookies, ctx.config, finished.session);
		if (!finished.session) redirect(303, finished.location);
		const { owner, returnTo } = finished;
		redirect(303, (await fulfilWish(event, owner, returnTo)) ?? finished.location);
	} catch (cause) {
		if (!(cause instanceof SignInProblem)) throw cause;
		const started = cause.started ?? kept;
		redirect(303, loginPage(cause.code, started));
	}
}

function loginPage(
	code: string,
	started: { handle: string; returnTo?: string | null; program?: string | null } | undefined
): string {
	const query = new URLSearchParams({ error: code });
	if (started?.handle) query.set('handle', started.handle.slice(0, 300));
	if (started?.returnTo && started.returnTo !== '/') query.set('return_to', started.returnTo);
	if (started?.program) query.set('program', started.program);
	return `/login?${query}`;
}

function readCookie(event: RequestEvent): SignInCookie | undefined {
	const text = event.cookies.get(SIGN_IN_COOKIE);
	if (text === undefined) return undefined;
	try {
		return signInCookie.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
	} catch {
		// not one of ours: as if there were none
		return undefined;
	}
}

function writeCookie(event: RequestEvent, kept: SignInCookie): void {
	event.cookies.set(SIGN_IN_COOKIE, Buffer.from(JSON.stringify(kept)).toString('base64url'), {
		path: '/',
		httpOnly: true,
		sameSite: 'lax',
		secure: event.locals.ctx.config.isSecure,
		maxAge: SIGN_IN_SECONDS
	});
}
