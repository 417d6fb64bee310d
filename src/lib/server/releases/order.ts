import { type KnownFile, suggestTrack } from './suggest.ts';

/** What the order of a release is made of. */
export interface OrderedFile extends KnownFile {
	id: string;
	/** 1-based, as last written down */
	release_position: number | null;
	created_at: Date;
}

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * The files of a release in its order: the artist's when they have chosen one, with later files at
 * the end; else by disc, track number and the path in the folder, as a person would count.
 */
export function inOrder<T extends OrderedFile>(files: readonly T[], isOrdered: boolean): T[] {
	return isOrdered ? [...files].sort(byPosition) : sortBySuggestion(files);
}

function byPosition(a: OrderedFile, b: OrderedFile): number {
	const places = [a, b].map((file) => file.release_position ?? Infinity);
	return compare(places[0], places[1]) || a.created_at.getTime() - b.created_at.getTime();
}

function sortBySuggestion<T extends OrderedFile>(files: readonly T[]): T[] {
	const keyed = files.map((file) => {
		const { discNumber, trackNumber } = suggestTrack(file);
		const path = file.fields.path ?? file.file_name;
		return { file, disc: discNumber ?? 1, track: trackNumber ?? Infinity, path };
	});
	keyed.sort(
		(a, b) =>
			compare(a.disc, b.disc) ||
			compare(a.track, b.track) ||
			natural.compare(a.path, b.path) ||
			byPosition(a.file, b.file)
	);
	return keyed.map(({ file }) => file);
}

/** Infinity minus itself is no number. */
const compare = (a = 0, b = 0) => (a === b ? 0 : a < b ? -1 : 1);

/**
 * An order in which some are moved to a place of their own; the others keep theirs among each other.
 * @param places 1-based, by id; places beyond the end are the end
 */
export function moveTo(ids: readonly string[], places: ReadonlyMap<string, number>): string[] {
	const moved = ids.filter((id) => !places.has(id));
	const inserted = ids
		.flatMap((id) => {
			const place = places.get(id);
			return place === undefined ? [] : [{ id, place }];
		})
		// of two for one place, the first stays before the second
		.reverse()
		.sort((a, b) => a.place - b.place);
	for (const { id, place } of inserted) moved.splice(Math.max(0, place - 1), 0, id);
	return moved;
}
