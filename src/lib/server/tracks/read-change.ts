import { isValidHandle } from '@atproto/syntax';
import { z } from 'zod';
import { isDid } from '#lib/auth/handle.ts';
import { invalid, unprocessable } from '#lib/server/errors.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import {
	MAX_ALBUM_BYTES,
	MAX_DESCRIPTION_BYTES,
	MAX_FEATURES,
	MAX_TITLE_BYTES,
	text
} from '#lib/server/uploads/fields.ts';
import { MAX_TAGS, normaliseTag } from '#lib/tracks/tag.ts';
import type { TrackValues } from '#lib/tracks/track-values.ts';

/** A change of a track as it was sent: form fields, or a JSON object. */
export interface SentChange {
	title?: unknown;
	album?: unknown;
	description?: unknown;
	/** handles or dids: a list, a JSON array, or separated by commas */
	features?: unknown;
	tags?: unknown;
	is_explicit?: unknown;
	is_unlisted?: unknown;
	/** of a picture that is kept already; null or '': none */
	image_id?: unknown;
}

/** What is wanted of a track, with people as they were named. */
export type ReadChange = Partial<Omit<TrackValues, 'features'>> & { people?: string[] };

/** The fields of a change, in the order they are reported in. */
export const CHANGE_FIELDS = [
	'title',
	'album',
	'description',
	'features',
	'tags',
	'is_explicit',
	'is_unlisted',
	'image_id'
] as const satisfies (keyof SentChange)[];

const flag = z
	.union([z.boolean(), z.enum(['true', 'false'])])
	.transform((value) => value === true || value === 'true');

/** As a list, as JSON in a form, or the way people type one. */
const list = (what: string) =>
	z.union([z.string(), z.array(z.string())]).transform((value, issues): string[] => {
		if (typeof value !== 'string') return value;
		if (!value.trimStart().startsWith('[')) return value.split(/[,\n]/).filter((one) => one.trim());
		try {
			return z.array(z.string()).parse(JSON.parse(value));
		} catch {
			issues.addIssue({ code: 'custom', message: `${what} must be a JSON array of texts` });
			return z.NEVER;
		}
	});

const people = list('features').transform((names, issues) => {
	const cleaned = names.map((name) => cleanLine(name).replace(/^@/, '').toLowerCase());
	const wrong = cleaned.find((name) => !isDid(name) && !isValidHandle(name));
	if (wrong !== undefined) {
		const message = `“${wrong.slice(0, 60)}” is no handle. a handle is like alice.example.com`;
		issues.addIssue({ code: 'custom', message });
	}
	if (cleaned.length > MAX_FEATURES) {
		const message = `maximum ${MAX_FEATURES} featured artists allowed`;
		issues.addIssue({ code: 'custom', message });
	}
	return [...new Set(cleaned)];
});

const tags = list('tags').transform((texts, issues) => {
	const read = texts.map((sent) => ({ sent, tag: normaliseTag(sent) }));
	const wrong = read.find(({ tag }) => tag === null);
	if (wrong) {
		const message = `“${wrong.sent.trim().slice(0, 60)}” cannot be a tag: a tag has 1 to 32 characters`;
		issues.addIssue({ code: 'custom', message });
	}
	const kept = [...new Set(read.map(({ tag }) => tag).filter((tag) => tag !== null))];
	if (kept.length > MAX_TAGS) {
		issues.addIssue({ code: 'custom', message: `a track has at most ${MAX_TAGS} tags` });
	}
	return kept;
});

const change = z.object({
	title: text('title', MAX_TITLE_BYTES, cleanLine)
		.refine((title) => title !== '', 'a track needs a title')
		.optional(),
	album: text('album title', MAX_ALBUM_BYTES, cleanLine).optional(),
	description: text('description', MAX_DESCRIPTION_BYTES, cleanLines).optional(),
	features: people.optional(),
	tags: tags.optional(),
	is_explicit: flag.optional(),
	is_unlisted: flag.optional(),
	image_id: z
		.string()
		.regex(/^(?:[0-9a-f]{16})?$/, 'there is no picture with this id')
		.nullable()
		.optional()
});

/**
 * Reads a change of a track.
 * @throws DomainError 422 `invalid_field`, naming the first field that does not fit; 400
 *   `invalid_json` for a list that looks like JSON and is none
 */
export function readChange(sent: SentChange): ReadChange {
	const read = change.safeParse(sent);
	if (!read.success) {
		const [issue] = read.error.issues;
		const message = issue?.message.toLowerCase() ?? 'does not fit';
		if (message.includes('json array')) throw invalid('invalid_json', message);
		throw unprocessable(String(issue?.path[0]), message);
	}
	const { title, album, description, features, tags: words, image_id: imageId } = read.data;
	const wanted: ReadChange = {};
	if (title !== undefined) wanted.title = title;
	if (album !== undefined) wanted.album = album;
	if (description !== undefined) wanted.description = description;
	if (features) wanted.people = features;
	if (words) wanted.tags = words;
	if (read.data.is_explicit !== undefined) wanted.isExplicit = read.data.is_explicit;
	if (read.data.is_unlisted !== undefined) wanted.isUnlisted = read.data.is_unlisted;
	if (imageId !== undefined) wanted.imageId = imageId || null;
	return wanted;
}
