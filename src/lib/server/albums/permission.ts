import { PdsRefusal, SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { forbidden } from '#lib/server/errors.ts';

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
