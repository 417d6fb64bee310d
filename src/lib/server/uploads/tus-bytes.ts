import { createHash, randomUUID } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { conflict, DomainError, tooLarge } from '#lib/server/errors.ts';
import { AppendInterrupted, OffsetMismatch } from '#lib/server/storage/errors.ts';
import { bodyChunks } from './body.ts';
import { finishReceiving, refuseReceiving, type SizedUpload } from './finish.ts';
import { beginAgain } from './give-up-bytes.ts';
import { IncomingAudio } from './incoming.ts';
import { type Lease, obtainLease } from './lease.ts';
import { uploadNotFound } from './not-found.ts';
import { findUpload, type UploadRow } from './queries.ts';
import { showReceived } from './receiving-queries.ts';
import { keepRunningHash, takeRunningHash } from './running-hashes.ts';
import { appendWhole } from './staged.ts';
import { checksumMismatch, type ChunkChecksum } from './tus-headers.ts';

/** An unfinished upload is kept for this long after its last byte. */
const KEPT_MS = 24 * 60 * 60 * 1000;

export const expiryFromNow = () => new Date(Date.now() + KEPT_MS);

/** One part of an upload, as a request brings it. */
export interface Part {
	offsetBytes: number;
	body: ReadableStream<Uint8Array> | null;
	checksum: ChunkChecksum | undefined;
}

/**
 * Adds a part to an upload, and accepts the upload when it was the last one. What has arrived of
 * a part that breaks off is kept, except when a checksum came with it.
 * @returns the row afterwards
 * @throws DomainError 400 `unsupported_audio` (the upload is removed, or fails in its release), 404, 409 `wrong_offset` or
 * `upload_complete` (it is finished by then, also when it was not before), 413 `too_many_bytes`,
 * or `storage_full`, 423, 429, 460 `checksum_mismatch`, and those of `bodyChunks`
 */
export async function receivePart(
	ctx: Context,
	upload: SizedUpload,
	part: Part
): Promise<UploadRow> {
	await refuseRepeated(ctx, upload, part);
	const state: { lease?: Lease } = {};
	const incoming = new IncomingAudio({
		maxBytes: upload.size_bytes - part.offsetBytes,
		tooMany: moreThanDeclared,
		check: () => state.lease?.check(),
		sniff: part.offsetBytes === 0,
		isPart: true
	});
	const lease = await obtainLease(ctx, upload, () =>
		showProgress(ctx, upload, part.offsetBytes + incoming.passedBytes)
	);
	state.lease = lease;
	try {
		return await receiveHeld(ctx, upload, part, incoming, lease);
	} catch (cause) {
		if (cause instanceof DomainError && cause.code === 'unsupported_audio') {
			await refuseReceiving(ctx, upload, cause);
		}
		throw cause;
	} finally {
		await lease.release();
	}
}

/**
 * What is there never gets less: a part that begins before its end is refused without waiting for
 * the request that broke off, as its bytes are on the line meanwhile.
 */
async function refuseRepeated(ctx: Context, upload: SizedUpload, part: Part): Promise<void> {
	const storedBytes = (await ctx.storage.staging.size(upload.id)) ?? 0;
	if (storedBytes <= part.offsetBytes || storedBytes >= upload.size_bytes) return;
	if (storedBytes > upload.received_bytes) await showProgress(ctx, upload, storedBytes);
	throw wrongOffset(storedBytes);
}

/** `receivePart` while nobody else may write. */
async function receiveHeld(
	ctx: Context,
	upload: SizedUpload,
	part: Part,
	incoming: IncomingAudio,
	lease: Lease
): Promise<UploadRow> {
	// whoever had the lease before may have sent the last byte
	const current = await findUpload(ctx.db, upload.id);
	if (!current) throw uploadNotFound();
	if (current.status !== 'receiving') {
		if (part.offsetBytes === upload.size_bytes) return current;
		throw uploadComplete();
	}
	// only now is it certain that no sweep is giving it up
	await beginAgain(ctx, { ...current, size_bytes: upload.size_bytes }, expiryFromNow());
	const { storedBytes, fits } = await takeIn(ctx, upload, part, incoming, lease);
	const isComplete = storedBytes === upload.size_bytes;
	const row = isComplete
		? await finishReceiving(ctx, upload, lease)
		: await showProgress(ctx, upload, storedBytes);
	if (fits) return row;
	throw isComplete ? uploadComplete() : wrongOffset(storedBytes);
}

