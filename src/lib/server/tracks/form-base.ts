import { z } from 'zod';
import { invalid } from '#lib/server/errors.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import type { EditForm } from '#lib/tracks/edit-form.ts';
import {
	featureText,
	TRACK_FIELDS,
	type TrackField,
	type TrackValues
} from '#lib/tracks/track-values.ts';
import { asSentBack } from './values.ts';

/** What the artist saw, as the form carries it. */
const base = z.object({
	cid: z.string().max(200),
	/** the album the record names by itself; a list may have the track in another one */
	named: z.string().optional(),
	values: z.object({
		title: z.string(),
		description: z.string(),
		album: z.string(),
		features: z.array(
			z.object({
				did: z.string(),
				handle: z.string().optional(),
				displayName: z.string().optional()
			})
		),
		tags: z.array(z.string()),
		isExplicit: z.boolean(),
		isUnlisted: z.boolean(),
		imageId: z.string().nullable()
	})
});

export interface Base {
	cid: string;
	named?: string | undefined;
	values: TrackValues;
}

/** @throws DomainError 400 `incomplete_form` */
export function readBase(text: string | undefined): Base {
	try {
		return base.parse(JSON.parse(text ?? ''));
	} catch (cause) {
		throw invalid('incomplete_form', 'this form is not complete. open it again and send it whole', {
			cause
		});
	}
}

/** What an untouched form says. A field of one line cannot hold a break, so that it gets none. */
function typedOf(values: TrackValues): Omit<EditForm['typed'], 'removeImage'> {
	const { title, album, description } = asSentBack(values);
	return {
		title,
		album,
		description,
		tags: values.tags.join(', '),
		features: values.features.map(featureText).join(', '),
		isExplicit: values.isExplicit,
		isUnlisted: values.isUnlisted
	};
}

/**
 * The fields of a form without those that came back as they were given: they say nothing, so the
 * record keeps them, and what they hold is nothing to refuse.
 */
export function whatChanged(
	fields: ReadonlyMap<string, string>,
	{ values }: Base
): Map<string, string> {
	const given = typedOf(values);
	const untouched: Record<string, (sent: string) => boolean> = {
		title: (sent) => cleanLine(sent) === given.title,
		album: (sent) => cleanLine(sent) === given.album,
		description: (sent) => cleanLines(sent) === given.description,
		tags: (sent) => sent === given.tags,
		features: (sent) => sent === given.features,
		is_explicit: (sent) => (sent === 'true') === given.isExplicit,
		is_unlisted: (sent) => (sent === 'true') === given.isUnlisted
	};
	return new Map([...fields].filter(([name, sent]) => !untouched[name]?.(sent)));
}

/** Whether of a field that was changed elsewhere too that version was chosen. */
export const isTheirs = (fields: ReadonlyMap<string, string>, field: TrackField): boolean =>
	fields.get(`choose_${field}`) === 'theirs';

/**
 * Puts the version that was chosen into the fields it was chosen for. It is what the form was given,
 * so that it says nothing; and there it stands when the form is refused for something else.
 */
export function takeTheirs(fields: Map<string, string>): void {
	const chosen = TRACK_FIELDS.filter((field) => isTheirs(fields, field));
	if (chosen.length === 0) return;
	const { values } = readBase(fields.get('base'));
	const { title, album, description, tags, features, isExplicit, isUnlisted } = typedOf(values);
	const theirs: Record<TrackField, Record<string, string>> = {
		title: { title },
		album: { album },
		description: { description },
		tags: { tags },
		features: { features },
		isExplicit: { is_explicit: String(isExplicit) },
		isUnlisted: { is_unlisted: String(isUnlisted) },
		imageId: { image_id: '', remove_image: 'false' }
	};
	for (const field of chosen) {
		for (const [name, value] of Object.entries(theirs[field])) fields.set(name, value);
	}
}

/**
 * The form of a track.
 * @param seen what it says and which version that is
 * @param values what stands in the fields
 */
export function filledForm(seen: Base, values: TrackValues): EditForm {
	return {
		typed: {
			...typedOf(values),
			removeImage: values.imageId === null && seen.values.imageId !== null
		},
		imageId: values.imageId === seen.values.imageId ? '' : (values.imageId ?? ''),
		base: JSON.stringify(seen),
		message: null,
		field: null,
		conflicts: [],
		needsSignIn: false
	};
}
