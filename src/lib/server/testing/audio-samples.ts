import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AudioFormat } from '#lib/server/media/formats.ts';

const run = promisify(execFile);

/** ffmpeg's arguments for the output of each accepted kind, and the extension that selects the muxer. */
const ENCODERS: Record<AudioFormat, { args: string[]; extension: string }> = {
	mp3: { args: ['-c:a', 'libmp3lame', '-b:a', '128k'], extension: 'mp3' },
	m4a: { args: ['-c:a', 'aac', '-b:a', '96k'], extension: 'm4a' },
	alac: { args: ['-c:a', 'alac'], extension: 'm4a' },
	aac: { args: ['-c:a', 'aac', '-f', 'adts'], extension: 'aac' },
	wav: { args: ['-c:a', 'pcm_s16le'], extension: 'wav' },
	flac: { args: ['-c:a', 'flac'], extension: 'flac' },
	ogg: { args: ['-c:a', 'libvorbis', '-q:a', '3'], extension: 'ogg' },
	opus: { args: ['-c:a', 'libopus', '-b:a', '64k'], extension: 'opus' },
	aiff: { args: ['-c:a', 'pcm_s16be'], extension: 'aiff' }
};

export interface SampleOptions {
	/** playing time; 3 by default */
	seconds?: number;
	/** pitch of the tone, so that two samples differ */
	hertz?: number;
	/** written as tags: title, artist, album */
	tags?: Record<string, string>;
	/** more of ffmpeg's output arguments */
	args?: string[];
}

/** Runs the ffmpeg of this machine into a file and returns its bytes. */
export async function ffmpegBytes(args: string[], extension: string): Promise<Buffer> {
	const dir = await mkdtemp(path.join(os.tmpdir(), 'plyr-sample-'));
	try {
		const file = path.join(dir, `out.${extension}`);
		const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
		await run(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args, file], { timeout: 60_000 });
		return await readFile(file);
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}

/** A tone as a real file of the given kind. */
export async function makeSample(
	format: AudioFormat,
	options: SampleOptions = {}
): Promise<Buffer> {
	const { seconds = 3, hertz = 440, tags = {}, args = [] } = options;
	const tone = `sine=frequency=${hertz}:sample_rate=44100:duration=${seconds}`;
	const metadata = Object.entries(tags).flatMap(([name, value]) => [
		'-metadata',
		`${name}=${value}`
	]);
	const { args: encoder, extension } = ENCODERS[format];
	return await ffmpegBytes(
		['-f', 'lavfi', '-i', tone, '-ac', '2', ...metadata, ...encoder, ...args],
		extension
	);
}