/** What is in staging afterwards, and whether the part began where it ended before. */
interface TakenIn {
	storedBytes: number;
	fits: boolean;
}

/** Verifies a part that has a checksum, then appends it. */
async function takeIn(
	ctx: Context,
	upload: SizedUpload,
	part: Part,
	incoming: IncomingAudio,
	lease: Lease
): Promise<TakenIn> {
	const chunks = bodyChunks(part.body, lease.signal);
	if (!part.checksum) return await append(ctx, upload, part, incoming.through(chunks), lease);
	const storedBytes = (await ctx.storage.staging.size(upload.id)) ?? 0;
	if (storedBytes !== part.offsetBytes) return { storedBytes, fits: false };
	// beside the upload until it is known to be whole: a part can be as large as the upload
	const asideId = randomUUID();
	const hash = createHash('sha256');
	try {
		await appendWhole(ctx, asideId, incoming.through(chunks, hash), lease.signal);
		if (!hash.digest().equals(part.checksum.digest)) throw checksumMismatch();
		const verified = await ctx.storage.staging.read(asideId, { signal: lease.signal });
		return await append(ctx, upload, part, verified, lease);
	} finally {
		await ctx.storage.staging.discard(asideId);
	}
}

/** Appends bytes, going on with the hash of those before them when this process has it. */
async function append(
	ctx: Context,
	upload: SizedUpload,
	part: Part,
	source: AsyncIterable<Uint8Array>,
	lease: Lease
): Promise<TakenIn> {
	const hash = takeRunningHash(upload.id, part.offsetBytes);
	let hashedBytes = part.offsetBytes;
	const hashed = async function* () {
		for await (const chunk of source) {
			hash?.update(chunk);
			hashedBytes += chunk.byteLength;
			yield chunk;
		}
	};
	const keepHash = (storedBytes: number) => {
		if (hash && hashedBytes === storedBytes) keepRunningHash(upload.id, storedBytes, hash);
	};
	try {
		const { signal } = lease;
		const end = await ctx.storage.staging.append(upload.id, part.offsetBytes, hashed(), { signal });
		keepHash(end);
		return { storedBytes: end, fits: true };
	} catch (cause) {
		if (cause instanceof OffsetMismatch) return { storedBytes: cause.offsetBytes, fits: false };
		if (!(cause instanceof AppendInterrupted)) throw cause;
		keepHash(cause.offsetBytes);
		if (!lease.signal.aborted) await showProgress(ctx, upload, cause.offsetBytes);
		throw cause.cause;
	}
}

/** Shows how far an upload has come, and keeps it for another day. */
async function showProgress(
	ctx: Context,
	upload: SizedUpload,
	receivedBytes: number
): Promise<UploadRow> {
	const row = await showReceived(ctx.db, upload.id, {
		received_bytes: receivedBytes,
		progress_pct: (100 * receivedBytes) / upload.size_bytes,
		expires_at: expiryFromNow()
	});
	return row ?? upload;
}

/** 409: the part does not begin where the upload ends. */
const wrongOffset = (storedBytes: number) =>
	conflict('wrong_offset', `this upload continues at byte ${storedBytes}`);

/** 409: there is nothing to add any more. */
export const uploadComplete = () =>
	conflict('upload_complete', 'all bytes of this upload have arrived already');

const moreThanDeclared = () =>
	tooLarge(
		'too_many_bytes',
		'more bytes came than Upload-Length says. what fitted is kept: ask where the upload continues and send only the rest'
	);
