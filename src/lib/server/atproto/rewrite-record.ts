import type { Context } from '#lib/server/context.ts';
import { conflict } from '#lib/server/errors.ts';
import { getRecord, type RecordAddress, replaceRecord, type RepoRecord } from './repo.ts';

/** Somebody else would have to write this often between our reading and our writing. */
const ATTEMPTS = 5;

/** The record somebody wants to change is not in their repository. */
export const recordMissing = () =>
	conflict(
		'record_missing',
		'the record of this track is not in your repository any more, so it cannot be changed. repair the track in your portal first'
	);

export const recordBusy = () =>
	conflict(
		'record_busy',
		'the record of this track is being changed by another program again and again. try again in a moment'
	);

/**
 * Changes a record as it is now: reads it, lets `change` make the new version of it, and writes that
 * in place of the very version that was read. When somebody wrote in between, it begins again.
 * @param change gets the record as JSON and returns the whole new one; null: there is nothing to
 *   change
 * @throws DomainError 409 `record_missing` or `record_busy`, whatever `change` throws, and as
 *   `getRecord`
 */
export async function rewriteRecord(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	address: RecordAddress,
	change: (current: RepoRecord) => Record<string, unknown> | null,
	signal?: AbortSignal
): Promise<RepoRecord> {
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const current = await getRecord(ctx, address, signal);
		if (!current) throw recordMissing();
		const next = change(current);
		if (next === null) return current;
		signal?.throwIfAborted();
		const written = await replaceRecord(ctx, address, next, current.cid, signal);
		if (written) return written;
	}
	throw recordBusy();
}
