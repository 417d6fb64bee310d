import type { TrackRecord } from '#lib/server/atproto/records/track-record.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import type { TrackValues } from '#lib/tracks/track-values.ts';
import type { TrackRow } from './queries.ts';

/** What of a row these values are. */
type ValuesRow = Pick<
	TrackRow,
	| 'title'
	| 'description'
	| 'album_title'
	| 'features'
	| 'tags'
	| 'is_explicit'
	| 'listed_as'
	| 'image_id'
>;

/** What can be changed of a track, as the index knows it. */
export const valuesOfRow = (row: ValuesRow): TrackValues => ({
	title: row.title,
	description: row.description ?? '',
	album: row.album_title ?? '',
	features: row.features,
	tags: row.tags,
	isExplicit: row.is_explicit,
	isUnlisted: row.listed_as === 'unlisted',
	imageId: row.image_id
});

/** The same as its record says. */
export const valuesOfRecord = (record: TrackRecord): TrackValues => ({
	title: record.title,
	description: record.description ?? '',
	album: record.album ?? '',
	features: record.features,
	tags: record.tags,
	isExplicit: record.isExplicit,
	isUnlisted: record.isUnlisted,
	imageId: record.imageId
});

/** What `readChange` makes of the same texts: another program may have written them with other spaces. */
export const asSentBack = (values: TrackValues): TrackValues => ({
	...values,
	title: cleanLine(values.title),
	album: cleanLine(values.album),
	description: cleanLines(values.description)
});
