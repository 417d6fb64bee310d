import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { until } from './processes.ts';

const SERVER_PATH = join(import.meta.dirname, '..', 'server.ts');

/** One JSON line the service printed. */
export type LogLine = Record<string, unknown>;

/** A service in a process of its own, as in production. */
export interface ServiceProcess {
	url: string;
	pid: number;
	child: ChildProcess;
	/** Everything printed so far. */
	lines: LogLine[];
	/** The temp folders of requests that exist now. */
	requestFolders: () => string[];
	/** Sends a signal and waits for the end; returns the exit code, or null for a signal. */
	end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Starts the service program without waiting for anything; it ends with the test process. */
export function spawnService(environment: Record<string, string>): {
	child: ChildProcess;
	lines: LogLine[];
	stderr: () => string;
} {
	const child = spawn(process.execPath, [SERVER_PATH], {
		stdio: ['pipe', 'pipe', 'pipe'],
		env: {
			PATH: process.env['PATH'] ?? '',
			TRANSCODER_PORT: '0',
			TRANSCODER_STOP_ON_STDIN_END: 'true',
			...environment
		}
	});
	const lines: LogLine[] = [];
	let rest = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		const complete = (rest + text).split('\n');
		rest = complete.pop() ?? '';
		lines.push(...complete.map((line) => JSON.parse(line) as LogLine));
	});
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
	return { child, lines, stderr: () => stderr };
}

/** A test that fails before it ends its service must not keep the test process alive. */
function letGo(child: ChildProcess): void {
	child.unref();
	for (const stream of [child.stdin, child.stdout, child.stderr]) {
		if (stream instanceof Socket) stream.unref();
	}
}

function requestFolders(tempDir: string): string[] {
	const runs = readdirSync(tempDir).filter((name) => name.startsWith('plyr-transcoder-'));
	return runs.flatMap((run) => {
		const names = readdirSync(join(tempDir, run)).filter((name) => name.startsWith('request-'));
		return names.map((name) => join(tempDir, run, name));
	});
}

/** Starts the service on a free port with `tempDir` as its temp folder and waits until it listens. */
export async function startServiceProcess(
	tempDir: string,
	environment: Record<string, string> = {}
): Promise<ServiceProcess> {
	const { child, lines, stderr } = spawnService({
		TRANSCODER_ALLOW_ANONYMOUS: 'true',
		TRANSCODER_TEMP_DIR: tempDir,
		...environment
	});
	const listening = (): LogLine | undefined =>
		lines.find(({ event }) => event === 'transcoder_listening');
	await until(`the service listens: ${stderr()}`, () => listening() !== undefined);
	letGo(child);
	return {
		url: String(listening()?.['url']),
		pid: child.pid ?? 0,
		child,
		lines,
		requestFolders: () => requestFolders(tempDir),
		end: async (signal) => {
			if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
			child.ref();
			const exited = once(child, 'exit');
			child.kill(signal);
			return ((await exited) as [number | null])[0];
		}
	};
}

/** An answer read to its end. */
export interface Answer {
	status: number;
	headers: IncomingHttpHeaders;
	body: Buffer;
	json: () => Record<string, unknown>;
}

/** Posts a file as the raw body, streamed. */
export async function postFile(
	url: string,
	path: string,
	headers: Record<string, string> = {}
): Promise<Answer> {
	const outgoing = request(url, {
		method: 'POST',
		headers: { 'content-length': statSync(path).size, ...headers }
	});
	// The service may answer before it has read everything: then sending fails, and nothing else.
	createReadStream(path).pipe(outgoing);
	const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
	outgoing.on('error', () => undefined);
	const body = Buffer.concat(await response.toArray());
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		body,
		json: () => JSON.parse(body.toString('utf8')) as Record<string, unknown>
	};
}
