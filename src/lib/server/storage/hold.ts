import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** Whoever dies with a hold keeps objects from being deleted for this long. */
const HOLD_MS = 10 * 60_000;
const RENEWED_EVERY_MS = 60_000;

/** While it is held, no published object is deleted, whichever process would. */
export interface ObjectHold {
	/** aborted with `HoldLost` when it could not be renewed in time */
	signal: AbortSignal;
	release(): Promise<void>;
}

/** Objects may have been deleted that were to stay. */
export class HoldLost extends Error {
	override name = 'HoldLost';

	constructor(cause?: unknown) {
		super('the database did not answer for too long, and objects may have been deleted meanwhile', {
			cause
		});
	}
}

/**
 * Keeps published objects from being deleted. Whoever deletes one looks for holds after the commit that
 * released it: what a snapshot of the database refers to that is taken after this returns stays until
 * `release`. A row and no lock, so that it works behind a transaction pooler and outlives a connection.
 */
export async function holdObjects(
	db: Db,
	{ holdMs, renewedEveryMs } = { holdMs: HOLD_MS, renewedEveryMs: RENEWED_EVERY_MS }
): Promise<ObjectHold> {
	const id = randomUUID();
	const lost = new AbortController();
	const end = sql<Date>`now() + make_interval(secs => ${holdMs / 1000})`;
	await db.insertInto('object_holds').values({ id, expires_at: end }).execute();
	let failure: unknown;
	let renewedAt = performance.now();
	const renew = async () => {
		const startedAt = performance.now();
		const { numUpdatedRows } = await db
			.updateTable('object_holds')
			.set({ expires_at: end })
			.where('id', '=', id)
			.where('expires_at', '>', sql<Date>`now()`)
			.executeTakeFirst();
		if (numUpdatedRows === 0n) lost.abort(new HoldLost(failure));
		else renewedAt = startedAt;
	};
	const timer = setInterval(() => {
		if (performance.now() - renewedAt > holdMs) lost.abort(new HoldLost(failure));
		else renew().catch((cause: unknown) => (failure = cause));
	}, renewedEveryMs);
	timer.unref();
	return {
		signal: lost.signal,
		release: async () => {
			clearInterval(timer);
			await db
				.deleteFrom('object_holds')
				.where((eb) => eb.or([eb('id', '=', id), eb('expires_at', '<', sql<Date>`now()`)]))
				.execute();
		}
	};
}

/** Whether somebody needs the objects to stay. */
export async function areObjectsHeld(db: Db): Promise<boolean> {
	const held = await db
		.selectFrom('object_holds')
		.select('id')
		.where('expires_at', '>', sql<Date>`now()`)
		.limit(1)
		.executeTakeFirst();
	return held !== undefined;
}
