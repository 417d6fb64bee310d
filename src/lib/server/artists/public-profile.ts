import { z } from 'zod';
import { FetchFailed } from '#lib/server/atproto/safe-fetch.ts';
import type { Context } from '#lib/server/context.ts';

type ProfileContext = Pick<Context, 'log' | 'oauth'>;

/** What a person says about themselves elsewhere on the network. */
export interface PublicProfile {
	displayName: string;
	bio: string;
	avatar: PublicAvatar | undefined;
}

/** A picture in a person's own repository. */
export interface PublicAvatar {
	pdsUrl: string;
	did: string;
	cid: string;
}

/** A page waits for it, and the page works without. */
const READ_LIMIT_MS = 4_000;
const PICTURE_LIMIT_MS = 10_000;

/** https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/actor/profile.json */
const profileRecord = z.object({
	value: z.object({
		displayName: z.string().default(''),
		description: z.string().default(''),
		avatar: z.object({ ref: z.object({ $link: z.string() }) }).optional()
	})
});

/**
 * Reads a person's public profile from their own PDS.
 * @returns undefined when there is none or it cannot be read in time
 */
export async function readPublicProfile(
	ctx: ProfileContext,
	did: string
): Promise<PublicProfile | undefined> {
	const signal = AbortSignal.timeout(READ_LIMIT_MS);
	try {
		const { pdsUrl } = await ctx.oauth.identify(did);
		const query = { repo: did, collection: 'app.bsky.actor.profile', rkey: 'self' };
		const response = await ctx.oauth.safeFetch(
			xrpcUrl(pdsUrl, 'com.atproto.repo.getRecord', query),
			{ signal }
		);
		const parsed = profileRecord.safeParse(response.ok ? await response.json() : undefined);
		if (!parsed.success) return undefined;
		const { displayName, description, avatar } = parsed.data.value;
		return {
			displayName,
			bio: description,
			avatar: avatar && { pdsUrl, did, cid: avatar.ref.$link }
		};
	} catch (cause) {
		ctx.log.info('public_profile_unreadable', { did, reason: String(cause) });
		return undefined;
	}
}

/**
 * Fetches the picture of a public profile.
 * @returns undefined when it cannot be had
 */
export async function fetchAvatar(
	ctx: ProfileContext,
	{ pdsUrl, did, cid }: PublicAvatar
): Promise<Buffer | undefined> {
	const url = xrpcUrl(pdsUrl, 'com.atproto.sync.getBlob', { did, cid });
	return fetchPicture(ctx, url);
}

/** Fetches a picture from an address somebody gave; undefined when it cannot be had. */
export async function fetchPicture(
	ctx: ProfileContext,
	url: URL | string
): Promise<Buffer | undefined> {
	try {
		const signal = AbortSignal.timeout(PICTURE_LIMIT_MS);
		const response = await ctx.oauth.safeFetch(url, { signal });
		return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
	} catch (cause) {
		if (!(cause instanceof FetchFailed)) throw cause;
		ctx.log.info('picture_unreadable', { reason: cause.message });
		return undefined;
	}
}

function xrpcUrl(pdsUrl: string, nsid: string, params: Record<string, string>): URL {
	const url = new URL(`/xrpc/${nsid}`, pdsUrl);
	url.search = new URLSearchParams(params).toString();
	return url;
}
