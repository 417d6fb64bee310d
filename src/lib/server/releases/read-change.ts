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

/** What is sent under a name that has fields of its own. */
const object = <T extends z.ZodRawShape>(shape: T, sentence: string) =>
	z.object(shape, { invalid_type_error: sentence, required_error: sentence }).partial().strict();

const FIELDS = 'fields is an object';

const trackFields = object(
	{
		title: orNull(fieldSchemas.title),
		description: orNull(fieldSchemas.description),
		tags: tags.nullable(),
		features: fieldSchemas.features.nullable(),
		is_explicit: yesNo('is_explicit'),
		is_unlisted: yesNo('is_unlisted'),
		image_id: orNull(fieldSchemas.imageId)
	},
	FIELDS
);

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

const MAX_TRACKS = 500;

const POSITION = 'the position is a number from 1 on';
const UPLOAD_ID = 'each of the tracks has a text as its upload_id';

const trackChange = object(
	{
		upload_id: z.string({ invalid_type_error: UPLOAD_ID, required_error: UPLOAD_ID }),
		position: z.number({ invalid_type_error: POSITION }).int(POSITION).min(1, POSITION),
		fields: trackFields
	},
	'a track is an object with its upload_id'
).required({ upload_id: true });

const change = object(
	{
		fields: object(
			{
				// '' says that it is no album, which is not the same as having said nothing
				album_title: fieldSchemas.albumTitle.nullable(),
				description: orNull(fieldSchemas.description),
				year: year.nullable(),
				image_id: orNull(fieldSchemas.imageId)
			},
			FIELDS
		),
		release_at: releaseAt.nullable(),
		rights_confirmed: yesNo('rights_confirmed'),
		tracks: z
			.array(trackChange, { invalid_type_error: 'tracks is a list' })
			.max(MAX_TRACKS, `tracks has at most ${MAX_TRACKS} entries`)
	},
	'a change is an object'
);

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
	const isUnknown = issue?.code === 'unrecognized_keys';
	const path = [...(issue?.path ?? []), ...(isUnknown ? issue.keys.slice(0, 1) : [])];
	const name = lastName(path);
	const sentence = isUnknown
		? `there is no field "${name.slice(0, 40)}" here`
		: issue?.message.toLowerCase();
	const uploadId = path[0] === 'tracks' ? uploadIdAt(sent, Number(path[1])) : undefined;
	if (uploadId === undefined) {
		throw refusal(path[0] === 'tracks' ? 'tracks' : name, sentence ?? 'this does not fit');
	}
	const field = `${name.replace(/^is_/, '')}:${uploadId}`;
	throw refusal(field, `${nameOf(uploadId)}: ${sentence ?? 'this does not fit'}`);
}

/** The field a path leads to: what is wrong with an entry of a list is wrong with the list. */
const lastName = (path: readonly (string | number)[]): string =>
	path.findLast((step) => typeof step === 'string') ?? 'body';

function uploadIdAt(sent: unknown, index: number): string | undefined {
	const { tracks } = sent as { tracks: { upload_id?: unknown }[] };
	const id = Array.isArray(tracks) ? tracks[index]?.upload_id : undefined;
	return typeof id === 'string' ? id : undefined;
}

const refusal = (field: string, message: string) =>
	new DomainError(422, 'invalid_field', message, { detail: { field, message } });
