import { type Insertable, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';
import type { ReportedSubjectTable, ReportTable } from '#lib/server/db/schema.ts';
import { JOIN_NAMES, SUBJECT_NAMES, type SubjectRow } from './subject-queries.ts';

/** The row of what is reported, made when there is none; kept from others until the transaction ends. */
export async function lockReported(
	trx: Db,
	subject: Pick<Insertable<ReportedSubjectTable>, 'kind' | 'subject' | 'did'>
): Promise<number> {
	const { id } = await trx
		.insertInto('reported_subjects')
		.values(subject)
		.onConflict((conflict) => conflict.column('subject').doUpdateSet({ did: subject.did }))
		.returning('id')
		.executeTakeFirstOrThrow();
	return id;
}

/** @returns false when this reporter has said the same before */
export async function insertReport(trx: Db, report: Insertable<ReportTable>): Promise<boolean> {
	const made = await trx
		.insertInto('reports')
		.values(report)
		.onConflict((conflict) => conflict.doNothing())
		.returning('id')
		.executeTakeFirst();
	return made !== undefined;
}

/** One more report of something: what was answered before is asked anew. */
export async function countReport(trx: Db, id: number): Promise<void> {
	await trx
		.updateTable('reported_subjects')
		.set((eb) => ({
			report_count: eb('report_count', '+', 1),
			reported_at: new Date(),
			state: 'open'
		}))
		.where('id', '=', id)
		.execute();
}

export async function settleReports(
	trx: Db,
	subject: string,
	state: ReportedSubjectTable['state']['__select__']
): Promise<boolean> {
	const settled = await trx
		.updateTable('reported_subjects')
		.set({ state })
		.where('subject', '=', subject)
		.returning('id')
		.executeTakeFirst();
	return settled !== undefined;
}

/** Something that waits to be looked at, and the newest of what people said about it. */
export interface ReportedRow extends SubjectRow {
	id: number;
	report_count: number;
	reported_at: Date;
	reports: { reason: string; details: string | null; contact: string | null; reportedAt: string }[];
}

/** Of so many reports it is shown what they say. */
const SHOWN = 20;

/** What is reported and not answered, what was reported last first: `page.rows` rows. */
export async function findReported(db: Db, { rows, after }: KeysetPage): Promise<ReportedRow[]> {
	const isBelow = after ? sql`and (reported_at, id) < (${after.createdAt}, ${after.id})` : sql``;
	const found = await sql<ReportedRow>`
		select queue.id, report_count, reported_at, ${SUBJECT_NAMES('queue')}, said.reports
		from (select * from reported_subjects where state = 'open' ${isBelow}
			order by reported_at desc, id desc limit ${rows}) queue
		${JOIN_NAMES('queue')}
		cross join lateral (
			select coalesce(json_agg(json_build_object('reason', reason, 'details', details,
				'contact', contact, 'reportedAt', reported_at) order by reported_at desc, id desc), '[]') as reports
			from (select * from reports where subject_id = queue.id
				order by reported_at desc, id desc limit ${SHOWN}) newest
		) said
		order by reported_at desc, queue.id desc`.execute(db);
	return found.rows;
}

/** How much waits for whoever runs the site. */
export async function countWaiting(db: Db): Promise<{ reported: number; notices: number }> {
	const { rows } = await sql<{ reported: number; notices: number }>`
		select (select count(*)::int from reported_subjects where state = 'open') as reported,
			(select count(*)::int from counter_notices where answered_at is null) as notices`.execute(db);
	return rows[0] ?? { reported: 0, notices: 0 };
}
