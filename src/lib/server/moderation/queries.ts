import { type Insertable, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';
import type { OperatorActionTable, TakedownTable } from '#lib/server/db/schema.ts';
import { JOIN_NAMES, SUBJECT_NAMES, type SubjectRow } from './subject-queries.ts';

/** A takedown, and what it is about. */
export interface TakedownRow extends SubjectRow {
	id: number;
	ground: TakedownTable['ground'];
	reason: string;
	made_by: string;
	made_at: Date;
	lifted_by: string | null;
	lifted_at: Date | null;
}

export type NewTakedown = Pick<
	Insertable<TakedownTable>,
	'kind' | 'subject' | 'did' | 'ground' | 'reason' | 'made_by'
>;

/** The tracks it is about are hidden in the same statement. @returns false when one is in force */
export async function insertTakedown(trx: Db, takedown: NewTakedown): Promise<boolean> {
	const made = await trx
		.insertInto('takedowns')
		.values(takedown)
		.onConflict((conflict) => conflict.column('subject').where('lifted_at', 'is', null).doNothing())
		.returning('id')
		.executeTakeFirst();
	return made !== undefined;
}

/** What was hidden by it is shown again, unless another one is in force. @returns its id */
export async function liftTakedown(
	trx: Db,
	subject: string,
	who: string
): Promise<number | undefined> {
	const lifted = await trx
		.updateTable('takedowns')
		.set({ lifted_at: new Date(), lifted_by: who })
		.where('subject', '=', subject)
		.where('lifted_at', 'is', null)
		.returning('id')
		.executeTakeFirst();
	return lifted?.id;
}

const takedowns = sql`
	select takedowns.id, ground, reason, made_by, made_at, lifted_by, lifted_at, ${SUBJECT_NAMES('takedowns')}
	from takedowns ${JOIN_NAMES('takedowns')}`;

/** The newest takedowns: `page.rows` rows, for `page.split`. */
export async function findTakedowns(db: Db, { rows, after }: KeysetPage): Promise<TakedownRow[]> {
	const isBelow = after
		? sql`(made_at, takedowns.id) < (${after.createdAt}, ${after.id})`
		: sql`true`;
	const found = await sql<TakedownRow>`${takedowns} where ${isBelow}
		order by made_at desc, takedowns.id desc limit ${rows}`.execute(db);
	return found.rows;
}

/** A takedown of somebody's, and what they said against it. */
export type OwnTakedownRow = TakedownRow & { statement: string | null; contact: string | null };

/** What is taken down of somebody, the newest first. */
export async function findTakedownsOf(db: Db, did: string): Promise<OwnTakedownRow[]> {
	const { rows } = await sql<OwnTakedownRow>`
		select listed.*, counter_notices.statement, counter_notices.contact
		from (${takedowns} where takedowns.did = ${did} and lifted_at is null) listed
		left join counter_notices on counter_notices.takedown_id = listed.id
		order by made_at desc, listed.id desc limit 200`.execute(db);
	return rows;
}

export async function insertAction(
	trx: Db,
	action: Insertable<OperatorActionTable>
): Promise<void> {
	await trx.insertInto('operator_actions').values(action).execute();
}

/** What operators did, the newest first. */
export const findActions = (db: Db, { rows, after }: KeysetPage) =>
	db
		.selectFrom('operator_actions')
		.selectAll()
		.$if(after !== undefined, (query) =>
			query.where(sql<boolean>`(done_at, id) < (${after?.createdAt}, ${after?.id})`)
		)
		.orderBy('done_at', 'desc')
		.orderBy('id', 'desc')
		.limit(rows)
		.execute();
