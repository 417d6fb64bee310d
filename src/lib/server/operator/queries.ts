import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { DeliveryTable } from '#lib/server/db/schema.ts';

/** @returns its id */
export async function insertFact(
	db: Db,
	{ event, fields }: { event: string; fields: Record<string, unknown> }
): Promise<number> {
	const { id } = await db
		.insertInto('business_events')
		.values({ event, fields: JSON.stringify(fields) })
		.returning('id')
		.executeTakeFirstOrThrow();
	return id;
}

/** @returns its id */
export async function insertDelivery(
	db: Db,
	eventId: number,
	channel: DeliveryTable['channel']
): Promise<string> {
	const id = randomUUID();
	await db.insertInto('deliveries').values({ id, channel, event_id: eventId }).execute();
	return id;
}

/** A delivery and what it is about. */
export async function findDelivery(db: Db, id: string) {
	return await db
		.selectFrom('deliveries')
		.innerJoin('business_events', 'business_events.id', 'deliveries.event_id')
		.select(['channel', 'sent_at', 'event', 'fields', 'happened_at'])
		.where('deliveries.id', '=', id)
		.executeTakeFirst();
}

/** What a message about a new track says of it. */
export async function findTrackForMessage(db: Db, trackId: number) {
	return await db
		.selectFrom('tracks')
		.innerJoin('artists', 'artists.did', 'tracks.artist_did')
		.select(['tracks.title', 'artists.handle'])
		.where('tracks.id', '=', trackId)
		.executeTakeFirst();
}

/** Writes down what came of an attempt. @param failure null: the other side took it */
export async function noteAttempt(db: Db, id: string, failure: string | null): Promise<void> {
	await db
		.updateTable('deliveries')
		.set((eb) => ({
			attempts: eb('attempts', '+', 1),
			failure,
			...(failure === null ? { sent_at: new Date() } : {})
		}))
		.where('id', '=', id)
		.execute();
}

/** Their deliveries go with them. @returns how many */
export async function deleteOldFacts(db: Db, keptDays: number): Promise<number> {
	const { numDeletedRows } = await db
		.deleteFrom('business_events')
		.where('happened_at', '<', sql<Date>`now() - make_interval(days => ${keptDays})`)
		.executeTakeFirst();
	return Number(numDeletedRows);
}
