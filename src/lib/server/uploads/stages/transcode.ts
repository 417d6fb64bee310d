import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RENDITION_FORMAT } from '#lib/server/media/formats.ts';
import { FfmpegMissing, TranscoderUnreachable } from '#lib/server/media/transcoder-errors.ts';
import { AppendInterrupted } from '#lib/server/storage/errors.ts';
import { UploadRefused } from '../failures.ts';
import type { UploadRow } from '../queries.ts';
import { analyseStaged, asRefusal, factsOf } from './analyse-staged.ts';
import { needsTranscoder, sizeOf } from './inspect.ts';
import { advanceAlone, formatOf, found, renditionStagingId, type StageWork } from './stage.ts';

/** The conversion may add or lose some padding, and no more. */
const DURATION_TOLERANCE_MS = 500;

/**
 * inspected → transcoded: the streamable version of what browsers do not play, measured again so
 * that what is published is known to be whole. Others pass through.
 */
export async function transcode(work: StageWork): Promise<UploadRow> {
	const { upload } = work;
	const message = 'storing your file';
	if (upload.findings.streamable) return await advanceAlone(work, 'transcoded', { message });
	const stored = await convert(work);
	const id = renditionStagingId(upload.id);
	const analysis = await analyseStaged(work, { id, sizeBytes: stored.sizeBytes });
	if (!analysis) throw needsTranscoder(formatOf(upload));
	const originalMs = found('analysis', upload.findings.original).durationMs ?? 0;
	if (Math.abs(analysis.durationMs - originalMs) > DURATION_TOLERANCE_MS) {
		throw new UploadRefused(
			'conversion_failed',
			'this file could not be converted without losing a part of it. send it as flac or wav'
		);
	}
	const findings = { ...upload.findings, rendition: { ...stored, facts: factsOf(analysis) } };
	return await advanceAlone(work, 'transcoded', { message, findings });
}

/** Puts the converted file into staging. What an earlier attempt left there is thrown away. */
async function convert(work: StageWork): Promise<{ sha256: string; sizeBytes: number }> {
	const { ctx, upload, signal } = work;
	const { staging } = ctx.storage;
	const id = renditionStagingId(upload.id);
	await staging.discard(id);
	const open = (reading: AbortSignal) => staging.read(upload.id, { signal: reading });
	let converted: IncomingMessage;
	try {
		const file = { open, sizeBytes: sizeOf(upload) };
		converted = await ctx.transcoder.transcode(file, RENDITION_FORMAT, signal);
	} catch (cause) {
		if (cause instanceof FfmpegMissing) throw needsTranscoder(formatOf(upload));
		throw asRefusal(cause);
	}
	const hash = createHash('sha256');
	try {
		const sizeBytes = await staging.append(id, 0, hashing(converted, hash), { signal });
		return { sha256: hash.digest('hex'), sizeBytes };
	} catch (cause) {
		signal.throwIfAborted();
		// the conversion broke off, not the storage
		if (cause instanceof AppendInterrupted) throw new TranscoderUnreachable(cause.cause);
		throw cause;
	} finally {
		converted.destroy();
	}
}

async function* hashing(
	source: IncomingMessage,
	hash: ReturnType<typeof createHash>
): AsyncGenerator<Uint8Array> {
	for await (const chunk of source as AsyncIterable<Buffer>) {
		hash.update(chunk);
		yield chunk;
	}
}
