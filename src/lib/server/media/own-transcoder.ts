import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Config } from '#lib/server/config.ts';
import type { Logger } from '#lib/server/log.ts';
import { TranscoderUnreachable } from './transcoder-errors.ts';
import type { TranscoderAddress } from './transcoder-client.ts';

/** The transcoder that belongs to this process. */
export interface OwnTranscoder {
	/** where it is, waiting some seconds while it starts. @throws TranscoderUnreachable */
	locate: () => Promise<TranscoderAddress>;
	close: () => Promise<void>;
}

const START_LIMIT_MS = 8_000;
const STOP_LIMIT_MS = 3_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** One that ran for this long was well: the next pause is short again. */
const WELL_AFTER_MS = 60_000;

/** What it needs of our environment; our secrets are none of its business. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'FFMPEG_PATH', 'FFPROBE_PATH'];

/**
 * Starts the transcoder beside us and starts it again when it dies. It ends with us, however we
 * die: its standard input is a pipe we hold.
 */
export async function startOwnTranscoder(config: Config, log: Logger): Promise<OwnTranscoder> {
	const key = randomBytes(32).toString('hex');
	const tempDir = path.join(config.dataDir, 'transcoder');
	await mkdir(tempDir, { recursive: true, mode: 0o700 });
	const env = environment(config, key, tempDir);

	let child: ChildProcess | undefined;
	let restart: NodeJS.Timeout | undefined;
	let isClosing = false;
	let pauseMs = FIRST_PAUSE_MS;
	let listening = Promise.withResolvers<string>();
	// nobody may be waiting when it does not start
	listening.promise.catch(() => undefined);

	const start = () => {
		const startedAt = performance.now();
		const running = spawn(process.execPath, [path.resolve('transcoder/src/server.ts')], {
			env,
			stdio: ['pipe', 'pipe', 'pipe']
		});
		child = running;
		// it may be gone when we let go of it
		running.stdin.on('error', () => undefined);
		forwardLines(running, log, (url) => listening.resolve(url));
		let isOver = false;
		const over = (reason: unknown) => {
			if (isOver) return;
			isOver = true;
			listening.reject(new Error('the transcoder stopped', { cause: reason }));
			listening = Promise.withResolvers<string>();
			listening.promise.catch(() => undefined);
			if (isClosing) return;
			if (performance.now() - startedAt > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
			log.warn('transcoder_stopped', { reason: String(reason), restartMs: pauseMs });
			restart = setTimeout(start, pauseMs);
			pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
		};
		running.once('error', over);
		running.once('exit', (code, signal) => over(signal ?? `exit code ${code}`));
	};
	start();
	return {
		async locate() {
			return { url: await withLimit(listening.promise, START_LIMIT_MS), key };
		},
		async close() {
			isClosing = true;
			clearTimeout(restart);
			if (child) await stop(child);
		}
	};
}

function environment(config: Config, key: string, tempDir: string): NodeJS.ProcessEnv {
	const inherited = INHERITED.flatMap((name) => {
		const value = process.env[name];
		return value ? [[name, value] as const] : [];
	});
	return {
		...Object.fromEntries(inherited),
		TRANSCODER_HOST: '127.0.0.1',
		TRANSCODER_PORT: '0',
		TRANSCODER_AUTH_TOKEN: key,
		TRANSCODER_STOP_ON_STDIN_END: 'true',
		TRANSCODER_TEMP_DIR: tempDir,
		TRANSCODER_MAX_UPLOAD_BYTES: String(config.maxUploadBytes),
		TRANSCODER_TIMEOUT_SECONDS: String(config.transcoder.timeoutMs / 1000),
		// what is compiled once needs no type stripping at the next start: some 35 MB less
		NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? path.join(config.dataDir, 'cache')
	};
}

/** Its lines become ours; one of them says where it listens. */
function forwardLines(child: ChildProcess, log: Logger, onListening: (url: string) => void): void {
	const own = log.child({ service: 'transcoder' });
	for (const stream of [child.stdout, child.stderr]) {
		if (!stream) continue;
		createInterface({ input: stream }).on('line', (line) => {
			const { event, ...fields } = parseLine(line);
			if (event === 'transcoder_listening') onListening(String(fields['url']));
			if (event === 'transcoder_refused') own.error(event, fields);
			else own.info(event, fields);
		});
	}
}

const ownLine = z.object({ event: z.string(), time: z.unknown() }).passthrough();

function parseLine(line: string): { event: string; [field: string]: unknown } {
	try {
		const { event, time: _time, ...fields } = ownLine.parse(JSON.parse(line));
		return { event, ...fields };
	} catch {
		// not one of its own lines: a warning of node, a crash
	}
	return { event: 'transcoder_output', line };
}

async function withLimit(listening: Promise<string>, limitMs: number): Promise<string> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('it does not start')), limitMs);
	});
	try {
		return await Promise.race([listening, limit]);
	} catch (cause) {
		throw new TranscoderUnreachable(cause);
	} finally {
		clearTimeout(timer);
	}
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.stdin?.end();
	child.kill('SIGTERM');
	const kill = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
	await gone;
	clearTimeout(kill);
}
