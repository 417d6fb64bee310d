import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, invalid } from '#lib/server/errors.ts';
import type { TrackRow } from '#lib/server/tracks/queries.ts';
import { forgetRecordProblems } from './forget.ts';
import { judgeRecord } from './judge-record.ts';
import { keepFailed } from './problem-queries.ts';
import { whyNot } from './repair-problem.ts';
import { repairRecord } from './repair-record.ts';

/**
 * Makes a track and its record agree at once, for somebody who waits for it: a record that is there
 * is taken as it is, one that is missing is written again. What cannot be done needs attention from
 * then on, with the reason.
 * @throws DomainError 400 `already_has_record`; the status of the artist's server with
 *   `record_refused`; 422 `record_invalid`; 409 as `repairRecord`; SignInAgain; PdsUnavailable
 */
export async function restoreRecord(ctx: Context, track: TrackRow): Promise<void> {
	const { artist_did: did, rkey, id, record_uri: uri } = track;
	const verdict = await judgeRecord(ctx, did, rkey).catch(throwRefusal);
	if (verdict.is === 'fine') {
		const message = 'this track has its record already';
		const detail = { error: 'already_has_record', message, uri };
		throw invalid('already_has_record', message, { detail });
	}
	try {
		await repairRecord(ctx, { track_id: id, choice: 'record' });
	} catch (cause) {
		const reason = whyNot(cause);
		if (reason !== null && verdict.is === 'problem') {
			await keepFailed(ctx.db, did, verdict.finding, reason);
		}
		throwRefusal(cause);
	}
	await forgetRecordProblems(ctx.db, id);
}

/** What a server or the lexicon says about a record, in a sentence. */
function throwRefusal(cause: unknown): never {
	const status = cause instanceof PdsRefusal ? cause.status : 422;
	const code = cause instanceof PdsRefusal ? 'record_refused' : 'record_invalid';
	const isRefusal = cause instanceof PdsRefusal || cause instanceof InvalidRecord;
	throw isRefusal ? new DomainError(status, code, whyNot(cause) ?? '', { cause }) : cause;
}
