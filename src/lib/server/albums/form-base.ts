import { z } from 'zod';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';

/** What the form of an album was given; it comes back with it as it is. */
const base = z.object({
	title: z.string(),
	year: z.string(),
	description: z.string(),
	/** its tracks, in the order they stood in */
	order: z.array(z.number())
});

export type AlbumBase = z.infer<typeof base>;

export const writeBase = (
	{ title, year, description }: { title: string; year: number | null; description: string | null },
	tracks: readonly { id: number }[]
): string => {
	const order = tracks.map(({ id }) => id);
	const given: AlbumBase = {
		title,
		year: String(year ?? ''),
		description: description ?? '',
		order
	};
	return JSON.stringify(given);
};

/** @returns null for a form that does not say what it was given: all of it is wanted */
export function readBase(text: string): AlbumBase | null {
	try {
		return base.parse(JSON.parse(text));
	} catch {
		return null;
	}
}

/**
 * What an artist changed in a form. What came back as it was given says nothing, so that the record
 * keeps it as it is now, whoever has written it and however.
 */
export function onlyChanged(change: AlbumChange, given: AlbumBase | null): AlbumChange {
	if (!given) return change;
	const { title, description, year, order, removed = [], ...rest } = change;
	const changed: AlbumChange = rest;
	if (title !== undefined && cleanLine(title) !== cleanLine(given.title)) changed.title = title;
	if (cleanLines(description ?? '') !== cleanLines(given.description)) {
		changed.description = description ?? null;
	}
	if (String(year ?? '') !== given.year) changed.year = year ?? null;
	const isReordered = order !== undefined && order.join() !== given.order.join();
	return isReordered || removed.length > 0 ? { ...changed, order: order ?? [], removed } : changed;
}
