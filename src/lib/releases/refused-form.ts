import { readCommaList, readHandles } from './comma-list.ts';
import type { TrackChange } from './release.ts';

/** How a form without scripts came back. */
export interface RefusedForm {
	message: string;
	/** name of the field that does not fit; null when it is none */
	field: string | null;
	/** what was typed, by the name of its field */
	values: Record<string, string>;
	/** the message asks whether to discard it; nothing was done yet */
	isQuestion: boolean;
}

/** What the form says about a track; null when it has joined since the form was written. */
export function typedInForm(
	{ values }: RefusedForm,
	uploadId: string | null
): NonNullable<TrackChange['fields']> | null {
	const of = (name: string) => values[`${name}:${uploadId ?? ''}`];
	if (of('title') === undefined) return null;
	return {
		title: of('title'),
		description: of('description'),
		tags: readCommaList(of('tags') ?? ''),
		features: readHandles(of('features') ?? ''),
		is_explicit: of('explicit') !== undefined,
		is_unlisted: of('unlisted') !== undefined
	};
}
