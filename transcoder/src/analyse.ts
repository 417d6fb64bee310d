import { runChild, type ChildResult } from './child.ts';
import { ffmpegArguments } from './ffmpeg.ts';
import { lastUsefulLine } from './ffmpeg-messages.ts';
import { describeFile } from './describe-file.ts';
import { ffmpegFailed, notAudio } from './http-error.ts';
import { cpuSecondsOf, type Job } from './job.ts';
import { isLossless } from './lossless.ts';
import { loudnessFilters, parseLoudness, saysLoudness } from './loudness.ts';
import { Peaks } from './peaks.ts';
import { probe, type Probe } from './probe.ts';

/** The answer of POST /analyse. */
export interface Analysis {
	container: string;
	codec: string;
	sampleRateHz: number;
	channels: number;
	bitRateBps: number;
	/** Exact: counted from the decoded samples, without the padding of an mp4. */
	durationMs: number;
	/** What the container promises; null when it promises nothing. */
	expectedDurationMs: number | null;
	/** The container promises more sound than there is. */
	truncated: boolean;
	/** The decoder met damage, which may be as little as rubbish after the end. */
	decodeErrors: boolean;
	/** Keys in lower case with `_` for anything but letters, digits and `_`. */
	tags: Record<string, string>;
	loudnessLufs: number | null;
	truePeakDbtp: number | null;
	/** 1800 integers 0–255. */
	peaks: number[];
	hasVideo: boolean;
}

/** Encoders pad: an mp3 or aac file promises some frames more than it plays. */
const LOSSY_TOLERANCE_MS = 500;
const LOSSLESS_TOLERANCE_MS = 50;
/** A wav may count its own header as sound; less is missing than the shortest frame of a flac has. */
const COUNTED_TOLERANCE_MS = 1;

/** The longest packet an mp4 commonly holds: one frame of HE-AAC. */
const LONGEST_PACKET_SAMPLES = 2048;

const SAMPLES_PER_FRAME = 16_384;
/** Each of two sets of filters says three; no file can make it more than this. */
const LOUDNESS_LINES_MAX = 40;

interface Decoded extends ChildResult {
	peaks: Peaks;
	decodeErrors: boolean;
	/** what the meters said */
	loudnessLines: readonly string[];
}

/**
 * Frees the memory of bytes that are done with. A decoded album is 700 MB in pieces of 64 KiB, and
 * collecting them when the engine sees fit takes as long as looking at them.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
	const isWhole = byteLength === buffer.byteLength;
	if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/**
 * Decodes once, into the loudness meters and, as 16-bit samples at the file's own rate and
 * channels, into our waveform: at that rate the sample count is exact and nothing is filtered or
 * mixed away.
 */
async function decode(job: Job, file: Probe): Promise<Decoded> {
	const { channels, sampleRateHz } = file;
	const peaks = new Peaks();
	let decodeErrors = false;
	let loudnessLines: string[] = [];
	// frame by frame the filters take a tenth longer, and a write of 4 KB each a third of our own time
	const split = `[0:a:0]asetnsamples=${SAMPLES_PER_FRAME}:p=0,asplit=3[meter][peak][wave]`;
	const result = await runChild({
		command: job.tools.ffmpeg,
		args: [
			...ffmpegArguments('info', job.inputPath),
			'-filter_complex',
			`${split};${loudnessFilters(file)}`,
			...['-map', '[metered]', '-map', '[peaked]', '-f', 'null', '-'],
			...['-map', '[wave]', '-ac', String(channels), '-ar', String(sampleRateHz)],
			...['-c:a', 'pcm_s16le', '-f', 's16le', '-flush_packets', '0', 'pipe:1']
		],
		signal: job.signal,
		maxFileBytes: 0,
		maxCpuSeconds: cpuSecondsOf(job),
		onStdout: (chunk) => {
			peaks.push(chunk);
			giveBack(chunk);
		},
		onStderrLine: (line) => {
			decodeErrors ||= line.includes('[error] ');
			if (saysLoudness(line)) loudnessLines = [...loudnessLines, line].slice(-LOUDNESS_LINES_MAX);
		}
	});
	return { ...result, peaks, decodeErrors, loudnessLines };
}

/**
 * How long the decoded samples play. An mp4 says to the sample where its sound ends (ISO/IEC
 * 14496-12, edit list), which is inside the last packet; ffmpeg 5.1 decodes that packet whole.
 */
function playedMs(file: Probe, sampleCount: number): number {
	const decodedMs = (sampleCount / file.channels / file.sampleRateHz) * 1000;
	const promisedMs = file.expectedDurationMs ?? decodedMs;
	const packetMs = (LONGEST_PACKET_SAMPLES / file.sampleRateHz) * 1000;
	const isPadded = decodedMs > promisedMs && decodedMs - promisedMs <= packetMs;
	return file.container === 'mp4' && isPadded ? promisedMs : decodedMs;
}

function toleranceMs({ countsSamples, codec }: Probe): number {
	if (countsSamples) return COUNTED_TOLERANCE_MS;
	return isLossless(codec) ? LOSSLESS_TOLERANCE_MS : LOSSY_TOLERANCE_MS;
}

/**
 * Measures the job's input: what it is, how long, how loud, and its waveform.
 *
 * Throws 400 `not_audio` when nothing can be decoded, 500 `ffmpeg_failed` when ffmpeg breaks.
 */
export async function analyse(job: Job): Promise<Analysis> {
	const file = await probe(job);
	const decoded = await decode(job, file);
	const { sampleCount } = decoded.peaks;
	if (sampleCount === 0 && !decoded.crashed) throw notAudio(await describeFile(job.inputPath));
	if (decoded.exitCode !== 0) {
		throw ffmpegFailed(lastUsefulLine(decoded.stderrTail, job.folder));
	}
	const exactMs = playedMs(file, sampleCount);
	const { expectedDurationMs } = file;
	const loudness = parseLoudness(decoded.loudnessLines);
	return {
		container: file.container,
		codec: file.codec,
		sampleRateHz: file.sampleRateHz,
		channels: file.channels,
		bitRateBps: Math.round(file.bitRateBps ?? (job.sizeBytes * 8000) / exactMs),
		durationMs: Math.round(exactMs),
		expectedDurationMs: expectedDurationMs === null ? null : Math.round(expectedDurationMs),
		truncated: expectedDurationMs !== null && expectedDurationMs - exactMs > toleranceMs(file),
		decodeErrors: decoded.decodeErrors,
		tags: Object.fromEntries(file.tags),
		loudnessLufs: loudness.integratedLufs,
		truePeakDbtp: loudness.truePeakDbtp,
		peaks: decoded.peaks.finish(),
		hasVideo: file.hasVideo
	};
}
