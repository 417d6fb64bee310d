import type { Viewer } from '#lib/auth/viewer.ts';
import { PdsRefusal, SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, forbidden } from '#lib/server/errors.ts';

/** What a sign-in from before there were album records lacks. */
export const permissionNeeded = () =>
	forbidden(
		'permission_needed',
		'albums are kept in your own repository, and your sign-in does not allow us to write them there yet. sign in once more to allow it'
	);

/**
 * Whether albums can be written in somebody's name, as far as it is known here: nobody is asked.
 * @throws DomainError 401 `sign_in_again` without a grant; 403 `permission_needed` when it does
 * not include lists
 */
export async function requireListPermission(
	{ config, oauth }: Pick<Context, 'config' | 'oauth'>,
	did: string
): Promise<void> {
	const missing = await oauth.missingOf(did, `repo:${config.atproto.listCollection}`);
	if (missing === null) throw new SignInAgain(did);
	if (missing.length > 0) throw permissionNeeded();
}

/** The PDS itself may know better what was granted. */
export const isPermissionRefused = (cause: unknown): boolean =>
	cause instanceof PdsRefusal && cause.status === 403;

/** Whether an error goes away when the artist signs in, again or with one more permission. */
export const hasToSignInFirst = (cause: unknown): cause is DomainError =>
	cause instanceof DomainError &&
	(cause.code === 'permission_needed' || cause.code === 'sign_in_again');

/** Whether a signed-in person may keep albums, as far as it is known here. */
export async function mayKeepAlbums(
	ctx: Pick<Context, 'config' | 'oauth'>,
	viewer: Viewer
): Promise<boolean> {
	try {
		await requireListPermission(ctx, viewer.did);
		return true;
	} catch (cause) {
		if (hasToSignInFirst(cause)) return false;
		throw cause;
	}
}
