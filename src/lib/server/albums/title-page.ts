import { sql } from 'kysely';
import { z } from 'zod';
import { KeysetPage, type Page, type PageRequest } from '#lib/server/db/keyset.ts';
import { unprocessable } from '#lib/server/errors.ts';

/** Where a page ends: what albums are sorted by. */
const position = z.tuple([z.string().refine((title) => !title.includes('\0')), z.string().uuid()]);

/** One page of a list of albums sorted by title, as `KeysetPage` is one of what is sorted by time. */
export class TitlePage {
	readonly limit: number;
	/** lower-case title and id; undefined on the first page */
	readonly after: readonly [title: string, id: string] | undefined;

	constructor(limit: number, after?: readonly [title: string, id: string]) {
		this.limit = limit;
		this.after = after;
	}

	/** @throws DomainError 422 naming the parameter that does not fit */
	static parse({ limit, cursor }: PageRequest): TitlePage {
		const { limit: count } = KeysetPage.parse({ limit });
		return new TitlePage(count, cursor === undefined ? undefined : parseCursor(cursor));
	}

	/** What comes behind the page before; for a query that sorts by `lower(albums.title), albums.id`. */
	get condition() {
		if (!this.after) return sql<boolean>`true`;
		const [title, id] = this.after;
		return sql<boolean>`(lower(albums.title), albums.id) > (${title}, ${id}::uuid)`;
	}

	/** As that of `KeysetPage`: give it `limit + 1` rows. */
	split<Row extends { sort_title: string; id: string }>(rows: Row[]): Page<Row> {
		const items = rows.slice(0, this.limit);
		const last = items.at(-1);
		if (rows.length <= this.limit || !last) return { items, nextCursor: null };
		const cursor = JSON.stringify([last.sort_title, last.id]);
		return { items, nextCursor: Buffer.from(cursor).toString('base64url') };
	}
}

function parseCursor(cursor: string): [string, string] {
	try {
		return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
	} catch {
		throw unprocessable('cursor', 'this cursor is not one of ours. leave it out to start over');
	}
}
