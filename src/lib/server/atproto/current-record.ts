import type { Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { lockRecord } from './records/tombstones.ts';
import { getRecord, type RecordAddress, type RepoRecord } from './repo.ts';
import { recordBusy, recordMissing } from './rewrite-record.ts';

/** Somebody else would have to change the track this often while we read its record. */
const ATTEMPTS = 5;

/**
 * Reads the record of a track in order to enter it. A record that is read carries no revision, so
 * nothing tells whether the index knows a newer version by then: `enter` is called only when the
 * index has not moved since before the record was read, and nobody else enters it meanwhile.
 * @param enter gets null when there is no such record
 * @returns what `enter` returns
 * @throws DomainError 409 `record_busy`, and as `getRecord`
 */
export async function withCurrentRecord<T>(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	address: RecordAddress,
	enter: (trx: Transaction<Database>, current: RepoRecord | null) => Promise<T>,
	signal?: AbortSignal
): Promise<T> {
	const uri = `at://${address.did}/${address.collection}/${address.rkey}`;
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const cid = await indexedCid(ctx.db, uri);
		const current = await getRecord(ctx, address, signal);
		const entered = await ctx.db.transaction().execute(async (trx) => {
			await lockRecord(trx, uri);
			if ((await indexedCid(trx, uri)) !== cid) return null;
			return { result: await enter(trx, current) };
		});
		if (entered) return entered.result;
	}
	throw recordBusy();
}

/**
 * Enters a record that was just written, or found to need no change. What was written is ordered by
 * its revision; what was only read is read again, as `withCurrentRecord` does.
 * @throws DomainError 409 `record_missing`, and as `withCurrentRecord`
 */
export async function enterRecord<T>(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	address: RecordAddress,
	written: RepoRecord,
	enter: (trx: Transaction<Database>, record: RepoRecord) => Promise<T>,
	signal?: AbortSignal
): Promise<T> {
	if (written.rev !== null) {
		return await ctx.db.transaction().execute((trx) => enter(trx, written));
	}
	const enterCurrent = async (trx: Transaction<Database>, current: RepoRecord | null) => {
		if (!current) throw recordMissing();
		return await enter(trx, current);
	};
	return await withCurrentRecord(ctx, address, enterCurrent, signal);
}

/** Of the version the index has; undefined: it has none. */
async function indexedCid(db: Db, uri: string): Promise<string | undefined> {
	const track = await db
		.selectFrom('tracks')
		.select('record_cid')
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return track?.record_cid;
}
