import type { AudioFacts } from '#lib/server/db/schema.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import {
	FfmpegMissing,
	NotAudio,
	TranscoderRefused,
	TranscoderUnreachable
} from '#lib/server/media/transcoder-errors.ts';
import { UploadRefused } from '../failures.ts';
import type { StageWork } from './stage.ts';

/**
 * Measures staged bytes.
 * @returns null when there is no ffmpeg: the site runs in original-only mode
 * @throws UploadRefused when it is no audio or cannot be decoded
 */
export async function analyseStaged(
	{ ctx, signal }: StageWork,
	file: { id: string; sizeBytes: number }
): Promise<Analysis | null> {
	const { reachable, ffmpeg, detail } = await ctx.transcoder.capabilities();
	// away for a moment is not the same as never there: what it would have found is not given up
	if (!reachable) throw new TranscoderUnreachable(new Error(detail ?? undefined));
	if (!ffmpeg) return null;
	const { id, sizeBytes } = file;
	const open = (reading: AbortSignal) => ctx.storage.staging.read(id, { signal: reading });
	try {
		return await ctx.transcoder.analyse({ open, sizeBytes }, signal);
	} catch (cause) {
		if (cause instanceof FfmpegMissing) return null;
		throw asRefusal(cause);
	}
}

/** What the transcoder says about a file, as it concerns the upload. */
export function asRefusal(cause: unknown): unknown {
	if (cause instanceof NotAudio) {
		return new UploadRefused('not_audio', cause.message, cause);
	}
	if (!(cause instanceof TranscoderRefused)) return cause;
	if (cause.code === 'ffmpeg_failed') {
		const sentence = `this file cannot be decoded: it is damaged. (${cause.message})`;
		return new UploadRefused('broken_audio', sentence, cause);
	}
	const sentence = `this file is too much for the transcoder: ${cause.message}`;
	return new UploadRefused('too_much', sentence, cause);
}

/** What is kept of an analysis. */
export const factsOf = (analysis: Analysis): AudioFacts => ({
	codec: analysis.codec,
	sampleRateHz: analysis.sampleRateHz,
	channels: analysis.channels,
	bitRateBps: analysis.bitRateBps,
	durationMs: analysis.durationMs,
	loudnessLufs: analysis.loudnessLufs,
	truePeakDbtp: analysis.truePeakDbtp,
	peaks: Buffer.from(analysis.peaks).toString('base64')
});
