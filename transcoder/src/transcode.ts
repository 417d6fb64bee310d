import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild, type ChildResult } from './child.ts';
import { describeFile } from './describe-file.ts';
import { ffmpegArguments } from './ffmpeg.ts';
import { lastUsefulLine, saysDiskFull } from './ffmpeg-messages.ts';
import { diskFull, ffmpegFailed, HttpError, notAudio } from './http-error.ts';
import { cpuSecondsOf, type Job } from './job.ts';
import { probe, type Probe } from './probe.ts';
import type { Target } from './targets.ts';

/** A finished conversion: open, so that it can be read after its folder was removed. */
export interface Converted {
	file: FileHandle;
	sizeBytes: number;
}

/** What mp4 files say about themselves; carried over it would only litter the tags. */
const CONTAINER_TAGS = ['major_brand', 'minor_version', 'compatible_brands'];
/** 128 + SIGXFSZ: a written file reached its limit. */
const FILE_TOO_LARGE_EXIT_CODE = 128 + 25;

function metadataArguments({ container }: Probe): string[] {
	return [
		...['-map_metadata', '0', '-map_chapters', '-1'],
		// An ogg file keeps its comments in the stream, where mp3, mp4 and flac do not look.
		...(container === 'ogg' ? ['-map_metadata', '0:s:a:0'] : []),
		...CONTAINER_TAGS.flatMap((name) => ['-metadata', `${name}=`])
	];
}

function failure(job: Job, result: ChildResult): HttpError {
	if (saysDiskFull(result.stderrTail)) return diskFull();
	if (result.exitCode === FILE_TOO_LARGE_EXIT_CODE) {
		return new HttpError(
			413,
			'output_too_large',
			`the converted file would be larger than ${job.maxOutputBytes} bytes. choose a compressed target`
		);
	}
	return ffmpegFailed(lastUsefulLine(result.stderrTail, job.folder));
}

/** The last `out_time_us` ffmpeg reported: how much sound it wrote, in microseconds. */
function writtenUs(progress: string): number {
	const text = progress
		.match(/out_time_us=(-?\d+)/g)
		?.at(-1)
		?.slice('out_time_us='.length);
	return Number(text ?? 0);
}

/**
 * Converts the job's input. The caller closes the file.
 *
 * Throws 400 `not_audio` when nothing can be decoded, 413 `output_too_large`, 503 `disk_full`, 500
 * `ffmpeg_failed`.
 */
export async function transcode(job: Job, target: Target): Promise<Converted> {
	const source = await probe(job);
	const path = join(job.folder, 'output');
	let progress = '';
	const result = await runChild({
		command: job.tools.ffmpeg,
		args: [
			...[...ffmpegArguments('error', job.inputPath), '-map', '0:a:0', '-vn'],
			...[...metadataArguments(source), ...target.encode(source)],
			...['-progress', 'pipe:1', '-threads', '1', `file:${path}`]
		],
		signal: job.signal,
		maxFileBytes: job.maxOutputBytes,
		maxCpuSeconds: cpuSecondsOf(job),
		onStdout: (chunk) => {
			progress = (progress + chunk.toString('latin1')).slice(-2000);
		}
	});
	if (result.exitCode !== 0) throw failure(job, result);
	if (writtenUs(progress) <= 0) throw notAudio(await describeFile(job.inputPath));
	const file = await open(path, 'r');
	return { file, sizeBytes: (await file.stat()).size };
}
