import { redirect, type RequestEvent, type ServerLoadEvent } from '@sveltejs/kit';
import type { Viewer } from '#lib/auth/viewer.ts';
import { setupAddress } from '#lib/server/auth/sign-in.ts';
import { DomainError, forbidden, notFound, signInRequired } from '#lib/server/errors.ts';
import { claimsSession } from './session.ts';

/** Somebody signed in who has an artist profile. */
export type ArtistViewer = Viewer & { displayName: string };

type AnyEvent = RequestEvent | ServerLoadEvent;

/** The login page that leads back to the page asked for. */
export function loginAddress(event: AnyEvent): string {
	const returnTo = event.url.pathname + event.url.search;
	return `/login?${new URLSearchParams({ return_to: returnTo })}`;
}

/** For pages: who is signed in; everybody else is sent to the login page and comes back. */
export function requireViewer(event: AnyEvent): Viewer {
	if (!event.locals.viewer) redirect(303, loginAddress(event));
	return event.locals.viewer;
}

/** For pages: as `requireViewer`, and people without an artist profile make one first. */
export function requireArtistPage(event: AnyEvent): ArtistViewer {
	const viewer = requireViewer(event);
	if (!isArtist(viewer)) redirect(303, setupAddress(event.url.pathname + event.url.search));
	return viewer;
}

/**
 * For the pages of whoever runs the site, and what they do there: one of those the configuration
 * names. To everybody else there is nothing at the address.
 * @throws DomainError 404
 */
export function requireOperator({ locals: { ctx, viewer } }: AnyEvent): Viewer {
	if (viewer && ctx.config.adminDids.has(viewer.did)) return viewer;
	throw notFound('there is nothing here');
}

/** For /api: who is signed in. @throws DomainError 401 */
export function requireSession(event: RequestEvent): Viewer {
	if (event.locals.viewer) return event.locals.viewer;
	if (!claimsSession(event)) throw signInRequired();
	throw new DomainError(401, 'invalid_session', 'invalid or expired session');
}

/** For /api: who is signed in and has an artist profile. @throws DomainError 401, 403 */
export function requireArtist(event: RequestEvent): ArtistViewer {
	const viewer = requireSession(event);
	if (isArtist(viewer)) return viewer;
	throw forbidden('artist_profile_required', 'artist_profile_required');
}

const isArtist = (viewer: Viewer): viewer is ArtistViewer => viewer.displayName !== null;
