import { DOWNLOAD_RULES } from '#lib/artists/download-rule.ts';
import type { ProfileFields } from '#lib/artists/artist-profile.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { invalid, unprocessable } from '#lib/server/errors.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { readForm } from '#lib/server/uploads/multipart.ts';
import { keepStagedImage, stageImage } from '#lib/server/uploads/staged-image.ts';
import { changeProfile, findOwnArtistRow } from './artists.ts';

/** What the form of the viewer's own profile is filled with. */
export interface ProfileForm {
	fields: ProfileFields;
	avatarUrl: string | null;
}

/** @throws DomainError 404 when there is no profile */
export async function getOwnProfile(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer
): Promise<ProfileForm> {
	const row = await findOwnArtistRow(ctx, viewer);
	return {
		fields: {
			displayName: row.display_name,
			bio: row.bio ?? '',
			downloads: row.downloads,
			showsLikes: row.shows_likes
		},
		avatarUrl: row.avatar_image_id && imageUrl(row.avatar_image_id, 320)
	};
}

/**
 * Receives the form of the viewer's own profile: what they say about themselves, what they allow,
 * and perhaps another picture, or none any more.
 * @param typed filled as it arrives: what was typed is there also when the form is refused
 * @throws DomainError 422 naming the field, 400 `unsupported_image` or `broken_image`, 413, 404; and
 * as `readForm`
 */
export async function receiveProfile(
	ctx: Context,
	viewer: Viewer,
	request: Request,
	typed: Map<string, string>
): Promise<void> {
	const stagingId = await readProfile(ctx, request, typed);
	try {
		const fields = profileFields(typed);
		const picture = stagingId && (await keepStagedImage(ctx, stagingId));
		const none = typed.get('remove_image') === 'true' ? '' : undefined;
		await changeProfile(ctx, viewer, { ...fields, avatarImageId: picture ?? none });
	} finally {
		if (stagingId !== null) await ctx.storage.staging.discard(stagingId);
	}
}

/** @returns the picture that came along, put aside; null: none was chosen */
async function readProfile(
	ctx: Context,
	request: Request,
	typed: Map<string, string>
): Promise<string | null> {
	const staged: string[] = [];
	try {
		await readForm(
			request,
			(name, value) => typed.set(name, value),
			async (file) => {
				const isExpected = file.name === 'image' && staged.length === 0;
				if (!isExpected) throw invalid('unexpected_file', 'a profile has one picture');
				const id = await stageImage(ctx, file.bytes);
				if (id !== null) staged.push(id);
			}
		);
		return staged[0] ?? null;
	} catch (cause) {
		for (const id of staged) await ctx.storage.staging.discard(id);
		throw cause;
	}
}

/** What the fields of a form say. @throws DomainError 422 for a choice that is none */
function profileFields(typed: ReadonlyMap<string, string>): ProfileFields {
	const downloads = DOWNLOAD_RULES.find((rule) => rule === typed.get('downloads'));
	if (!downloads) throw unprocessable('downloads', 'choose who may download your tracks');
	return {
		displayName: typed.get('display_name') ?? '',
		bio: typed.get('bio') ?? '',
		downloads,
		showsLikes: typed.get('shows_likes') === 'yes'
	};
}

/** A form as it was sent, to be shown again. */
export const typedProfile = (typed: ReadonlyMap<string, string>) => ({
	displayName: typed.get('display_name') ?? '',
	bio: typed.get('bio') ?? '',
	downloads: typed.get('downloads') ?? '',
	showsLikes: typed.get('shows_likes') === 'yes'
});
