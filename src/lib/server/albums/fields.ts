import { z } from 'zod';
import {
	FIRST_YEAR,
	LAST_YEAR,
	MAX_ALBUM_DESCRIPTION_BYTES,
	MAX_ALBUM_TITLE_GRAPHEMES,
	MAX_ALBUM_TRACKS
} from '#lib/albums/album.ts';
import { countGraphemes } from '#lib/artists/artist.ts';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';

const MAX_TITLE_BYTES = 256;

const readable = (value: string) => !value.includes('\ufffd') && value.isWellFormed();
const UNREADABLE = 'contains a character that cannot be kept';

const title = z
	.string({ required_error: 'an album needs a title', invalid_type_error: 'a title is a text' })
	.transform(cleanLine)
	.refine((value) => value !== '', 'an album needs a title')
	.refine(readable, `the title ${UNREADABLE}`)
	.refine(
		(value) =>
			countGraphemes(value) <= MAX_ALBUM_TITLE_GRAPHEMES &&
			Buffer.byteLength(value) <= MAX_TITLE_BYTES,
		`the title of an album has at most ${MAX_ALBUM_TITLE_GRAPHEMES} characters`
	);

const description = z
	.string({ invalid_type_error: 'a description is a text' })
	.transform(cleanLines)
	.refine(readable, `the description ${UNREADABLE}`)
	.refine(
		(value) => Buffer.byteLength(value) <= MAX_ALBUM_DESCRIPTION_BYTES,
		`the description is too long: at most ${MAX_ALBUM_DESCRIPTION_BYTES} bytes, and letters with accents or emoji take more than one`
	)
	.transform((value) => value || null);

const YEAR_WRONG = `a year has four digits, like 2026`;
const year = z
	.number({ invalid_type_error: YEAR_WRONG })
	.int(YEAR_WRONG)
	.min(FIRST_YEAR, YEAR_WRONG)
	.max(LAST_YEAR, YEAR_WRONG);

const imageId = z.string().regex(/^[0-9a-f]{16}$/, 'there is no picture with this id');

const noTrackId: z.ZodErrorMap = (_issue, { data }) => ({
	message: `${JSON.stringify(data)} is not the id of a track`
});
const trackId = z.number({ errorMap: noTrackId }).refine(
	(id) => Number.isSafeInteger(id) && id > 0,
	(id) => ({
		message: `${id} is not the id of a track`
	})
);
const manyTrackIds = z
	.array(trackId, { invalid_type_error: 'tracks are named by a list of their ids' })
	.max(MAX_ALBUM_TRACKS, `an album has at most ${MAX_ALBUM_TRACKS} tracks`);

/** Tracks in an order, each once. */
export const orderOfTracks = manyTrackIds.superRefine((ids, context) => {
	const seen = new Set<number>();
	const twice = ids.find((id) => seen.size === seen.add(id).size);
	if (twice === undefined) return;
	context.addIssue({ code: 'custom', message: `track ${twice} is named twice` });
});

const change = z.object({
	title: title.optional(),
	description: description.nullable().optional(),
	year: year.nullable().optional(),
	imageId: imageId.nullable().optional(),
	order: orderOfTracks.optional(),
	removed: manyTrackIds.optional()
});

/** What of a change has which name for those who send it. */
const FIELD_NAMES: Record<string, string> = {
	imageId: 'image_id',
	order: 'track_ids',
	removed: 'track_ids'
};

/**
 * Checks what somebody wants to change about an album.
 * @throws DomainError 422 `invalid_field`, naming the first field that does not fit
 */
export function readChange(input: AlbumChange): AlbumChange {
	const read = change.safeParse(input);
	if (!read.success) {
		const [issue] = read.error.issues;
		const field = String(issue?.path[0]);
		throw unprocessable(FIELD_NAMES[field] ?? field, issue?.message ?? 'does not fit');
	}
	const said: [string, unknown][] = Object.entries(read.data);
	return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/**
 * The same for a new album, which needs a title.
 * @throws DomainError 422 `invalid_field`
 */
export function readNewAlbum(input: AlbumChange): AlbumChange & { title: string } {
	const { title: given, ...rest } = readChange({ ...input, title: input.title ?? '' });
	return { ...rest, title: given ?? '' };
}

/** A year as it is typed: '' is none. */
export function readYear(text: string): number | null {
	const typed = text.trim();
	if (typed === '') return null;
	return /^\d{4}$/.test(typed) ? Number(typed) : NaN;
}
