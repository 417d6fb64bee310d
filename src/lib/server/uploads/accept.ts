import { randomUUID } from 'node:crypto';
import { TID } from '@atproto/common-web';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { conflict, tooMany } from '#lib/server/errors.ts';
import { refuseHiddenArtist } from '#lib/server/moderation/taken-down.ts';
import { isAudioWhole } from './audio-files.ts';
import { duplicateSentence, SAME_AUDIO } from './duplicates.ts';
import {
	lockArtist,
	countUnfinished,
	deleteReceiving,
	findTrackOfContent,
	lockUpload
} from './receiving-queries.ts';
import { changeUpload, insertUpload, type UploadRow } from './queries.ts';

/** Begun and not finished, of one artist: nobody needs more, and each holds bytes. */
const MAX_UNFINISHED = 100;

export interface NewUpload {
	artistDid: string;
	fileName: string;
	fields: UploadFields;
	/** as declared; null: it shows when the last byte is here */
	sizeBytes: number | null;
	expiresAt: Date | null;
	idempotencyKey: string | null;
	/** absent: published by itself as soon as it has arrived */
	release?: UploadOfRelease | undefined;
	/** the upload whose place it takes in its release */
	inPlaceOf?: string | undefined;
	/** when its artist stated that they may publish it */
	rightsConfirmedAt?: Date | null;
	/** new audio for a track of theirs; absent: a new track */
	replacesTrackId?: number | undefined;
}

/** The place of an upload in a release. */
export interface UploadOfRelease {
	id: string;
	/** 1-based; null where nobody has chosen one */
	position: number | null;
}

/**
 * Keeps a new upload before its first byte arrives, so that whatever happens afterwards is about
 * a row somebody can find. Its record key is chosen here: no retry can make a second record.
 * @throws DomainError 429 when the artist has begun too many; 403 `account_taken_down`
 */
export async function createUpload(trx: Db, upload: NewUpload): Promise<UploadRow> {
	await lockArtist(trx, upload.artistDid);
	await refuseHiddenArtist(trx, upload.artistDid);
	await refuseTooMany(trx, upload.artistDid);
	return await insertUpload(trx, {
		id: randomUUID(),
		artist_did: upload.artistDid,
		rkey: TID.nextStr(),
		status: 'receiving',
		stage: 'receiving',
		message: 'receiving your file',
		file_name: upload.fileName,
		fields: JSON.stringify(upload.fields),
		findings: '{}',
		size_bytes: upload.sizeBytes,
		idempotency_key: upload.idempotencyKey,
		expires_at: upload.expiresAt,
		release_id: upload.release?.id,
		release_position: upload.release?.position,
		in_place_of: upload.inPlaceOf,
		rights_confirmed_at: upload.rightsConfirmedAt,
		replaces_track_id: upload.replacesTrackId
	});
}

/** @throws DomainError 429 when the artist has begun too many; their lock is held */
export async function refuseTooMany(trx: Db, artistDid: string): Promise<void> {
	if ((await countUnfinished(trx, artistDid)) < MAX_UNFINISHED) return;
	throw tooMany(
		`you have begun ${MAX_UNFINISHED} uploads and not finished them. finish or remove some first`,
		60
	);
}

/**
 * Refuses a file its artist has published before; other artists may publish the same.
 * @param replacesTrackId the track that is to get it
 * @throws DomainError 409 `duplicate_upload`, or `same_audio` when it is what the track has
 */
export async function refuseDuplicate(
	ctx: Context,
	artistDid: string,
	sha256: string,
	replacesTrackId?: number | null
): Promise<void> {
	const track = await findTrackOfContent(ctx.db, artistDid, sha256);
	if (!track) return;
	if (track.id === replacesTrackId) {
		// of a track whose audio is gone, the same file is what is needed
		if (!(await isAudioWhole(ctx, track.id))) return;
		throw conflict('same_audio', SAME_AUDIO);
	}
	const isReplacement = replacesTrackId !== null && replacesTrackId !== undefined;
	throw conflict('duplicate_upload', duplicateSentence(track, isReplacement));
}

/** What is known about a file when its last byte is in staging. */
export interface ReceivedFile {
	sha256: string;
	sizeBytes: number;
	/** absent: what has been said stays, also what was said while the bytes arrived */
	fields?: UploadFields;
	rightsConfirmedAt?: Date;
	/** what a form says after its file; absent: as it is */
	replacesTrackId?: number | undefined;
}

/**
 * Ends the receiving: from here on the upload is a job's business. The row and its job are
 * changed together, so that no upload waits for a job that does not exist.
 * @returns the row, or the one somebody else has accepted already
 * @throws DomainError 409 `duplicate_upload` or `same_audio`
 */
export async function acceptUpload(
	ctx: Context,
	upload: UploadRow,
	file: ReceivedFile
): Promise<UploadRow> {
	const replaces = file.replacesTrackId ?? upload.replaces_track_id;
	await refuseDuplicate(ctx, upload.artist_did, file.sha256, replaces);
	// from here on the artist may throw their own copy away
	await ctx.storage.staging.persist(upload.id);
	return await ctx.db.transaction().execute(async (trx) => {
		const current = await lockUpload(trx, upload.id);
		if (current?.status !== 'receiving') return current ?? upload;
		const row = await changeUpload(trx, upload.id, {
			status: 'pending',
			stage: 'received',
			message: 'upload queued for processing',
			progress_pct: null,
			...(file.fields ? { fields: JSON.stringify(file.fields) } : {}),
			...(file.rightsConfirmedAt ? { rights_confirmed_at: file.rightsConfirmedAt } : {}),
			size_bytes: file.sizeBytes,
			received_bytes: file.sizeBytes,
			last_byte_at: new Date(),
			sha256: file.sha256,
			replaces_track_id: replaces,
			expires_at: null
		});
		await ctx.jobs.enqueueUpload(trx, upload.id);
		return row;
	});
}

/**
 * Removes an upload that was not accepted, and its bytes. One that was accepted after all stays:
 * the row decides, and bytes without a row are swept later.
 * @returns whether it was removed
 */
export async function abandonUpload(ctx: Context, id: string): Promise<boolean> {
	if (!(await deleteReceiving(ctx.db, id))) return false;
	await ctx.storage.staging.discard(id);
	return true;
}
