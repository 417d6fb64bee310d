import { storePublicAvatar } from '#lib/server/artists/avatars.ts';
import { readPublicProfile } from '#lib/server/artists/public-profile.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { findWantedPeople, keepPerson, postponePerson, wantAgain } from './queries.ts';

/** So many servers are asked at the same time. */
const AT_ONCE = 5;
/** After a failure. */
const AGAIN_AFTER_SECONDS = 15 * 60;
const FRESH_MS = 24 * 60 * 60 * 1000;
const LONGEST_NAME = 640;

/**
 * Finds out who the people are that we show: their handle, and the name and picture of their public
 * profile, of which we keep a copy. To be called by a job, never by a request.
 * @returns how many were found
 */
export async function resolvePeople(ctx: Context, signal?: AbortSignal): Promise<number> {
	let resolved = 0;
	for (;;) {
		const dids = await findWantedPeople(ctx.db, AT_ONCE);
		if (dids.length === 0) return resolved;
		signal?.throwIfAborted();
		const found = await Promise.all(dids.map((did) => resolvePerson(ctx, did)));
		resolved += found.filter(Boolean).length;
	}
}

async function resolvePerson(ctx: Context, did: string): Promise<boolean> {
	try {
		const { handle } = await ctx.oauth.identify(did);
		const profile = await readPublicProfile(ctx, did);
		const avatar = profile?.avatar && (await storePublicAvatar(ctx, profile.avatar));
		await keepPerson(ctx.db, did, {
			handle: handle === 'handle.invalid' ? null : handle,
			display_name: oneLine(profile?.displayName ?? '') || null,
			avatar_image_id: avatar ?? null
		});
		return true;
	} catch (cause) {
		ctx.log.info('person_unknown_for_now', { did, ...describeError(cause) });
		await postponePerson(ctx.db, did, AGAIN_AFTER_SECONDS);
		return false;
	}
}

/** Without control characters and marks of writing direction: it stands between words of ours. */
const oneLine = (text: string): string =>
	text
		.slice(0, LONGEST_NAME)
		.replace(/[\p{Cc}\s]+/gu, ' ')
		.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
		.trim();

/** Who was shown and is not known well enough any more is looked up again, in the background. */
export async function refreshPeople(
	ctx: Pick<Context, 'db' | 'jobs'>,
	shown: readonly { did: string; resolvedAt: Date | null }[]
): Promise<void> {
	const old = shown.filter(
		({ resolvedAt }) => resolvedAt && resolvedAt.getTime() < Date.now() - FRESH_MS
	);
	if (old.length === 0) return;
	const wanted = await wantAgain(
		ctx.db,
		old.map(({ did }) => did)
	);
	if (wanted > 0) await ctx.jobs.enqueuePeople(ctx.db);
}
