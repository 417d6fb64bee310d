import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { isIP } from 'node:net';

/** What the service was started with; the README lists the variables. */
export interface Config {
	host: string;
	/** 0 asks the system for a free port. */
	port: number;
	/** null: anyone who reaches the port may use the service. */
	authToken: string | null;
	maxUploadBytes: number;
	concurrency: number;
	/** how long a request waits for a place */
	queueMs: number;
	timeoutMs: number;
	tempDir: string;
	ffmpegPath: string | null;
	ffprobePath: string | null;
	stopOnStdinEnd: boolean;
}

/** Everything that is wrong with the environment, one sentence each. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(problems.join('\n'));
		this.problems = problems;
	}
}

type Environment = Record<string, string | undefined>;

/** Reads variables and collects what is wrong with them instead of stopping at the first. */
class Reader {
	readonly problems: string[] = [];
	readonly #environment: Environment;

	constructor(environment: Environment) {
		this.#environment = environment;
	}

	text(name: string): string | null {
		return this.#environment[name]?.trim() || null;
	}

	wholeNumber(name: string, fallback: number, minimum: number, maximum: number): number {
		const text = this.text(name);
		if (text === null) return fallback;
		const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
		if (value >= minimum && value <= maximum) return value;
		this.problems.push(
			`${name} is "${text}", which is not a whole number from ${minimum} to ${maximum}. example: ${name}=${fallback}`
		);
		return fallback;
	}

	truth(name: string): boolean {
		const text = this.text(name);
		if (text === null || text === 'false') return false;
		if (text === 'true') return true;
		this.problems.push(
			`${name} is "${text}", which is neither true nor false. example: ${name}=true`
		);
		return false;
	}

	program(name: string, example: string): string | null {
		const path = this.text(name);
		if (path === null || isProgram(path)) return path;
		this.problems.push(
			`${name} is "${path}", which is not a program that can be run. example: ${name}=${example}`
		);
		return null;
	}
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		return false;
	}
}

function isWritableFolder(path: string): boolean {
	try {
		accessSync(path, constants.W_OK | constants.X_OK);
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function readAuthToken(reader: Reader, host: string): string | null {
	const token = reader.text('TRANSCODER_AUTH_TOKEN');
	const anonymous = reader.truth('TRANSCODER_ALLOW_ANONYMOUS');
	if (token !== null) {
		// The token travels in a header, which cannot carry anything else.
		if (!/^[\x21-\x7e]+$/.test(token)) {
			reader.problems.push(
				'TRANSCODER_AUTH_TOKEN has a character that is not a visible ASCII character. example: TRANSCODER_AUTH_TOKEN=$(openssl rand -hex 32)'
			);
		}
		return token;
	}
	if (!anonymous) {
		reader.problems.push(
			'TRANSCODER_AUTH_TOKEN is not set, so nobody could be told from a stranger. example: TRANSCODER_AUTH_TOKEN=$(openssl rand -hex 32), or, on your own machine only, TRANSCODER_ALLOW_ANONYMOUS=true'
		);
	} else if (!isLoopback(host)) {
		reader.problems.push(
			`TRANSCODER_ALLOW_ANONYMOUS is true while TRANSCODER_HOST is "${host}", which other machines can reach. example: TRANSCODER_HOST=127.0.0.1`
		);
	}
	return null;
}

/**
 * Reads and checks the whole environment.
 *
 * Throws ConfigError naming every wrong variable at once, each with the reason and an example.
 */
export function readConfig(environment: Environment): Config {
	const reader = new Reader(environment);
	const host = reader.text('TRANSCODER_HOST') ?? '127.0.0.1';
	if (!/^[\w.:-]+$/.test(host)) {
		reader.problems.push(
			`TRANSCODER_HOST is "${host}", which is not an address. example: TRANSCODER_HOST=127.0.0.1`
		);
	}
	const tempDir = reader.text('TRANSCODER_TEMP_DIR') ?? tmpdir();
	if (!isWritableFolder(tempDir)) {
		reader.problems.push(
			`TRANSCODER_TEMP_DIR is "${tempDir}", which is not a folder this service may write to. example: TRANSCODER_TEMP_DIR=/var/tmp`
		);
	}
	const config: Config = {
		host,
		port: reader.wholeNumber('TRANSCODER_PORT', 8082, 0, 65_535),
		authToken: readAuthToken(reader, host),
		maxUploadBytes: reader.wholeNumber(
			'TRANSCODER_MAX_UPLOAD_BYTES',
			1_610_612_736,
			1,
			Number.MAX_SAFE_INTEGER
		),
		concurrency: reader.wholeNumber('TRANSCODER_CONCURRENCY', availableParallelism(), 1, 256),
		queueMs: 1000 * reader.wholeNumber('TRANSCODER_QUEUE_SECONDS', 30, 0, 240),
		timeoutMs: 1000 * reader.wholeNumber('TRANSCODER_TIMEOUT_SECONDS', 900, 1, 86_400),
		tempDir,
		ffmpegPath: reader.program('FFMPEG_PATH', '/usr/bin/ffmpeg'),
		ffprobePath: reader.program('FFPROBE_PATH', '/usr/bin/ffprobe'),
		stopOnStdinEnd: reader.truth('TRANSCODER_STOP_ON_STDIN_END')
	};
	if (reader.problems.length > 0) throw new ConfigError(reader.problems);
	return config;
}
