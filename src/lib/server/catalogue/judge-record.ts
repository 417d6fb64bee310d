import type { LeftAlone, ProblemDetail } from '#lib/catalogue/catalogue.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { recordSite, type RecordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack, type TrackRecord } from '#lib/server/atproto/records/track-record.ts';
import { trackUri } from '#lib/server/atproto/records/track.ts';
import { readRecord, readRevision } from '#lib/server/atproto/read-repo.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { compareRecord } from './compare-record.ts';
import {
	findFactsByUri,
	findKnownImages,
	isBeingChanged,
	type TrackFacts
} from './fact-queries.ts';
import type { Finding } from './finding.ts';
import {
	findTombstone,
	isAudioFile,
	isBeingPublished,
	isOriginalOfOther,
	isTrack
} from './record-queries.ts';

/** How a track record and its row stand to each other. */
export type Verdict =
	| { is: 'fine' }
	/** the record has another version that says the same */
	| { is: 'newer'; current: RepoRecord }
	| { is: 'problem'; finding: Finding }
	| { is: 'left_alone'; record: LeftAlone };

export type Decoded = { record: TrackRecord } | { unreadable: string };

/** Reads a record, or says why it cannot be read. */
export function tryDecode(site: RecordSite, record: unknown): Decoded {
	try {
		return { record: decodeTrack(site, record) };
	} catch (cause) {
		if (!(cause instanceof InvalidRecord)) throw cause;
		return { unreadable: cause.message.replace('the record does not fit its lexicon: ', '') };
	}
}

/** Whether a record and its row say the same, version included: the question of every page of a check. */
export function isInStep(
	row: TrackFacts | undefined,
	current: RepoRecord,
	decoded: Decoded,
	knownImages: ReadonlySet<string>
): boolean {
	if (!row || 'unreadable' in decoded || row.record_cid !== current.cid) return false;
	return compareRecord(row, decoded.record, knownImages).length === 0;
}

/**
 * How it stands with one record of an artist's, read anew: first the record, then the row, so that
 * an edit that is under way is not taken for a difference.
 * @throws PdsUnavailable, PdsRefusal
 */
export async function judgeRecord(
	ctx: Context,
	did: string,
	rkey: string,
	signal?: AbortSignal
): Promise<Verdict> {
	const collection = recordSite(ctx.config).trackCollection;
	return await judgeAsRead(
		ctx,
		did,
		rkey,
		await readRecord(ctx, { did, collection, rkey }, signal)
	);
}

/**
 * The same, with the record as it was read a moment ago. Should it have been changed since, that is
 * taken for a difference: a repair looks again.
 * @param current null: it was not there
 * @throws PdsUnavailable
 */
export async function judgeAsRead(
	ctx: Context,
	did: string,
	rkey: string,
	current: RepoRecord | null
): Promise<Verdict> {
	const uri = trackUri(recordSite(ctx.config), did, rkey);
	const row = (await findFactsByUri(ctx.db, [uri])).get(uri);
	if (row) {
		if (await isBeingChanged(ctx.db, row.id)) return FINE;
		return await judgeTrack(ctx, row, current);
	}
	if (!current || (await isTrack(ctx.db, uri))) return FINE;
	if (await isBeingPublished(ctx.db, did, rkey)) return FINE;
	return await judgeUnlisted(ctx, did, current);
}

const FINE: Verdict = { is: 'fine' };

async function judgeTrack(
	ctx: Context,
	row: TrackFacts,
	current: RepoRecord | null
): Promise<Verdict> {
	const about = { uri: row.record_uri, trackId: row.id };
	if (!current) return problem({ ...about, kind: 'record_missing', detail: {} });
	const decoded = tryDecode(recordSite(ctx.config), current.record);
	if ('unreadable' in decoded) {
		return problem({ ...about, kind: 'record_unreadable', detail: { reason: decoded.unreadable } });
	}
	const { record } = decoded;
	const images = await findKnownImages(ctx.db, record.imageId === null ? [] : [record.imageId]);
	const differences = compareRecord(row, record, images);
	if (differences.length > 0) {
		const detail = { differences, ...(await whyNotTaken(ctx, row, record)) };
		return problem({ ...about, kind: 'record_differs', detail });
	}
	return row.record_cid === current.cid ? FINE : { is: 'newer', current };
}

/** The index cannot take a record whose audio it does not have, or has for another track. */
async function whyNotTaken(
	{ db }: Context,
	row: TrackFacts,
	{ fileId }: TrackRecord
): Promise<Pick<ProblemDetail, 'cannotTake'>> {
	if (fileId === row.file_id) return {};
	if (fileId === null || !(await isAudioFile(db, fileId))) return { cannotTake: 'other_audio' };
	const isTaken = await isOriginalOfOther(db, row.artist_did, fileId, row.id);
	return isTaken ? { cannotTake: 'same_audio' } : {};
}

async function judgeUnlisted(ctx: Context, did: string, current: RepoRecord): Promise<Verdict> {
	const { uri } = current;
	const decoded = tryDecode(recordSite(ctx.config), current.record);
	if ('unreadable' in decoded) return leftAlone({ uri, title: null, why: 'unreadable' });
	const { title, fileId } = decoded.record;
	if (fileId === null || !(await isAudioFile(ctx.db, fileId))) {
		return leftAlone({ uri, title, why: 'other_audio' });
	}
	if (await isOriginalOfOther(ctx.db, did, fileId, null)) {
		return leftAlone({ uri, title, why: 'same_audio' });
	}
	if (await isBuried(ctx, did, uri)) return leftAlone({ uri, title, why: 'deleted_here' });
	return problem({ uri, kind: 'not_listed', detail: { title } });
}

/** Whether a record that is there is still the one that was deleted here, as far as anybody can tell. */
async function isBuried(ctx: Context, did: string, uri: string): Promise<boolean> {
	const tombstone = await findTombstone(ctx.db, uri);
	if (!tombstone) return false;
	const rev = await readRevision(ctx, did);
	return rev === null || tombstone.rev === null || rev <= tombstone.rev;
}

const problem = (finding: Finding): Verdict => ({ is: 'problem', finding });
const leftAlone = (record: LeftAlone): Verdict => ({ is: 'left_alone', record });
