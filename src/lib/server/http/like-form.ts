import { type ActionFailure, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { DomainError } from '#lib/server/errors.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { unlikeTrack } from '#lib/server/likes/unlike-track.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { rememberWish } from './wished-like.ts';

/** Why a like was not changed. */
export interface LikeFormFailure {
	message: string;
	/** what it was: the button offers the same again */
	wantsLike: boolean;
	/** where a sign-in with one more permission is asked for; null: that would not help */
	permissionUrl: string | null;
}

/**
 * The action of every like button: leads back to where it was pressed. Who is not signed in, or not any
 * more, signs in first, and what they wished is carried out then.
 * @throws DomainError 404 to who is not signed in
 */
export async function likeFormAction(
	event: RequestEvent,
	trackId: number
): Promise<ActionFailure<LikeFormFailure>> {
	const form = await event.request.formData();
	const wantsLike = form.get('liked') !== 'false';
	const given = event.url.searchParams.get('return_to');
	const asked = safeReturnTo(given);
	const returnTo = asked === '/' && given !== '/' ? `/track/${trackId}` : asked;
	const { ctx, viewer } = event.locals;
	const signIn = (problem?: DomainError): never => {
		if (wantsLike) rememberWish(event, { trackId, returnTo });
		const query = new URLSearchParams({ return_to: returnTo });
		if (problem) query.set('error', problem.code);
		redirect(303, `/login?${query}`);
	};
	// nobody signs in for what is not there
	if (!viewer) await getTrack(ctx, null, trackId);
	if (!viewer) return signIn();
	try {
		if (wantsLike) await likeTrack(ctx, viewer, trackId);
		else await unlikeTrack(ctx, viewer, trackId);
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		if (cause.code === 'sign_in_again') return signIn(cause);
		const { status, message, retryAfterSeconds } = cause;
		if (retryAfterSeconds !== undefined) {
			event.setHeaders({ 'retry-after': String(Math.ceil(retryAfterSeconds)) });
		}
		const isPermission = cause.code === 'permission_needed';
		const permissionUrl = isPermission
			? `/auth/permission?${new URLSearchParams({ return_to: returnTo })}`
			: null;
		return fail(status, { message, wantsLike, permissionUrl });
	}
	redirect(303, returnTo);
}
