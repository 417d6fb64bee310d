import type { ListSubject } from '#lib/server/atproto/records/list-record.ts';

/** An item of a list record as it stands there, with whatever else it has. */
type Item = unknown;

/** The items of a record as it was read. */
export const itemsOf = (record: Record<string, unknown>): Item[] =>
	Array.isArray(record['items']) ? record['items'] : [];

/** The address an item is about; undefined for one we cannot read. */
export function uriOf(item: Item): string | undefined {
	const subject = isObject(item) ? item['subject'] : undefined;
	const uri = isObject(subject) ? subject['uri'] : undefined;
	return typeof uri === 'string' ? uri : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

/**
 * Adds the tracks of an album that its list does not have yet: each behind the one it follows in
 * the album, wherever that is. What is there stays where it is, other programs' items too.
 * @param members all tracks of the album, in order
 * @param listed addresses that were on the list before: somebody has taken them off
 */
export function addMissing(
	items: readonly Item[],
	members: readonly ListSubject[],
	listed: ReadonlySet<string>
): Item[] {
	const added = [...items];
	const indexOf = (uri: string | undefined) => added.findIndex((item) => uriOf(item) === uri);
	let former: string | undefined;
	for (const subject of members) {
		if (indexOf(subject.uri) < 0) {
			if (listed.has(subject.uri)) continue;
			const next = members
				.slice(members.indexOf(subject) + 1)
				.map(({ uri }) => indexOf(uri))
				.find((at) => at >= 0);
			const at = former === undefined ? (next ?? added.length) : indexOf(former) + 1;
			added.splice(at, 0, { subject: { uri: subject.uri, cid: subject.cid } });
		}
		former = subject.uri;
	}
	return added;
}

/**
 * Gives the artist's own tracks on a list the wanted order. Items of others keep their places; own
 * ones that are not wanted go, new ones come to the end.
 * @param isOwn whether an address is a track the artist decides about here
 */
export function arrange(
	items: readonly Item[],
	isOwn: (uri: string) => boolean,
	wanted: readonly ListSubject[]
): Item[] {
	const known = new Map(items.map((item) => [uriOf(item), item]));
	const queue = wanted.map((subject) => known.get(subject.uri) ?? { subject: { ...subject } });
	const arranged: Item[] = [];
	for (const item of items) {
		const uri = uriOf(item);
		if (uri === undefined || !isOwn(uri)) arranged.push(item);
		else if (queue.length > 0) arranged.push(queue.shift());
	}
	return [...arranged, ...queue];
}
