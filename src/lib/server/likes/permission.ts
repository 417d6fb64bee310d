import { PdsRefusal, SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, forbidden } from '#lib/server/errors.ts';

const permissionNeeded = (cause?: unknown) =>
	forbidden(
		'permission_needed',
		'likes are kept in your own repository, and your sign-in does not allow us to write them there. sign in once more to allow it',
		{ cause }
	);

/**
 * Whether likes can be written in somebody's name, as far as it is known here: nobody is asked.
 * @throws DomainError 401 `sign_in_again` without a grant; 403 `permission_needed`
 */
export async function requireLikePermission(
	{ config, oauth }: Pick<Context, 'config' | 'oauth'>,
	did: string
): Promise<void> {
	const missing = await oauth.missingOf(did, `repo:${config.atproto.likeCollection}`);
	if (missing === null) throw new SignInAgain(did);
	if (missing.length > 0) throw permissionNeeded();
}

/** Whether a signed-in person may like something, as far as it is known here. */
export async function mayLike(
	ctx: Pick<Context, 'config' | 'oauth'>,
	did: string
): Promise<boolean> {
	const missing = await ctx.oauth.missingOf(did, `repo:${ctx.config.atproto.likeCollection}`);
	return missing?.length === 0;
}

/** Whether a write did certainly not happen: whoever threw this has not carried it out. */
export const isRefusal = (cause: unknown): boolean =>
	cause instanceof PdsRefusal || (cause instanceof DomainError && cause.status < 500);

/**
 * What a person is told when a like could not be written or taken back.
 * @param verb what did not work
 */
export function likeFailure(verb: 'like' | 'unlike', cause: unknown): DomainError {
	if (cause instanceof DomainError) return cause;
	if (cause instanceof PdsRefusal && cause.status === 403) return permissionNeeded(cause);
	if (cause instanceof PdsRefusal) {
		const sentence = `your personal data server refused it: ${cause.message}`;
		return new DomainError(422, 'record_refused', sentence, { cause });
	}
	const sentence = `failed to ${verb} track - please try again`;
	return new DomainError(500, `${verb}_failed`, sentence, { cause });
}
