import { isValidHandle } from '@atproto/syntax';
import type { ProfileFields } from '#lib/artists/artist-profile.ts';
import { INVALID_HANDLE } from '#lib/artists/artist-path.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { ArtistResponse } from '#lib/artists/artist.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Identity } from '#lib/server/atproto/identity.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { invalid, notFound, unprocessable } from '#lib/server/errors.ts';
import { refuseHiddenAccount } from '#lib/server/moderation/taken-down.ts';
import { cleanBio, cleanName } from './clean-profile.ts';
import {
	type ArtistRow,
	changeArtist,
	findArtistRow,
	findArtistRowByFormerHandle,
	findArtistRowByHandle,
	insertArtist,
	refreshIdentity
} from './queries.ts';

/** As a part of a larger query. */
export { artistsByDid } from './queries.ts';

type ArtistContext = Pick<Context, 'config' | 'db' | 'log' | 'oauth'>;

/** What an artist says about themselves. */
export interface ArtistProfile {
	/** empty: the handle */
	displayName: string;
	bio: string | null;
	/** images.image_id */
	avatarImageId: string | null;
}

/**
 * Makes the viewer's artist profile.
 * @throws DomainError 400 `artist_exists`; 422 for a name or bio that is too long
 */
export async function createArtist(
	ctx: ArtistContext,
	viewer: Viewer,
	profile: ArtistProfile
): Promise<ArtistResponse> {
	const displayName = cleanName(profile.displayName) || viewer.handle;
	const bio = cleanBio(profile.bio ?? '');
	const identity = await ctx.oauth.identify(viewer.did).catch((cause: unknown) => {
		// the handle of the sign-in will do; both are refreshed at the next one
		ctx.log.info('identity_unknown_for_now', { did: viewer.did, reason: String(cause) });
		return undefined;
	});
	const made = await insertArtist(ctx.db, {
		did: viewer.did,
		handle: identity?.handle ?? viewer.handle,
		display_name: displayName,
		bio,
		avatar_image_id: profile.avatarImageId,
		pds_url: identity?.pdsUrl ?? null
	});
	if (!made) throw invalid('artist_exists', 'artist profile already exists');
	ctx.log.info('artist_created', { did: viewer.did });
	return artistResponse(ctx, made);
}

/** A change of a profile. null or left out: stays. Empty: the bio or the avatar is taken away. */
export interface ArtistChange {
	displayName?: string | null | undefined;
	bio?: string | null | undefined;
	avatarImageId?: string | null | undefined;
}

/**
 * Changes the viewer's own profile.
 * @throws DomainError 404 when there is none; 422 for a name or bio that does not fit
 */
export async function updateArtist(
	ctx: Pick<Context, 'config' | 'db'>,
	viewer: Viewer,
	change: ArtistChange
): Promise<ArtistResponse> {
	// what is undefined is left out of the statement
	const displayName = change.displayName ?? undefined;
	const bio = change.bio ?? undefined;
	const avatarImageId = change.avatarImageId ?? undefined;
	const changed = await changeArtist(ctx.db, viewer.did, {
		display_name: displayName === undefined ? undefined : cleanName(displayName) || viewer.handle,
		bio: bio === undefined ? undefined : cleanBio(bio),
		avatar_image_id: avatarImageId === '' ? null : avatarImageId
	});
	if (!changed) throw noProfileYet();
	return artistResponse(ctx, changed);
}

/**
 * Changes everything the form of a profile is about.
 * @param profile.avatarImageId left out: stays. Empty: there is none any more
 * @throws DomainError 404 when there is no profile; 422 naming the name or bio that does not fit
 */
export async function changeProfile(
	{ db }: Pick<Context, 'db'>,
	viewer: Viewer,
	profile: ProfileFields & { avatarImageId: string | undefined }
): Promise<void> {
	const displayName = cleanName(profile.displayName);
	if (displayName === '') throw unprocessable('display_name', 'an artist needs a name');
	const changed = await changeArtist(db, viewer.did, {
		display_name: displayName,
		bio: cleanBio(profile.bio),
		avatar_image_id: profile.avatarImageId === '' ? null : profile.avatarImageId,
		downloads: profile.downloads,
		shows_likes: profile.showsLikes
	});
	if (!changed) throw noProfileYet();
}

/** The viewer's own row. @throws DomainError 404 */
export async function findOwnArtistRow(
	{ db }: Pick<Context, 'db'>,
	viewer: Viewer
): Promise<ArtistRow> {
	const row = await findArtistRow(db, viewer.did);
	if (!row) throw noProfileYet();
	return row;
}

/** @throws DomainError 404 */
export async function findOwnArtist(
	ctx: Pick<Context, 'config' | 'db'>,
	viewer: Viewer
): Promise<ArtistResponse> {
	return artistResponse(ctx, await findOwnArtistRow(ctx, viewer));
}

/**
 * By a handle they have or had before.
 * @throws DomainError 404 `artist_not_found`; 451 or 410 `account_taken_down`
 */
export async function findArtist(
	ctx: Pick<Context, 'config' | 'db'>,
	by: { did: string } | { handle: string }
): Promise<ArtistResponse> {
	const row = 'did' in by ? await rowOf(ctx.db, by.did) : await rowOfHandle(ctx.db, by.handle);
	if (!row) throw notFound('artist not found', 'artist_not_found');
	if (row.is_hidden) await refuseHiddenAccount(ctx.db, row.did);
	return artistResponse(ctx, row);
}

/** The artist at an address: a did, a handle they have, or one they had before. */
export const findArtistRowOf = async (db: Db, address: string): Promise<ArtistRow | undefined> =>
	(await rowOf(db, address)) ?? (await rowOfHandle(db, address));

// what is no did and no handle belongs to nobody, and is not asked for in the database
const rowOf = async (db: Db, did: string) =>
	isDid(did) ? await findArtistRow(db, did) : undefined;

async function rowOfHandle(db: Db, text: string) {
	const handle = text.toLowerCase();
	// it stands for many
	if (!isValidHandle(handle) || handle === INVALID_HANDLE) return undefined;
	return (
		(await findArtistRowByHandle(db, handle)) ?? (await findArtistRowByFormerHandle(db, handle))
	);
}

/** Writes down what a sign-in found out; says whether the person has an artist profile. */
export const refreshArtistIdentity = (db: Db, identity: Identity): Promise<boolean> =>
	refreshIdentity(db, identity);

const noProfileYet = () =>
	notFound('artist profile not found - please create one first', 'artist_profile_not_found');

/** The API's form of an artist. */
export function artistResponse(
	{ config }: Pick<Context, 'config'>,
	row: ArtistRow
): ArtistResponse {
	const { avatar_image_id: avatar } = row;
	return {
		did: row.did,
		handle: row.handle,
		display_name: row.display_name,
		bio: row.bio,
		avatar_url: avatar === null ? null : `${config.publicUrl}/images/${avatar}`,
		created_at: row.created_at.toISOString(),
		updated_at: row.updated_at.toISOString()
	};
}
