import type { ModeratedSubject, OwnTakedown, Takedown } from '#lib/moderation/takedown.ts';
import { type Ground, LONGEST_REASON } from '#lib/moderation/takedown.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage, type PageRequest } from '#lib/server/db/keyset.ts';
import { conflict, notFound, unprocessable } from '#lib/server/errors.ts';
import { cleanLine } from '#lib/server/uploads/clean-text.ts';
import { answerNotices } from './notice-queries.ts';
import {
	findTakedowns,
	findTakedownsOf,
	insertAction,
	insertTakedown,
	liftTakedown,
	type TakedownRow
} from './queries.ts';
import { settleReports } from './report-queries.ts';
import { presentSubject } from './subjects.ts';

type Writer = Pick<Context, 'db' | 'log'>;

/** Why something is taken down; `reason` is shown to everybody who asks for it. */
export interface TakedownWish {
	ground: Ground;
	reason: string;
}

/**
 * Hides a track, or all tracks and albums of an account and the account itself. Nothing of it is
 * deleted: neither bytes nor records, likes or plays. Written down with who did it and why.
 * @param who a did, or `command line`
 * @throws DomainError 422 without a reason; 409 `already_taken_down`
 */
export async function takeDown(
	{ db, log }: Writer,
	who: string,
	{ kind, subject, did }: Pick<ModeratedSubject, 'kind' | 'subject' | 'did'>,
	wish: TakedownWish
): Promise<void> {
	const reason = cleanLine(wish.reason);
	if (reason === '') throw unprocessable('reason', 'say why: it is shown in its place');
	if (reason.length > LONGEST_REASON) {
		throw unprocessable('reason', `a reason has at most ${LONGEST_REASON} characters`);
	}
	const { ground } = wish;
	await db.transaction().execute(async (trx) => {
		if (!(await insertTakedown(trx, { kind, subject, did, ground, reason, made_by: who }))) {
			throw conflict(
				'already_taken_down',
				'this is taken down already. restore it first to give another reason'
			);
		}
		await settleReports(trx, subject, 'hidden');
		await insertAction(trx, { who, action: 'taken_down', subject, why: `${ground}: ${reason}` });
	});
	log.info('taken_down', { who, kind, subject, ground, reason });
}

/**
 * Shows again what was taken down, as it was before. What its artist said against it is answered by it.
 * @throws DomainError 404 `not_taken_down`
 */
export async function restoreTakenDown(
	{ db, log }: Writer,
	who: string,
	subject: string
): Promise<void> {
	await db.transaction().execute(async (trx) => {
		const id = await liftTakedown(trx, subject, who);
		if (id === undefined) throw notFound('this is not taken down', 'not_taken_down');
		await answerNotices(trx, id);
		await settleReports(trx, subject, 'dismissed');
		await insertAction(trx, { who, action: 'restored', subject });
	});
	log.info('takedown_lifted', { who, subject });
}

/** Some takedowns, and where to go on. */
export interface TakedownPage {
	takedowns: Takedown[];
	/** null at the end */
	nextCursor: string | null;
}

/** All of them, those that were lifted too, the newest first. @throws DomainError 422 for a cursor that is none */
export async function listTakedowns(
	{ db }: Pick<Context, 'db'>,
	request: PageRequest = {}
): Promise<TakedownPage> {
	const page = KeysetPage.parse(request);
	const { items, nextCursor } = page.split(await findTakedowns(db, page), (row) => ({
		createdAt: row.made_at,
		id: row.id
	}));
	return { takedowns: items.map(present), nextCursor };
}

/** What is taken down of the viewer's, and what they said against it. */
export async function listOwnTakedowns(
	{ db }: Pick<Context, 'db'>,
	viewer: Viewer
): Promise<OwnTakedown[]> {
	const rows = await findTakedownsOf(db, viewer.did);
	return rows.map(({ statement, contact, ...row }) => ({ ...present(row), statement, contact }));
}

const present = (row: TakedownRow): Takedown => ({
	...presentSubject(row),
	id: row.id,
	ground: row.ground,
	reason: row.reason,
	madeBy: row.made_by,
	madeAt: row.made_at.toISOString(),
	liftedBy: row.lifted_by,
	liftedAt: row.lifted_at?.toISOString() ?? null
});
