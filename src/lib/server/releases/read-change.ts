import { z } from 'zod';
import { MAX_TAGS, normaliseTag } from '#lib/tracks/tag.ts';
import { DomainError } from '#lib/server/errors.ts';
import { fieldSchemas } from '#lib/server/uploads/fields.ts';

/** '' and null take a field back. */
const orNull = <T extends z.ZodTypeAny>(schema: T) =>
	schema.nullable().transform((value: z.output<T> | null) => (value === '' ? null : value));

const tag = z.string({ invalid_type_error: 'a tag is a text' }).transform((text, issues) => {
	const normalised = normaliseTag(text);
	if (normalised !== null) return normalised;
	const message = `"${text.slice(0, 40)}" cannot be a tag: a tag has 1 to 32 letters`;
	issues.addIssue({ code: 'custom', message });
	return z.NEVER;
});

const tags = z
	.array(tag, { invalid_type_error: 'tags are a list' })
	.transform((list) => [...new Set(list)])
	.refine((list) => list.length <= MAX_TAGS, `a track has at most ${MAX_TAGS} tags`);

const yesNo = (what: string) => z.boolean({ invalid_type_error: `${what} is true or false` });

const trackFields = z
	.object({
		title: orNull(fieldSchemas.title),
		description: orNull(fieldSchemas.description),
		tags: tags.nullable(),
		features: fieldSchemas.features.nullable(),
		is_explicit: yesNo('is_explicit'),
		is_unlisted: yesNo('is_unlisted'),
		image_id: orNull(fieldSchemas.imageId)
	})
	.partial()
	.strict();

const year = z
	.number({ invalid_type_error: 'the year is a number, like 2026' })
	.int('the year is a number, like 2026')
	.min(1000, 'the year has four digits, like 2026')
	.max(2999, 'the year has four digits, like 2026');

/** No one plans further ahead, and a slip of the keyboard is noticed. */
const FURTHEST_MS = 366 * 24 * 60 * 60 * 1000;

const releaseAt = z
	.string({ invalid_type_error: 'the release time is a text, like 2026-12-01T10:00:00Z' })
	.datetime({ offset: true, message: 'the release time is written like 2026-12-01T10:00:00Z' })
	.transform((text) => new Date(text))
	.refine(
		(time) => time.getTime() > Date.now(),
		'the release time is over already: choose one in the future, or none to publish at once'
	)
	.refine(
		(time) => time.getTime() < Date.now() + FURTHEST_MS,
		'the release time is more than a year away: choose an earlier one'
	);

const change = z
	.object({
		fields: z
			.object({
				// '' says that it is no album, which is not the same as having said nothing
				album_title: fieldSchemas.albumTitle.nullable(),
				description: orNull(fieldSchemas.description),
				year: year.nullable(),
				image_id: orNull(fieldSchemas.imageId)
			})
			.partial()
			.strict(),
		release_at: releaseAt.nullable(),
		rights_confirmed: yesNo('rights_confirmed'),
		tracks: z
			.array(
				z
					.object({
						upload_id: z.string(),
						position: z
							.number({ invalid_type_error: 'the position is a number from 1 on' })
							.int('the position is a number from 1 on')
							.min(1, 'the position is a number from 1 on')
							.optional(),
						fields: trackFields.optional()
					})
					.strict()
			)
			.max(500)
	})
	.partial()
	.strict();

/** A change that fits: texts are cleaned, tags normalised, '' where it means nothing is null. */
export type ReadChange = z.output<typeof change>;
export type ReadTrackFields = z.output<typeof trackFields>;

/**
 * Reads a `ReleaseChange`.
 * @param nameOf how the artist knows a track, by its upload
 * @throws DomainError 422 `invalid_field`; its `detail.field` is the name of the field on the page:
 * `album_title`, `title:<upload_id>`
 */
export function readChange(sent: unknown, nameOf: (uploadId: string) => string): ReadChange {
	const read = change.safeParse(sent);
	if (read.success) return read.data;
	const issue = read.error.issues[0];
	const path = issue?.path ?? [];
	const sentence = (issue?.message ?? 'this does not fit').toLowerCase();
	if (path[0] !== 'tracks' || typeof path[1] !== 'number') {
		throw refusal(String(path[0] === 'fields' ? path[1] : (path[0] ?? 'body')), sentence);
	}
	const uploadId = uploadIdAt(sent, path[1]);
	const name = String(path[2] === 'fields' ? path[3] : path[2]).replace(/^is_/, '');
	throw refusal(`${name}:${uploadId}`, `${nameOf(uploadId)}: ${sentence}`);
}

function uploadIdAt(sent: unknown, index: number): string {
	const { tracks } = sent as { tracks: { upload_id?: unknown }[] };
	return String(tracks[index]?.upload_id);
}

const refusal = (field: string, message: string) =>
	new DomainError(422, 'invalid_field', message, { detail: { field, message } });
