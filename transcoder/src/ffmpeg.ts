import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runChild } from './child.ts';
import { HttpError } from './http-error.ts';

/** The two programs this service is built around. */
export interface Tools {
	/** Absolute paths. */
	ffmpeg: string;
	ffprobe: string;
	/** As ffmpeg prints it, such as `5.1.9-0+deb12u1`. */
	version: string;
}

/**
 * The demuxers a stranger's file may choose by its content. Each reads only the file it is given;
 * playlists, concat scripts, image sequences and everything else that opens other files by name
 * stay out.
 */
const DEMUXERS = [
	...['aac', 'ac3', 'aiff', 'amr', 'ape', 'asf', 'au', 'avi', 'caf', 'dsf', 'eac3', 'flac', 'flv'],
	...['matroska', 'mov', 'mp3', 'mpc', 'mpc8', 'mpeg', 'mpegts', 'ogg', 'tak', 'tta', 'w64', 'wav'],
	'wv'
].join(',');

const LOOK_AGAIN_AFTER_MS = 10_000;
const VERSION_TIME_LIMIT_MS = 10_000;

/** Arguments that go before `-i` of both programs. */
export const INPUT_LIMITS = [
	...['-protocol_whitelist', 'file,pipe'],
	...['-format_whitelist', DEMUXERS],
	// One thread: the number of requests at once is what fills the cores.
	...['-threads', '1']
];

/** Arguments that every ffmpeg run begins with; `level` is the log level. */
export function ffmpegArguments(level: 'error' | 'info', inputPath: string): string[] {
	return [
		...['-hide_banner', '-nostdin', '-nostats', '-v', `level+${level}`],
		...['-filter_threads', '1', '-filter_complex_threads', '1'],
		// A damaged file is used as far as it goes; by default ffmpeg 5.1 fails it at 2/3 errors.
		...['-max_error_rate', '1'],
		...INPUT_LIMITS,
		...['-i', `file:${inputPath}`]
	];
}

async function isProgram(path: string): Promise<boolean> {
	return access(path, constants.X_OK).then(
		() => true,
		() => false
	);
}

async function firstProgram(candidates: readonly string[]): Promise<string | null> {
	for (const path of candidates) {
		if (await isProgram(path)) return path;
	}
	return null;
}

function onPath(name: string): string[] {
	const folders = (process.env['PATH'] ?? '').split(delimiter);
	return folders.filter((folder) => folder.startsWith('/')).map((folder) => join(folder, name));
}

async function readVersion(ffmpeg: string): Promise<string | null> {
	let output = '';
	const { exitCode } = await runChild({
		command: ffmpeg,
		args: ['-version'],
		signal: AbortSignal.timeout(VERSION_TIME_LIMIT_MS),
		maxFileBytes: 0,
		maxCpuSeconds: VERSION_TIME_LIMIT_MS / 1000,
		onStdout: (chunk) => {
			if (output.length < 1000) output += chunk.toString('latin1');
		}
	});
	if (exitCode !== 0) return null;
	return /^ffmpeg version (\S{1,100})/.exec(output)?.[1] ?? null;
}

/** Where to look: a given path, or null for the usual places. */
export interface ToolPaths {
	ffmpegPath: string | null;
	ffprobePath: string | null;
}

/**
 * Finds ffmpeg and ffprobe, and notices when they are installed or removed while the service runs:
 * it looks again when asked, at most every ten seconds.
 */
export class ToolFinder {
	readonly #paths: ToolPaths;
	#found: Promise<Tools | null> | null = null;
	#lookedAtMs = -Infinity;

	constructor(paths: ToolPaths) {
		this.#paths = paths;
	}

	/** The programs, or null when one of them is missing or does not answer. */
	find(): Promise<Tools | null> {
		const nowMs = performance.now();
		if (this.#found === null || nowMs - this.#lookedAtMs >= LOOK_AGAIN_AFTER_MS) {
			this.#lookedAtMs = nowMs;
			this.#found = this.#look(this.#found);
		}
		return this.#found;
	}

	/** The programs; throws 503 `ffmpeg_missing`, which waiting alone does not cure. */
	async require(): Promise<Tools> {
		const tools = await this.find();
		if (tools !== null) return tools;
		throw new HttpError(
			503,
			'ffmpeg_missing',
			'ffmpeg and ffprobe were not found on this machine. install ffmpeg, or set FFMPEG_PATH'
		);
	}

	async #look(before: Promise<Tools | null> | null): Promise<Tools | null> {
		const ffmpeg = await firstProgram(
			this.#paths.ffmpegPath === null ? onPath('ffmpeg') : [this.#paths.ffmpegPath]
		);
		if (ffmpeg === null) return null;
		const beside = join(dirname(ffmpeg), 'ffprobe');
		const ffprobe = await firstProgram(
			this.#paths.ffprobePath === null ? [beside, ...onPath('ffprobe')] : [this.#paths.ffprobePath]
		);
		if (ffprobe === null) return null;
		const known = await before;
		if (known?.ffmpeg === ffmpeg && known.ffprobe === ffprobe) return known;
		const version = await readVersion(ffmpeg).catch(() => null);
		return version === null ? null : { ffmpeg, ffprobe, version };
	}
}
