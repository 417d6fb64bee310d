import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { overlayTrack, type TrackOverlay } from '#lib/server/atproto/records/overlay-track.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import { rewriteRecord } from '#lib/server/atproto/rewrite-record.ts';
import { DomainError } from '#lib/server/errors.ts';
import { findAudioFile } from '../audio-files.ts';
import { refuseDuplicate } from '../duplicates.ts';
import { UploadRefused } from '../failures.ts';
import type { UploadRow } from '../queries.ts';
import { beginRecord } from './begin-record.ts';
import { advanceAlone, found, type StageWork } from './stage.ts';

/**
 * stored → published, for new audio of a track that exists: its record, as it is now, names the new
 * file. Everything else in it stays. Done again, it finds nothing to change.
 * @throws UploadRefused; SignInAgain; PdsUnavailable
 */
export async function replaceAudio(work: StageWork, trackId: number): Promise<UploadRow> {
	const { upload } = work;
	try {
		await refuseDuplicate(work.ctx, upload, found('hash', upload.sha256), false);
	} catch (cause) {
		// an attempt that died before it could say so may have written it
		if (cause instanceof UploadRefused) await takeBackAudio(work, trackId);
		throw cause;
	}
	await beginRecord(work);
	const written = await writeAudio(work, trackId, found('file id', upload.findings.streamFileId));
	return await advanceAlone(work, 'published', {
		message: 'saving track metadata',
		findings: {
			...upload.findings,
			recordUri: written.uri,
			recordCid: written.cid,
			recordRev: written.rev,
			record: written.record
		}
	});
}

/**
 * Makes the record name the audio the track has, when it names that of an upload which is not to
 * replace it after all.
 */
export async function takeBackAudio(work: StageWork, trackId: number): Promise<void> {
	const { site, upload } = work;
	const track = await findTrack(work, trackId);
	if (!track) return;
	await writeAudio(work, trackId, track.file_id, (record) => {
		return decodeTrack(site, record).fileId === upload.findings.streamFileId;
	});
}

async function writeAudio(
	work: StageWork,
	trackId: number,
	fileId: string,
	isWanted: (record: Record<string, unknown>) => boolean = () => true
): Promise<RepoRecord> {
	const { ctx, site, signal } = work;
	const track = await findTrack(work, trackId);
	if (!track) throw new UploadRefused('track_removed', 'the track was deleted in the meantime');
	const file = found('stored file', await findAudioFile(ctx.db, fileId));
	const audio: TrackOverlay['audio'] = {
		fileId,
		fileType: file.file_type,
		durationMs: file.duration_ms
	};
	const address = { did: track.artist_did, collection: site.trackCollection, rkey: track.rkey };
	const change = ({ record }: RepoRecord) =>
		decodeTrack(site, record).fileId === fileId || !isWanted(record)
			? null
			: overlayTrack(site, record, { audio });
	return await rewriteRecord(ctx, address, change, signal).catch(throwRefusal);
}

async function findTrack({ ctx }: StageWork, trackId: number) {
	return await ctx.db
		.selectFrom('tracks')
		.select(['artist_did', 'rkey', 'file_id'])
		.where('id', '=', trackId)
		.where('visibility', '!=', 'deleting')
		.executeTakeFirst();
}

function throwRefusal(cause: unknown): never {
	if (cause instanceof PdsRefusal) {
		const sentence = `your personal data server refused the record: ${cause.message}`;
		throw new UploadRefused('record_refused', sentence, cause);
	}
	if (cause instanceof InvalidRecord) {
		throw new UploadRefused('record_invalid', cause.message, cause);
	}
	if (cause instanceof DomainError && cause.code === 'record_missing') {
		throw new UploadRefused('record_deleted', cause.message, cause);
	}
	throw cause;
}
