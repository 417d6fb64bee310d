import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';
import { JOIN_NAMES, SUBJECT_NAMES, type SubjectRow } from './subject-queries.ts';

/** What an artist says; again, it takes the place of what they said before. @returns false when it is not theirs, or not in force */
export async function putNotice(
	trx: Db,
	notice: { takedownId: number; did: string; statement: string; contact: string | null }
): Promise<boolean> {
	const { rows } = await sql`
		insert into counter_notices (takedown_id, did, statement, contact)
		select id, did, ${notice.statement}, ${notice.contact} from takedowns
		where id = ${notice.takedownId} and did = ${notice.did} and lifted_at is null
		on conflict (takedown_id) do update set statement = excluded.statement,
			contact = excluded.contact, said_at = excluded.said_at, answered_at = null
		returning id`.execute(trx);
	return rows.length > 0;
}

/** @returns false when there is none to answer */
export async function answerNotices(trx: Db, takedownId: number): Promise<boolean> {
	const answered = await trx
		.updateTable('counter_notices')
		.set({ answered_at: new Date() })
		.where('takedown_id', '=', takedownId)
		.where('answered_at', 'is', null)
		.returning('id')
		.executeTakeFirst();
	return answered !== undefined;
}

/** Something an artist said that nobody has answered. */
export interface NoticeRow extends SubjectRow {
	id: number;
	takedown_id: number;
	statement: string;
	contact: string | null;
	said_at: Date;
	ground: 'legal' | 'rules';
	reason: string;
}

/** The newest first: `page.rows` rows. */
export async function findNotices(db: Db, { rows, after }: KeysetPage): Promise<NoticeRow[]> {
	const isBelow = after ? sql`and (said_at, id) < (${after.createdAt}, ${after.id})` : sql``;
	const found = await sql<NoticeRow>`
		select queue.id, takedown_id, statement, contact, said_at, ground, reason, ${SUBJECT_NAMES('takedowns')}
		from (select * from counter_notices where answered_at is null ${isBelow}
			order by said_at desc, id desc limit ${rows}) queue
		join takedowns on takedowns.id = queue.takedown_id
		${JOIN_NAMES('takedowns')}
		order by said_at desc, queue.id desc`.execute(db);
	return found.rows;
}
