/** What an artist can change about a track, as values that can be compared. */
export interface TrackValues {
	title: string;
	/** '': none, as with the album */
	description: string;
	album: string;
	features: FeatureValue[];
	/** normalised */
	tags: string[];
	isExplicit: boolean;
	isUnlisted: boolean;
	/** null: no artwork of ours */
	imageId: string | null;
}

export interface FeatureValue {
	did: string;
	/** absent where the record names the did only */
	handle?: string;
	displayName?: string;
}

export type TrackField = keyof TrackValues;

/** In the order of the form. */
export const TRACK_FIELDS = [
	'title',
	'album',
	'description',
	'tags',
	'features',
	'isExplicit',
	'isUnlisted',
	'imageId'
] as const satisfies TrackField[];

/** A field that was changed here and elsewhere since the form was opened. */
export interface FieldConflict {
	field: TrackField;
	yours: string;
	theirs: string;
}

/** How a feature is typed and shown in a form. */
export const featureText = ({ did, handle }: FeatureValue): string => handle ?? did;

/** A value as a person reads it. */
export function fieldText<F extends TrackField>(field: F, value: TrackValues[F]): string {
	if (typeof value === 'string') return value;
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (value === null) return 'none';
	return (value as (string | FeatureValue)[])
		.map((one) => (typeof one === 'string' ? one : `@${featureText(one)}`))
		.join(', ');
}
