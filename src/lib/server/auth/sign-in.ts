import type { Viewer } from '#lib/auth/viewer.ts';
import { parseHandle } from '#lib/auth/handle.ts';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { resumeAccountDeletion } from '#lib/server/accounts/resume-deletion.ts';
import { resumeWaitingAlbums } from '#lib/server/albums/sync-album.ts';
import { refreshArtistIdentity } from '#lib/server/artists/artists.ts';
import { SignInProblem } from '#lib/server/atproto/sign-in-problem.ts';
import { resumeCatalogue } from '#lib/server/catalogue/request-check.ts';
import type { Context } from '#lib/server/context.ts';
import { resumeLikes } from '#lib/server/likes/settle-like.ts';
import { resumeDeletions } from '#lib/server/tracks/finish-deletion.ts';
import { resumeWaitingUploads } from '#lib/server/uploads/resume.ts';
import { createExchangeToken } from './exchange-tokens.ts';
import { letGoOfGrant } from './let-go-of-grant.ts';
import { parseProgramAddress } from './program-address.ts';
import { makeSecretId } from './secret-id.ts';
import { createSession, endSession } from './sessions.ts';

type SignInContext = Pick<Context, 'db' | 'jobs' | 'log' | 'oauth'>;

/** What somebody who wants to sign in gives, as it was given. */
export interface SignInInput {
	handle: string;
	returnTo: string | null;
	/** loopback address of a program that waits for an exchange token */
	program: string | null;
	/** of this browser, when it has one from a sign-in just before */
	binding: string | undefined;
}

/** A sign-in under way. `binding` stays in the browser until it comes back. */
export interface StartedSignIn {
	url: URL;
	binding: string;
}

/**
 * Asks the person's PDS for its sign-in page.
 * @throws SignInProblem
 */
export async function startSignIn(
	ctx: Pick<Context, 'oauth'>,
	input: SignInInput
): Promise<StartedSignIn> {
	if (input.handle.trim() === '') throw new SignInProblem('handle_missing');
	const handle = parseHandle(input.handle);
	if (!handle) throw new SignInProblem('handle_invalid');
	const program = input.program === null ? undefined : parseProgramAddress(input.program);
	if (input.program !== null && !program) throw new SignInProblem('program_invalid');
	const binding = input.binding ?? makeSecretId();
	const returnTo = safeReturnTo(input.returnTo);
	const request = { returnTo, program: program?.href, binding };
	return { url: await ctx.oauth.authorize(handle, request), binding };
}

/** Whether a signed-in person can read but not publish any more, because their grant is gone. */
export const hasToSignInAgain = async (
	ctx: Pick<Context, 'oauth'>,
	viewer: Viewer
): Promise<boolean> => !(await ctx.oauth.hasGrant(viewer.did));

/** How a sign-in ended well: with a session for this browser, or with a code for a program. */
export type FinishedSignIn =
	| {
			location: string;
			/** where it was begun, also when a profile is to be made first */
			returnTo: string;
			owner: { did: string; handle: string };
			session: { id: string; expiresAt: Date };
	  }
	| { location: string; session: undefined };

/**
 * Takes what the PDS sent the browser back with.
 * @param browser.former the session this browser had until now; it ends
 * @param browser.device what it is, in plain words (device.ts)
 * @throws SignInProblem
 */
export async function finishSignIn(
	ctx: SignInContext,
	params: URLSearchParams,
	browser: { binding: string | undefined; former: string | undefined; device: string | null }
): Promise<FinishedSignIn> {
	const signedIn = await ctx.oauth.callback(params, browser.binding);
	const { did, handle, program, returnTo } = signedIn;
	const isArtist = await refreshArtistIdentity(ctx.db, signedIn);
	// what waited for this person goes on, whichever way they came
	await resumeWaitingUploads(ctx, did);
	await resumeDeletions(ctx, did);
	await resumeWaitingAlbums(ctx, did);
	await resumeCatalogue(ctx, did);
	await resumeLikes(ctx, did);
	const deletion = await resumeAccountDeletion(ctx, did);
	const owner = { did, handle, grantEndsAt: signedIn.grantEndsAt };
	ctx.log.info('signed_in', { did, isArtist, isProgram: program !== undefined });
	if (program !== undefined) {
		const location = new URL(program);
		location.searchParams.set('exchange_token', await createExchangeToken(ctx.db, owner));
		return { location: location.href, session: undefined };
	}
	const session = await createSession(ctx.db, { ...owner, device: browser.device });
	if (browser.former !== undefined) await endSession(ctx.db, browser.former);
	// what is left of an account that is gone concerns who has no other one
	if (deletion === 'under_way' || (deletion === 'over' && !isArtist)) {
		return { location: DELETION_PAGE, returnTo: DELETION_PAGE, owner: { did, handle }, session };
	}
	const location = isArtist ? returnTo : setupAddress(returnTo);
	return { location, returnTo, owner: { did, handle }, session };
}

/** Where somebody whose account is to be deleted can keep it. */
const DELETION_PAGE = '/settings/delete-account';

/** The first page of somebody without an artist profile. */
export const setupAddress = (returnTo: string) =>
	returnTo === '/'
		? '/profile/setup'
		: `/profile/setup?${new URLSearchParams({ return_to: returnTo })}`;

/** Ends one session, and the grant when nothing else uses it. */
export async function signOut(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	sessionId: string
): Promise<void> {
	const ended = await endSession(ctx.db, sessionId);
	if (ended) await letGoOfGrant(ctx, ended.did);
}
