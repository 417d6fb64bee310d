import { type RawBuilder, sql } from 'kysely';
import { unprocessable } from '#lib/server/errors.ts';

/** Where a page of a list ends: the values its rows are sorted by. */
export interface Position {
	createdAt: Date;
	id: number;
}

/** Which page of a list somebody wants; the first one of the usual length when nothing is said. */
export interface PageRequest {
	limit?: number | string;
	cursor?: string;
}

/** How many rows a page has when nobody says, and at most. */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

/**
 * One page of a list sorted by `created_at desc, id desc`. The next page begins after the last row
 * of this one, wherever that is by then: rows that appear or vanish in between shift nothing, and
 * the hundredth page costs as much as the first.
 *
 * `after` is undefined on the first page. Read `rows` rows, one more than a page has, and give them to
 * `split`.
 */
export class KeysetPage {
	readonly limit: number;
	readonly after: Position | undefined;

	constructor(limit: number = DEFAULT_LIMIT, after?: Position) {
		this.limit = limit;
		this.after = after;
	}

	/**
	 * Reads which page is wanted: `limit` (1–100) and `cursor` (as a former page gave it).
	 * @throws DomainError 422 naming the parameter that does not fit
	 */
	static parse({ limit, cursor }: PageRequest): KeysetPage {
		return new KeysetPage(
			limit === undefined ? DEFAULT_LIMIT : parseLimit(String(limit)),
			cursor === undefined ? undefined : parseCursor(cursor)
		);
	}

	/**
	 * How many rows to read, as text of the query: of a parameter nobody would know that it is few, and
	 * a plan would be made anew for each request.
	 */
	get rows(): RawBuilder<number> {
		return sql.lit(this.limit + 1);
	}

	/** Cuts off the row that was read too many, and says where the next page begins; null at the end. */
	split<Row>(rows: Row[], positionOf: (row: Row) => Position): Page<Row> {
		const items = rows.slice(0, this.limit);
		const last = items.at(-1);
		const hasMore = rows.length > this.limit && last !== undefined;
		return { items, nextCursor: hasMore ? formatCursor(positionOf(last)) : null };
	}
}

/** Some rows of a list, and where to go on. */
export interface Page<Item> {
	items: Item[];
	nextCursor: string | null;
}

function parseLimit(text: string): number {
	const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
	if (limit < 1 || limit > MAX_LIMIT) {
		throw unprocessable('limit', `limit is a whole number between 1 and ${MAX_LIMIT}`);
	}
	return limit;
}

/** Milliseconds and id, in base 36: short, and nothing in it needs escaping. */
function formatCursor({ createdAt, id }: Position): string {
	return `${createdAt.getTime().toString(36)}.${id.toString(36)}`;
}

function parseCursor(text: string): Position {
	const [, time = '', id = ''] = /^([0-9a-z]{1,9})\.([0-9a-z]{1,11})$/.exec(text) ?? [];
	const createdAt = new Date(parseInt(time, 36));
	if (Number.isNaN(createdAt.getTime())) {
		throw unprocessable('cursor', 'this cursor is not one of ours. leave it out to start over');
	}
	return { createdAt, id: parseInt(id, 36) };
}
