import { z } from 'zod';
import { unprocessable } from '#lib/server/errors.ts';
import { type EntryPosition, type FoundEntry, TIERS } from './queries.ts';

const MAX_TEXT = 2000;
/** The end of the year 9999: later ones the database reads in another way. */
const LATEST_MS = Date.UTC(10_000, 0) - 1;

const position = z.tuple([
	z.nativeEnum(TIERS),
	z.number().int().min(0).max(63),
	z.number().int().nonnegative().max(LATEST_MS),
	z.string().regex(/^[^\0]{1,500}$/u)
]);

/** Where the next page of a search begins, as it stands in an address. */
export function formatSearchCursor({ tier, popularity, created_at: at, ref }: FoundEntry): string {
	return Buffer.from(JSON.stringify([tier, popularity, Date.parse(at), ref])).toString('base64url');
}

/** @throws DomainError 422 for what is none of ours */
export function parseSearchCursor(text: string): EntryPosition {
	const read = position.safeParse(jsonOf(text));
	if (!read.success) {
		throw unprocessable('cursor', 'this cursor is not one of ours. leave it out to start over');
	}
	const [tier, popularity, at, ref] = read.data;
	return { tier, popularity, created_at: new Date(at), ref: ref.toWellFormed() };
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(Buffer.from(text.slice(0, MAX_TEXT), 'base64url').toString('utf8'));
	} catch {
		return null;
	}
}
