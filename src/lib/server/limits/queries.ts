import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { WindowUse } from './sliding-window.ts';

export interface WindowAmount {
	key: string;
	windowSeconds: number;
	most: number;
	amount: number;
}

/**
 * Adds an amount to the present window of a key when it fits below the limit, together with the
 * part of the window before that lies within the last `windowSeconds`. One statement: the row of
 * the window is locked by whoever changes it, so processes cannot take the same room twice. The
 * clock is the database's.
 * @returns whether it was added, and what there was before
 */
export async function addToWindow(
	db: Db,
	{ key, windowSeconds, most, amount }: WindowAmount
): Promise<WindowUse & { isAdded: boolean }> {
	const { rows } = await sql<{
		isAdded: boolean;
		before: number;
		present: number;
		elapsed: number;
	}>`
		with clock as (
			select date_bin(make_interval(secs => ${windowSeconds}), now(), 'epoch'::timestamptz) as starts
		), used as (
			select
				starts,
				extract(epoch from now() - starts)::float8 / ${windowSeconds} as elapsed,
				coalesce((select amount from rate_windows where key = ${key}
					and window_start = starts - make_interval(secs => ${windowSeconds})), 0)::float8 as before,
				coalesce((select amount from rate_windows where key = ${key}
					and window_start = starts), 0)::float8 as present
			from clock
		), added as (
			insert into rate_windows as kept (key, window_start, amount)
			select ${key}, starts, ${amount}::bigint from used
			where before * (1 - elapsed) + ${amount}::float8 <= ${most}::float8
			on conflict (key, window_start) do update set amount = kept.amount + excluded.amount
			where (select before * (1 - elapsed) from used) + kept.amount + excluded.amount <= ${most}::float8
			returning 1
		)
		select exists (select 1 from added) as "isAdded", before, present, elapsed from used`.execute(db);
	const [row] = rows;
	if (!row) throw new Error('a window of time has no answer');
	return row;
}

/** The longest window there may be; what is older than two of them counts for nothing. */
export const LONGEST_WINDOW_SECONDS = 60 * 60;

/** Removes what counts for nothing any more. @returns how many windows */
export async function deleteOldWindows(db: Db): Promise<number> {
	const { numDeletedRows } = await db
		.deleteFrom('rate_windows')
		.where(
			'window_start',
			'<',
			sql<Date>`now() - make_interval(secs => ${2 * LONGEST_WINDOW_SECONDS})`
		)
		.executeTakeFirst();
	return Number(numDeletedRows);
}
