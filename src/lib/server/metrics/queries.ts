import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { UploadStatus } from '#lib/server/db/schema.ts';

/** How many uploads are in one state that is no end, and since when the oldest is. */
export interface UploadCount {
	status: UploadStatus;
	count: number;
	oldestSeconds: number;
}

/** Found by the index of uploads that are not completed. */
export async function countUnfinishedUploads(db: Db): Promise<UploadCount[]> {
	return await db
		.selectFrom('uploads')
		.select((eb) => [
			'status',
			eb.fn.countAll<number>().as('count'),
			sql<number>`greatest(0, extract(epoch from now() - min(created_at)))::float8`.as(
				'oldestSeconds'
			)
		])
		.where('status', '<>', 'completed')
		.groupBy('status')
		.execute();
}

/** When something happened for the last time. */
export interface LastFact {
	event: string;
	happenedAt: Date;
}

/** One look into an index for each event that is asked for. */
export async function lastFacts(db: Db, events: readonly string[]): Promise<LastFact[]> {
	const { rows } = await sql<{ event: string; happenedAt: Date | null }>`
		select event, (
			select max(happened_at) from business_events where business_events.event = asked.event
		) as "happenedAt"
		from unnest(${[...events]}::text[]) asked (event)`.execute(db);
	return rows.filter((row): row is LastFact => row.happenedAt !== null);
}
