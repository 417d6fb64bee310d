import { isValidHandle } from '@atproto/syntax';
import { z } from 'zod';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { cleanLine, cleanLines } from './clean-text.ts';

/** What was sent about a track, as text: form fields or tus metadata. */
export interface SentFields {
	/** left out or empty: the file says it, by its tags or its name */
	title?: string;
	album?: string;
	description?: string;
	/** a JSON array of handles */
	features?: string;
	/** of a picture that is kept already */
	image_id?: string;
}

/** The names of the fields, in the order they are reported in. */
export const FIELD_NAMES = ['title', 'album', 'description', 'features', 'image_id'] as const;

/** fm.plyr.track: maxLength of a string counts bytes of UTF-8 (atproto lexicon specification). */
export const MAX_TITLE_BYTES = 256;
export const MAX_ALBUM_BYTES = 256;
export const MAX_DESCRIPTION_BYTES = 5000;
export const MAX_FEATURES = 10;

/** A text a record can hold, cleaned; '' is possible. Lengths count bytes of UTF-8. */
export const text = (what: string, maxBytes: number, clean: (text: string) => string) =>
	z
		.string({ invalid_type_error: `the ${what} is a text` })
		.transform(clean)
		.refine(
			// U+FFFD is what bytes that are no UTF-8 are read as
			(value) => !value.includes('\ufffd') && value.isWellFormed(),
			`the ${what} contains a character that cannot be kept`
		)
		.refine(
			(value) => Buffer.byteLength(value) <= maxBytes,
			`the ${what} is too long: at most ${maxBytes} bytes, and letters with accents or emoji take more than one`
		);

const optionalText = (...options: Parameters<typeof text>) =>
	text(...options)
		.optional()
		.transform((value) => value || undefined);

const optional = <T extends z.ZodTypeAny>(schema: T) =>
	z.preprocess(
		(value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
		schema.optional()
	);

const handle = z
	.string({ invalid_type_error: 'each feature must be a string handle' })
	.transform((value) => value.trim().replace(/^@/, '').toLowerCase())
	.refine(isValidHandle, 'each feature must be a handle, like alice.example.com');

/** Handles as a list, each once. */
const handleList = z
	.array(handle, { invalid_type_error: 'features must be a JSON array of handles' })
	.max(MAX_FEATURES, `maximum ${MAX_FEATURES} featured artists allowed`)
	.transform((list) => [...new Set(list)]);

const handles = z
	.string()
	.transform((value, issues) => {
		try {
			return JSON.parse(value) as unknown;
		} catch {
			issues.addIssue({ code: 'custom', message: 'features must be a JSON array of handles' });
			return z.NEVER;
		}
	})
	.pipe(handleList);

const NO_PICTURE = 'there is no picture with this id';
const imageId = z.string({ invalid_type_error: NO_PICTURE }).regex(/^[0-9a-f]{16}$/, NO_PICTURE);

/** What may be said about a track or an album, field by field: texts cleaned, '' where nothing is left. */
export const fieldSchemas = {
	title: text('title', MAX_TITLE_BYTES, cleanLine),
	albumTitle: text('album title', MAX_ALBUM_BYTES, cleanLine),
	description: text('description', MAX_DESCRIPTION_BYTES, cleanLines),
	features: handleList,
	imageId
};

const sentFields = z.object({
	title: optionalText('title', MAX_TITLE_BYTES, cleanLine),
	album: optionalText('album title', MAX_ALBUM_BYTES, cleanLine),
	description: optionalText('description', MAX_DESCRIPTION_BYTES, cleanLines),
	features: optional(handles),
	image_id: optional(imageId)
});
/**
 * Reads what the artist said about a track.
 * @throws DomainError 422 `invalid_field`, naming the first field that does not fit
 */
export function readFields(sent: SentFields): UploadFields {
	const read = sentFields.safeParse(sent);
	if (!read.success) {
		const [issue] = read.error.issues;
		throw unprocessable(String(issue?.path[0]), issue?.message ?? 'does not fit');
	}
	const { image_id: imageId, ...rest } = read.data;
	const fields: UploadFields = { ...rest, imageId };
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/**
 * The name of a file without a path, fit to be kept and shown; null when nothing is left.
 * Browsers of old sent whole paths, and a program may send anything.
 */
export function readFileName(sent: string | undefined): string | null {
	const last = (sent ?? '')
		.split(/[/\\]/)
		.at(-1)
		?.toWellFormed()
		.replace(/\p{Cc}/gu, '');
	const name = cleanLine(last ?? '');
	return name ? name.slice(0, 200).toWellFormed() : null;
}

/** When a file was changed last, in milliseconds of unix time; undefined when nothing useful is said. */
export const readModifiedMs = (sent: string | undefined): number | undefined =>
	/^\d{1,14}$/.test(sent ?? '') ? Number(sent) : undefined;

/** Where a file lay in the folder that was dropped, fit to be kept; undefined when nothing is left. */
export function readPath(sent: string | undefined): string | undefined {
	const names = (sent ?? '').split(/[/\\]/).map((name) => cleanLine(name.toWellFormed()));
	return names.filter(Boolean).join('/').slice(-1000).toWellFormed() || undefined;
}
