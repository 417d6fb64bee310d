import type { RequestEvent } from '@sveltejs/kit';
import { z } from 'zod';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { DomainError } from '#lib/server/errors.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { sayNext } from './notice-cookie.ts';

/**
 * What somebody wanted to like before they signed in. Only a form of ours, sent by this browser, makes
 * it (every POST is checked for its origin), no script and no address can.
 */
const WISH_COOKIE = 'wished_like';

/** As long as a sign-in may take. */
const WISH_SECONDS = 60 * 60;

const wish = z.object({ trackId: z.number().int().positive(), returnTo: z.string() });
type Wish = z.infer<typeof wish>;

/** Remembers it in this browser. */
export function rememberWish(event: RequestEvent, { trackId, returnTo }: Wish): void {
	const text = JSON.stringify({ trackId, returnTo });
	event.cookies.set(WISH_COOKIE, Buffer.from(text).toString('base64url'), {
		...attributes(event),
		maxAge: WISH_SECONDS
	});
}

/**
 * Carries out what was remembered, once, when the sign-in leads back to where it was wished; the page
 * there says so.
 * @param returnTo where the sign-in was begun
 * @returns where to go on; undefined: nothing was wished
 */
export async function fulfilWish(
	event: RequestEvent,
	owner: { did: string; handle: string },
	returnTo: string
): Promise<string | undefined> {
	const wished = read(event);
	if (event.cookies.get(WISH_COOKIE) !== undefined) {
		event.cookies.delete(WISH_COOKIE, attributes(event));
	}
	if (wished?.returnTo !== returnTo) return undefined;
	const { trackId } = wished;
	try {
		const viewer = { ...owner, displayName: null, avatarUrl: null };
		await likeTrack(event.locals.ctx, viewer, trackId);
		const { title } = await getTrack(event.locals.ctx, viewer, trackId);
		sayNext(event, `liked ${title}`);
		return returnTo;
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		event.locals.log.info('wished_like_failed', { trackId, code: cause.code });
		// they are signed in all the same; the page says that it did not work, and offers it again
		const query = new URLSearchParams({ return_to: returnTo, failed: cause.code });
		return `/track/${trackId}/like?${query}`;
	}
}

function read(event: RequestEvent): Wish | undefined {
	const text = event.cookies.get(WISH_COOKIE);
	if (text === undefined) return undefined;
	try {
		const { trackId, returnTo } = wish.parse(
			JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
		);
		return { trackId, returnTo: safeReturnTo(returnTo) };
	} catch {
		// not one of ours: as if there were none
		return undefined;
	}
}

const attributes = ({ locals }: RequestEvent) =>
	({
		path: '/',
		httpOnly: true,
		sameSite: 'lax',
		secure: locals.ctx.config.isSecure
	}) as const;
