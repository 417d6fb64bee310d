import type { Viewer } from '#lib/auth/viewer.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import { getRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import { invalid, unprocessable } from '#lib/server/errors.ts';
import { offerImage } from '#lib/server/media/offer-image.ts';
import { readForm } from '#lib/server/uploads/multipart.ts';
import { keepStagedImage, stageImage } from '#lib/server/uploads/staged-image.ts';
import type { TrackValues } from '#lib/tracks/track-values.ts';
import { namePeople } from './name-people.ts';
import { ownTrack } from './own-track.ts';
import type { TrackRow } from './queries.ts';
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
 * @param seen people their form says the track names: nobody is asked about those it does name
 * @throws DomainError 404, 410, 403; 422 for a field that does not fit, people who cannot be found
 *   and a picture we do not have;
 *   as `getRecord`
 */
export async function wantedValues(
	ctx: Context,
	viewer: Viewer,
	id: number,
	sent: SentChange,
	seen: readonly Feature[] = []
): Promise<Partial<TrackValues>> {
	const track = await ownTrack(ctx, viewer, id, 'edit');
	const { people, ...wanted } = readChange(sent);
	const imageId = wanted.imageId;
	if (imageId && imageId !== track.image_id && !(await offerImage(ctx, imageId))) {
		throw unprocessable('image_id', 'there is no picture with this id');
	}
	if (!people) return wanted;
	const known = await namedBy(ctx, track, seen);
	return { ...wanted, features: await namePeople(ctx, viewer, people, known) };
}

/**
 * Whom a track names. What a form has seen may be invented: where the index does not say so, another
 * program may have named them since, and the record is asked.
 */
async function namedBy(
	ctx: Context,
	{ artist_did: did, rkey, features }: TrackRow,
	seen: readonly Feature[]
): Promise<Feature[]> {
	const isIndexed = (one: Feature) =>
		features.some((known) => known.did === one.did && known.handle === one.handle);
	if (seen.every(isIndexed)) return features;
	const site = recordSite(ctx.config);
	const current = await getRecord(ctx, { did, collection: site.trackCollection, rkey });
	if (!current) return features;
	try {
		return [...decodeTrack(site, current.record).features, ...features];
	} catch (cause) {
		// whoever writes it says what is wrong with it
		if (cause instanceof InvalidRecord) return features;
		throw cause;
	}
}
