import { createHash, type Hash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from '#lib/server/context.ts';
import { conflict } from '#lib/server/errors.ts';
import { FORMATS, RENDITION_FORMAT } from '#lib/server/media/formats.ts';
import { FfmpegMissing, NotAudio, TranscoderRefused } from '#lib/server/media/transcoder-errors.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import { claimKeys, usablePrefix } from '#lib/server/storage/released-keys.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';
import { findAudioFile, insertAudioFile } from '#lib/server/uploads/audio-files.ts';
import { factsOf } from '#lib/server/uploads/stages/analyse-staged.ts';

/** The conversion may add or lose some padding, and no more. */
const DURATION_TOLERANCE_MS = 500;

/** The file the artist uploaded, which is in the storage. */
export interface Source {
	fileId: string;
	storageKey: string;
	sizeBytes: number;
}

/** A file that is stored and has its row. */
export interface MadeFile {
	fileId: string;
	fileType: string;
	durationMs: number | null;
}

/**
 * Makes what is streamed anew from what was uploaded, and stores it. The same converter makes the
 * same bytes: then it is the file it was. Another one makes another file.
 * @throws DomainError 409 `conversion_failed` or `no_converter`; whatever may work another time
 */
export async function remakeAudio(
	ctx: Context,
	source: Source,
	signal: AbortSignal
): Promise<MadeFile> {
	// of its own: what an interrupted one left is swept
	const stagingId = `remake-${randomUUID()}`;
	try {
		const made = await convert(ctx, source, stagingId, signal);
		const analysis = await measure(ctx, source, { stagingId, ...made }, signal);
		await keep(ctx, { stagingId, ...made }, analysis, signal);
		return {
			fileId: made.sha256.slice(0, 16),
			fileType: FORMATS[RENDITION_FORMAT].extension,
			durationMs: analysis.durationMs
		};
	} catch (cause) {
		throw asSentence(cause);
	} finally {
		await ctx.storage.staging.discard(stagingId);
	}
}

interface Made {
	stagingId: string;
	sha256: string;
	sizeBytes: number;
}

async function convert(
	ctx: Context,
	{ storageKey, sizeBytes }: Source,
	stagingId: string,
	signal: AbortSignal
): Promise<Omit<Made, 'stagingId'>> {
	const open = (reading: AbortSignal) => ctx.storage.read(storageKey, { signal: reading });
	const converted = await ctx.transcoder.transcode({ open, sizeBytes }, RENDITION_FORMAT, signal);
	const hash = createHash('sha256');
	try {
		const bytes = hashing(converted, hash);
		const made = await ctx.storage.staging.append(stagingId, 0, bytes, { signal });
		return { sha256: hash.digest('hex'), sizeBytes: made };
	} finally {
		converted.destroy();
	}
}

async function* hashing(source: IncomingMessage, hash: Hash): AsyncGenerator<Uint8Array> {
	for await (const chunk of source as AsyncIterable<Buffer>) {
		hash.update(chunk);
		yield chunk;
	}
}

/** What was made has to be as long as what it was made of. */
async function measure(
	ctx: Context,
	source: Source,
	{ stagingId, sizeBytes }: Made,
	signal: AbortSignal
): Promise<Analysis> {
	const open = (reading: AbortSignal) => ctx.storage.staging.read(stagingId, { signal: reading });
	const analysis = await ctx.transcoder.analyse({ open, sizeBytes }, signal);
	const original = await findAudioFile(ctx.db, source.fileId);
	const expectedMs = original?.duration_ms ?? analysis.durationMs;
	if (Math.abs(analysis.durationMs - expectedMs) > DURATION_TOLERANCE_MS) throw conversionFailed();
	return analysis;
}

/** Makes the staged bytes a stored file: under the key it has, or under a new one. */
async function keep(
	ctx: Context,
	{ stagingId, sha256, sizeBytes }: Made,
	analysis: Analysis,
	signal: AbortSignal
): Promise<void> {
	const { extension, contentType } = FORMATS[RENDITION_FORMAT];
	const fileId = sha256.slice(0, 16);
	const known = await findAudioFile(ctx.db, fileId);
	if (known && known.sha256 !== sha256) throw conversionFailed();
	if (known) {
		if (await isStoredWhole(ctx.storage, known)) return;
		// in place of what is there: it is not what its row says
		const bytes = await ctx.storage.staging.read(stagingId, { signal });
		await ctx.storage.put(known.storage_key, bytes, { contentType: known.content_type, signal });
		ctx.log.info('object_restored', { key: known.storage_key, why: 'repair: it was missing' });
		return;
	}
	const prefix = await usablePrefix(ctx.db, (suffix) => `audio/${fileId}${suffix}`);
	const storageKey = `${prefix}.${extension}`;
	const promised = { sha256, sizeBytes, contentType, signal };
	await ctx.storage.staging.publish(stagingId, storageKey, promised);
	await ctx.db.transaction().execute(async (trx) => {
		await claimKeys(trx, fileId, [storageKey]);
		const facts = factsOf(analysis);
		const file = { fileId, sha256, storageKey, fileType: extension, contentType, sizeBytes };
		await insertAudioFile(trx, { ...file, facts, tags: null });
	});
}

const conversionFailed = (cause?: unknown) =>
	conflict(
		'conversion_failed',
		'the file you uploaded could not be converted without losing a part of it. send it again as flac or wav',
		{ cause }
	);

function asSentence(cause: unknown): unknown {
	if (cause instanceof FfmpegMissing) {
		const sentence = 'this site has no converter right now. repair it again when there is one';
		return conflict('no_converter', sentence, { cause });
	}
	if (cause instanceof NotAudio || cause instanceof TranscoderRefused) {
		return conversionFailed(cause);
	}
	return cause;
}
