import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import { invalid, unprocessable } from '#lib/server/errors.ts';
import { offerImage } from '#lib/server/media/offer-image.ts';
import { readForm } from '#lib/server/uploads/multipart.ts';
import { keepStagedImage, stageImage } from '#lib/server/uploads/staged-image.ts';
import type { TrackValues } from '#lib/tracks/track-values.ts';
import { namePeople } from './name-people.ts';
import { ownTrack } from './own-track.ts';
import { CHANGE_FIELDS, readChange, type SentChange } from './read-change.ts';

/** A change as a form carries it. */
export interface ReceivedForm {
	/** every field, the last of its name */
	fields: Map<string, string>;
	/** the picture that came with it, kept; null: none was chosen */
	imageId: string | null;
}

/**
 * Reads the form of a change while it arrives: fields, and at most one picture, which is kept.
 * @param fields filled as they come: what was typed is there also when the form is refused
 * @throws DomainError as `readForm` and `keepStagedImage`
 */
export async function receiveChangeForm(
	ctx: Context,
	request: Request,
	fields = new Map<string, string>()
): Promise<ReceivedForm> {
	const staged: { id: string | null }[] = [];
	try {
		await readForm(
			request,
			(name, value) => fields.set(name, value),
			async (file) => {
				if (file.name !== 'image' || staged.length > 0) {
					throw invalid(
						'unexpected_file',
						'a track has one picture. its audio is replaced elsewhere'
					);
				}
				const picture: { id: string | null } = { id: null };
				staged.push(picture);
				picture.id = await stageImage(ctx, file.bytes);
			}
		);
		const stagingId = staged[0]?.id ?? null;
		return { fields, imageId: stagingId && (await keepStagedImage(ctx, stagingId)) };
	} finally {
		for (const { id } of staged) if (id !== null) await ctx.storage.staging.discard(id);
	}
}

/** The fields of a form that are a change of the track. */
export function sentChange({ fields, imageId }: ReceivedForm): SentChange {
	const sent: SentChange = {};
	for (const name of CHANGE_FIELDS) {
		const value = fields.get(name);
		// a form without a picture says nothing about pictures
		const isSaid = name === 'image_id' ? value !== '' : true;
		if (value !== undefined && isSaid) sent[name] = value;
	}
	if (fields.get('remove_image') === 'true') sent.image_id = null;
	if (imageId !== null) sent.image_id = imageId;
	return sent;
}

/**
 * What somebody wants of a track of theirs.
 * @param known people they have seen named: nobody is asked about them
 * @throws DomainError 404, 410, 403; 422 for a field that does not fit, people who cannot be found
 *   and a picture we do not have
 */
export async function wantedValues(
	ctx: Context,
	viewer: Viewer,
	id: number,
	sent: SentChange,
	known: readonly Feature[] = []
): Promise<Partial<TrackValues>> {
	const track = await ownTrack(ctx, viewer, id, 'edit');
	const { people, ...wanted } = readChange(sent);
	const imageId = wanted.imageId;
	if (imageId && imageId !== track.image_id && !(await offerImage(ctx, imageId))) {
		throw unprocessable('image_id', 'there is no picture with this id');
	}
	if (!people) return wanted;
	return {
		...wanted,
		features: await namePeople(ctx, viewer, people, [...known, ...track.features])
	};
}
