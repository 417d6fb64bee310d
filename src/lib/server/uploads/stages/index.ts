import { joinReleaseAlbum } from '#lib/server/albums/release-album.ts';
import type { Transaction } from 'kysely';
import { enterRecord } from '#lib/server/atproto/current-record.ts';
import { forgetAudioProblems } from '#lib/server/catalogue/forget.ts';
import { deleteRecord, type RepoRecord } from '#lib/server/atproto/repo.ts';
import * as trackRecord from '#lib/server/atproto/records/track.ts';
import { lockRecord } from '#lib/server/atproto/records/tombstones.ts';
import { makeAlbumOfRelease } from '#lib/server/releases/release-album.ts';
import { type Fact, keepFact, sayFact } from '#lib/server/operator/facts.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import type { AlbumDeletion, Database } from '#lib/server/db/schema.ts';
import { DomainError } from '#lib/server/errors.ts';
import { wantSmallerOf } from '#lib/server/media/want-smaller.ts';
import { HOW_TO_NAME, withoutNaming } from '#lib/uploads/unnamed.ts';
import { refuseDuplicate } from '../duplicates.ts';
import { albumDeleted, UploadRefused } from '../failures.ts';
import type { UploadRow } from '../queries.ts';
import { takeBackAudio } from './replace.ts';
import { advance, found, type StageWork } from './stage.ts';

/**
 * published → indexed: the record enters the index, and the upload is complete, in one
 * transaction.
 */
export async function index(work: StageWork): Promise<UploadRow> {
	const { ctx, site, upload, signal } = work;
	const { findings } = upload;
	const { artist_did: did, rkey, release_id: releaseId } = upload;
	const enter = async (trx: Transaction<Database>, written: RepoRecord) => {
		let deletion: AlbumDeletion | null = null;
		if (releaseId !== null) {
			await lockRecord(trx, trackRecord.trackUri(site, did, rkey));
			deletion = await makeAlbumOfRelease(trx, releaseId);
			if (deletion === 'with_tracks') throw albumDeleted();
		}
		const result = await trackRecord.index(trx, site, {
			did,
			rkey: rkeyOf(upload),
			cid: written.cid,
			rev: written.rev,
			record: written.record,
			originalFileId: originalOf(work, written),
			// its record may have been written before
			isApart: deletion === 'keep_tracks'
		});
		const trackId = 'trackId' in result ? result.trackId : await trackOf(work, result.ignored);
		if (trackId === null) return null;
		if (!namesOurs(work, written)) await noteOvertaken(trx, work);
		await joinReleaseAlbum(ctx, trx, upload, trackId);
		await wantSmallerOf(ctx, trx, trackId);
		if (upload.replaces_track_id !== null) await forgetAudioProblems(trx, trackId);
		const { record: _written, ...kept } = findings;
		const row = await advance(trx, work, 'indexed', {
			status: 'completed',
			message: completedMessage(findings.unknownFeatures ?? []),
			track_id: trackId,
			error: null,
			error_code: null,
			completed_at: new Date(),
			findings: kept
		});
		await keepFact(ctx, trx, factOf(work, trackId));
		return row;
	};
	const address = { did, collection: site.trackCollection, rkey: rkeyOf(upload) };
	const indexed = await enterRecord(ctx, address, writtenBy(upload), enter, signal).catch(
		(cause: unknown) => throwMissing(work, cause)
	);
	if (!indexed) return await withdraw(work);
	sayFact(ctx, factOf(work, found('track', indexed.track_id)));
	return indexed;
}

const writtenBy = ({ findings }: UploadRow): RepoRecord => ({
	uri: found('uri', findings.recordUri),
	cid: found('cid', findings.recordCid),
	rev: findings.recordRev ?? null,
	record: found('record', findings.record)
});

/** It may have been changed since. */
const namesOurs = ({ site, upload: { findings } }: StageWork, { record }: RepoRecord) =>
	decodeTrack(site, record).fileId === findings.streamFileId;

/** The file the artist gave us, when the record names what was made of it. */
const originalOf = (work: StageWork, written: RepoRecord) =>
	namesOurs(work, written) ? found('file id', work.upload.findings.originalFileId) : undefined;

/** What was made of the upload was heard, and is an earlier version by now. */
const noteOvertaken = (trx: Transaction<Database>, { site, upload }: StageWork) =>
	trackRecord.noteOvertakenAudio(trx, site, {
		did: upload.artist_did,
		rkey: rkeyOf(upload),
		fileId: found('file id', upload.findings.streamFileId),
		originalFileId: found('file id', upload.findings.originalFileId)
	});

async function throwMissing({ ctx, upload }: StageWork, cause: unknown): Promise<never> {
	const isMissing = cause instanceof DomainError && cause.code === 'record_missing';
	if (!isMissing) throw cause;
	// taken back by an attempt that died before it could say why
	await refuseDuplicate(ctx, upload, found('hash', upload.sha256), false);
	throw recordDeleted();
}

const recordDeleted = () =>
	new UploadRefused(
		'record_deleted',
		'the record of this upload was deleted before the track could be listed'
	);

const factOf = ({ ctx, upload }: StageWork, trackId: number): Fact => ({
	event: upload.replaces_track_id === null ? 'track_uploaded' : 'track_audio_replaced',
	fields: {
		trackId,
		url: `${ctx.config.publicUrl}/track/${trackId}`,
		recordUri: upload.findings.recordUri,
		did: upload.artist_did
	}
});

/**
 * What it means that the index did not take the record.
 * @returns the track when a newer version of the record is indexed already; null when the same
 *   artist's other track has the same audio
 */
async function trackOf(
	{ ctx, upload }: StageWork,
	reason: trackRecord.IgnoredBecause
): Promise<number | null> {
	if (reason === 'duplicate_audio') return null;
	if (reason === 'deleted') throw recordDeleted();
	const known = await ctx.db
		.selectFrom('tracks')
		.select('id')
		.where('artist_did', '=', upload.artist_did)
		.where('rkey', '=', rkeyOf(upload))
		.executeTakeFirst();
	if (!known) throw new Error(`the record was not indexed: ${reason}`);
	return known.id;
}

/** Of the track's record: for new audio of a track that exists, not the one of the upload. */
const rkeyOf = ({ findings }: UploadRow) =>
	found('record', findings.recordUri?.slice(findings.recordUri.lastIndexOf('/') + 1));

/** Takes back the record of a track that turned out to be there already. */
async function withdraw(work: StageWork): Promise<never> {
	const { ctx, site, upload, signal } = work;
	const { artist_did: did, rkey, replaces_track_id: replaces } = upload;
	if (replaces !== null) await takeBackAudio(work, replaces);
	else await deleteRecord(ctx, { did, collection: site.trackCollection, rkey }, signal);
	const sentence = 'duplicate upload: you have published the same audio in the meantime';
	throw new UploadRefused('duplicate_upload', sentence);
}

function completedMessage(unknownFeatures: string[]): string {
	const done = 'upload completed successfully';
	const without = withoutNaming(unknownFeatures);
	return without === '' ? done : `${done}, ${without}. ${HOW_TO_NAME}`;
}
