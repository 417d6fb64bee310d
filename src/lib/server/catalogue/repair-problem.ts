import type { ProblemKind } from '#lib/catalogue/catalogue.ts';
import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { deleteProblem, type ProblemRow, sayFailed } from './problem-queries.ts';
import { dropGone, restoreAlbumRecord, takeAlbum } from './repair-album.ts';
import { repairArtwork, repairCover } from './repair-artwork.ts';
import { repairAudio, repairEarlier } from './repair-audio.ts';
import { listRecord, repairRecord } from './repair-record.ts';

/** Repairs one thing. May be killed anywhere and called again. */
export type Repair = (ctx: Context, problem: ProblemRow, signal: AbortSignal) => Promise<void>;

const REPAIRS: Record<ProblemKind, Repair | null> = {
	record_missing: repairRecord,
	record_differs: repairRecord,
	record_unreadable: repairRecord,
	not_listed: listRecord,
	audio_missing: repairAudio,
	earlier_missing: repairEarlier,
	artwork_missing: repairArtwork,
	original_missing: null,
	album_record_missing: restoreAlbumRecord,
	album_differs: takeAlbum,
	album_not_listed: takeAlbum,
	album_lists_gone: dropGone,
	cover_missing: repairCover
};

/**
 * Repairs something that needs attention, and forgets it; or says why it cannot be repaired.
 * @throws SignInAgain; whatever may work another time
 */
export async function repairProblem(
	ctx: Context,
	problem: ProblemRow,
	signal: AbortSignal
): Promise<void> {
	const { id, kind, subject_uri: recordUri, track_id: trackId, artist_did: did } = problem;
	try {
		await REPAIRS[kind]?.(ctx, problem, signal);
	} catch (cause) {
		const reason = whyNot(cause);
		if (reason === null) throw cause;
		ctx.log.info('repair_failed', { did, trackId, recordUri, kind, reason });
		await sayFailed(ctx.db, id, reason);
		return;
	}
	await deleteProblem(ctx.db, id);
	ctx.log.info('repaired', { did, trackId, recordUri, kind });
}

/** The reason of what will not work another time either; null: it may. */
export function whyNot(cause: unknown): string | null {
	if (cause instanceof PdsRefusal) {
		return `your personal data server refused it: ${cause.message}`;
	}
	if (cause instanceof InvalidRecord) return cause.message;
	const isFinal = cause instanceof DomainError && cause.status < 500 && cause.status !== 401;
	return isFinal ? cause.message : null;
}
