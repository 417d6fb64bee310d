import {
	LONGEST_CONTACT,
	LONGEST_DETAILS,
	REPORT_REASONS,
	type ReportReason
} from '#lib/moderation/report-reasons.ts';
import type { ModeratedSubject } from '#lib/moderation/takedown.ts';
import type { Context } from '#lib/server/context.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { keepFact, sayFact } from '#lib/server/operator/facts.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import { countReport, insertReport, lockReported } from './report-queries.ts';
import { findAccountToModerate, findTrackToModerate } from './subjects.ts';
import { refuseHiddenSubject } from './taken-down.ts';

type Reader = Pick<Context, 'db'>;

/**
 * What somebody wants to report: a track by its id, or an artist by a did or handle.
 * @throws DomainError 404; 451 or 410 when it is taken down already
 */
export async function findReportable(
	{ db }: Reader,
	asked: { track: string | null; artist: string | null }
): Promise<ModeratedSubject> {
	const subject =
		asked.track !== null
			? await findTrackToModerate({ db }, asked.track)
			: await findAccountToModerate({ db }, asked.artist ?? '');
	await refuseHiddenSubject(db, subject);
	return subject;
}

/** What somebody says of it, as they typed it. */
export interface ReportFields {
	reason: string;
	details: string;
	/** empty: they do not want to be reached */
	contact: string;
}

/**
 * Puts a report before whoever runs the site. One reporter counts once for each reason.
 * @param reporterKey tells reporters apart without naming them
 * @returns whether it counts: false when they have said the same before
 * @throws DomainError 422 naming the field that does not fit
 */
export async function report(
	ctx: Pick<Context, 'config' | 'db' | 'jobs' | 'log'>,
	{ kind, subject, did }: ModeratedSubject,
	fields: ReportFields,
	reporterKey: Buffer
): Promise<{ isNew: boolean }> {
	const said = readReport(fields);
	const fact = { event: 'reported', fields: { kind, subject, did, reason: said.reason } } as const;
	const isNew = await ctx.db.transaction().execute(async (trx) => {
		const id = await lockReported(trx, { kind, subject, did });
		const row = { subject_id: id, ...said, reporter_key: reporterKey };
		if (!(await insertReport(trx, row))) return false;
		await countReport(trx, id);
		await keepFact(ctx, trx, fact);
		return true;
	});
	if (isNew) sayFact(ctx, fact);
	return { isNew };
}

function readReport({ reason, details, contact }: ReportFields) {
	const known = REPORT_REASONS.find(({ value }) => value === reason);
	if (!known) throw unprocessable('reason', 'choose what is wrong with it');
	const text = cleanLines(details);
	if (known.value === 'other' && text === '') {
		throw unprocessable('details', 'say what is wrong with it, in your own words');
	}
	return {
		reason: known.value satisfies ReportReason,
		details: within('details', text, LONGEST_DETAILS),
		contact: within('contact', cleanLine(contact), LONGEST_CONTACT)
	};
}

/** A text that is not too long; null when it is empty. @throws DomainError 422 */
export function within(field: string, text: string, longest: number): string | null {
	if (text.length > longest) {
		throw unprocessable(field, `this is too long: at most ${longest} characters`);
	}
	return text === '' ? null : text;
}
