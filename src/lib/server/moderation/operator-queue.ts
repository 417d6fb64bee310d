import type { CounterNotice, OperatorAction, ReportedSubject } from '#lib/moderation/waiting.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage, type PageRequest } from '#lib/server/db/keyset.ts';
import { notFound } from '#lib/server/errors.ts';
import { answerNotices, findNotices } from './notice-queries.ts';
import { findActions, insertAction } from './queries.ts';
import { countWaiting, findReported, settleReports } from './report-queries.ts';
import { presentSubject } from './subjects.ts';

type Reader = Pick<Context, 'db'>;

/** A page of what is reported; `nextCursor` is null at the end. */
export interface ReportedPage {
	reported: ReportedSubject[];
	nextCursor: string | null;
}

/** What is reported and not answered, what was reported last first. @throws DomainError 422 for a cursor that is none */
export async function listReported(
	{ db }: Reader,
	request: PageRequest = {}
): Promise<ReportedPage> {
	const page = KeysetPage.parse({ limit: 20, ...request });
	const { items, nextCursor } = page.split(await findReported(db, page), (row) => ({
		createdAt: row.reported_at,
		id: row.id
	}));
	const reported = items.map((row) => ({
		...presentSubject(row),
		reportCount: row.report_count,
		reportedAt: row.reported_at.toISOString(),
		reports: row.reports
	}));
	return { reported, nextCursor };
}

/** What artists say against takedowns, the newest first. @throws DomainError 422 for a cursor that is none */
export async function listNotices(
	{ db }: Reader,
	request: PageRequest = {}
): Promise<{ notices: CounterNotice[]; nextCursor: string | null }> {
	const page = KeysetPage.parse({ limit: 20, ...request });
	const { items, nextCursor } = page.split(await findNotices(db, page), (row) => ({
		createdAt: row.said_at,
		id: row.id
	}));
	const notices = items.map((row) => ({
		...presentSubject(row),
		takedownId: row.takedown_id,
		statement: row.statement,
		contact: row.contact,
		saidAt: row.said_at.toISOString(),
		ground: row.ground,
		reason: row.reason
	}));
	return { notices, nextCursor };
}

/** How much waits for whoever runs the site. */
export const countOpen = ({ db }: Reader) => countWaiting(db);

/** Leaves something that was reported as it is; somebody else's report brings it back. @throws DomainError 404 */
export async function dismissReports({ db }: Reader, who: string, subject: string): Promise<void> {
	await db.transaction().execute(async (trx) => {
		const isKnown = await settleReports(trx, subject, 'dismissed');
		if (!isKnown) throw notFound('nobody has reported this', 'not_reported');
		await insertAction(trx, { who, action: 'reports_dismissed', subject });
	});
}

/** Leaves a takedown as it is, whatever its artist says. @throws DomainError 404 */
export async function dismissNotice(
	{ db }: Reader,
	who: string,
	takedownId: number,
	subject: string
): Promise<void> {
	await db.transaction().execute(async (trx) => {
		const isKnown = Number.isSafeInteger(takedownId) && (await answerNotices(trx, takedownId));
		if (!isKnown) throw notFound('this was answered already', 'notice_not_found');
		await insertAction(trx, { who, action: 'counter_notice_dismissed', subject });
	});
}

/** Writes down what an operator did that is not about music. */
export const noteAction = (
	{ db }: Reader,
	action: { who: string; action: string; subject: string; why?: string }
): Promise<void> => insertAction(db, action);

/** A page of what operators did; `nextCursor` is null at the end. */
export interface ActionPage {
	actions: OperatorAction[];
	nextCursor: string | null;
}

/** What operators did, the newest first. @throws DomainError 422 for a cursor that is none */
export async function listActions({ db }: Reader, request: PageRequest = {}): Promise<ActionPage> {
	const page = KeysetPage.parse(request);
	const { items, nextCursor } = page.split(await findActions(db, page), (row) => ({
		createdAt: row.done_at,
		id: row.id
	}));
	const actions = items.map(({ done_at: doneAt, ...row }) => ({
		...row,
		doneAt: doneAt.toISOString()
	}));
	return { actions, nextCursor };
}
