import { BoundedLines } from './bounded-lines.ts';
import { runChild } from './child.ts';
import { describeFile } from './describe-file.ts';
import { INPUT_LIMITS } from './ffmpeg.ts';
import { badRequest, notAudio } from './http-error.ts';
import { MAX_PROBE_LINE_BYTES, ProbeLines, type StreamFacts } from './probe-lines.ts';
import { cpuSecondsOf, type Job } from './job.ts';
import { wavPromisedMs } from './wav-promise.ts';

/** What the headers of a file say, before anything is decoded. */
export interface Probe {
	/** Short name: mp3, mp4, wav, flac, ogg, aiff, aac, caf, matroska and so on. */
	container: string;
	/** ffmpeg's codec name: mp3, aac, alac, flac, vorbis, opus, pcm_s16le and so on. */
	codec: string;
	/** ffmpeg's name of the decoded sample format, such as s16, s32p or fltp. */
	sampleFormat: string;
	sampleRateHz: number;
	channels: number;
	bitRateBps: number | null;
	/** What the file promises; null when it promises nothing. */
	expectedDurationMs: number | null;
	/** It counts its samples, so that one that is not there is missing. */
	countsSamples: boolean;
	tags: Map<string, string>;
	/** A moving picture, not a cover. */
	hasVideo: boolean;
}

/** ffmpeg knows no speaker layout beyond this. */
const MAX_CHANNELS = 8;

/**
 * Reading headers takes well under a second, but ffmpeg 5.1 needs minutes for a tag of 200,000
 * fields (its dictionary is a list), so this has a limit of its own.
 */
const PROBE_TIME_LIMIT_MS = 30_000;

const ENTRIES = [
	'format=format_name,duration,bit_rate:format_tags',
	'stream=codec_type,codec_name,sample_fmt,sample_rate,channels,duration,bit_rate',
	'stream_disposition=attached_pic:stream_tags'
].join(':');

/** Facts about the container that ffmpeg keeps as if they were tags. */
const NOT_TAGS = ['major_brand', 'minor_version', 'compatible_brands'];

function positive(text: string | undefined): number | null {
	const value = Number(text);
	return value > 0 && Number.isFinite(value) ? value : null;
}

function containerName(formatName: string): string {
	const first = formatName.split(',')[0] ?? '';
	return first === 'mov' ? 'mp4' : first;
}

function isVideo({ facts }: StreamFacts): boolean {
	return facts.get('codec_type') === 'video' && facts.get('disposition.attached_pic') !== '1';
}

function collectTags(
	container: string,
	format: StreamFacts,
	audio: StreamFacts
): Map<string, string> {
	// An ogg file keeps its comments in the stream; elsewhere a stream's tags are technical.
	const tags = new Map([...(container === 'ogg' ? audio.tags : []), ...format.tags]);
	for (const name of NOT_TAGS) tags.delete(name);
	return tags;
}

async function runFfprobe(job: Job): Promise<{ lines: ProbeLines; stderr: readonly string[] }> {
	const lines = new ProbeLines();
	const stdout = new BoundedLines(MAX_PROBE_LINE_BYTES, (line) => lines.add(line));
	const limitMs = Math.min(PROBE_TIME_LIMIT_MS, job.timeoutMs / 2);
	const timeLimit = AbortSignal.timeout(limitMs);
	const run = runChild({
		command: job.tools.ffprobe,
		args: [
			...['-hide_banner', '-v', 'warning', ...INPUT_LIMITS],
			...['-show_entries', ENTRIES, '-of', 'flat', '-i', `file:${job.inputPath}`]
		],
		signal: AbortSignal.any([job.signal, timeLimit]),
		maxFileBytes: 0,
		maxCpuSeconds: cpuSecondsOf(job),
		onStdout: (chunk) => stdout.push(chunk)
	});
	const { stderrTail } = await run.catch((error: unknown) => {
		if (!timeLimit.aborted || job.signal.aborted) throw error;
		throw badRequest(
			'unreadable_header',
			`the tags at the beginning of this file could not be read within ${Math.ceil(limitMs / 1000)} seconds. remove its tags and try again`
		);
	});
	stdout.end();
	return { lines, stderr: stderrTail };
}

async function readPromise(
	job: Job,
	{ container, codec }: Pick<Probe, 'container' | 'codec'>,
	durationSeconds: number | null,
	stderr: readonly string[]
): Promise<Pick<Probe, 'expectedDurationMs' | 'countsSamples'>> {
	if (container === 'wav') {
		const promisedMs = await wavPromisedMs(job.inputPath);
		const countsSamples = codec.startsWith('pcm_');
		if (promisedMs !== null) return { expectedDurationMs: promisedMs, countsSamples };
	}
	// Then the duration is the file's size over a bit rate: it promises nothing.
	const isEstimated = stderr.some((line) => line.includes('Estimating duration from bitrate'));
	if (isEstimated || durationSeconds === null) {
		return { expectedDurationMs: null, countsSamples: false };
	}
	return { expectedDurationMs: durationSeconds * 1000, countsSamples: container === 'flac' };
}

/**
 * Reads the headers and tags of the job's input with ffprobe, in memory that does not depend on
 * their size.
 *
 * Throws 400 `not_audio`, `too_many_channels` or `unreadable_header`.
 */
export async function probe(job: Job): Promise<Probe> {
	const { lines, stderr } = await runFfprobe(job);
	const audio = lines.streams.find(({ facts }) => facts.get('codec_type') === 'audio');
	const video = lines.streams.find(isVideo);
	if (audio === undefined) {
		const codec = video?.facts.get('codec_name') ?? 'unknown';
		const silentVideo = `a video without sound (${codec})`;
		throw notAudio(video === undefined ? await describeFile(job.inputPath) : silentVideo);
	}
	const sampleRateHz = positive(audio.facts.get('sample_rate'));
	const channels = positive(audio.facts.get('channels'));
	if (sampleRateHz === null || channels === null) {
		throw notAudio(await describeFile(job.inputPath));
	}
	if (channels > MAX_CHANNELS) {
		throw badRequest(
			'too_many_channels',
			`this file has ${channels} channels; at most ${MAX_CHANNELS} can be used`
		);
	}
	const { format } = lines;
	const container = containerName(format.facts.get('format_name') ?? '');
	const durationSeconds =
		positive(audio.facts.get('duration')) ?? positive(format.facts.get('duration'));
	const codec = audio.facts.get('codec_name') ?? 'unknown';
	return {
		container,
		codec,
		sampleFormat: audio.facts.get('sample_fmt') ?? '',
		sampleRateHz,
		channels,
		bitRateBps: positive(audio.facts.get('bit_rate')),
		...(await readPromise(job, { container, codec }, durationSeconds, stderr)),
		tags: collectTags(container, format, audio),
		hasVideo: video !== undefined
	};
}
