import type { Viewer } from '#lib/auth/viewer.ts';
import { LONGEST_CONTACT, LONGEST_DETAILS } from '#lib/moderation/report-reasons.ts';
import type { Context } from '#lib/server/context.ts';
import { notFound, unprocessable } from '#lib/server/errors.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import { putNotice } from './notice-queries.ts';
import { within } from './reports.ts';

/**
 * Says something against a takedown of one's own, for whoever runs the site; said again, it takes the
 * place of what was said before.
 * @throws DomainError 422 naming the field that does not fit; 404 for what is not theirs, or in force no more
 */
export async function object(
	{ db, log }: Pick<Context, 'db' | 'log'>,
	viewer: Viewer,
	takedownId: number,
	fields: { statement: string; contact: string }
): Promise<void> {
	const statement = within('statement', cleanLines(fields.statement), LONGEST_DETAILS);
	if (statement === null) throw unprocessable('statement', 'say why it should be shown again');
	const contact = within('contact', cleanLine(fields.contact), LONGEST_CONTACT);
	const { did } = viewer;
	const isTheirs = Number.isSafeInteger(takedownId) && takedownId > 0;
	if (isTheirs && (await putNotice(db, { takedownId, did, statement, contact }))) {
		log.info('counter_notice_made', { takedownId, did });
		return;
	}
	throw notFound('this is not taken down any more', 'not_taken_down');
}
