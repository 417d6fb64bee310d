import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { MESSAGES_DESCRIPTOR, testMessage, type TestMessage } from './test-messages.ts';

export type TestFailure = { name: string; reason: string };

export type FileResult = {
	file: string;
	passed: number;
	skipped: number;
	failures: TestFailure[];
	durationMs: number;
	/** what it and all it has waited for have used of a processor */
	processorSeconds: number;
	/** the end of what it printed */
	output: string;
};

/** For a test that sets no limit of its own. */
const TEST_LIMIT_MS = 120_000;
/** After the last test: a file that does not end then has left something open. */
const END_LIMIT_MS = 30_000;
/** Without any sign of life. */
const SILENCE_LIMIT_MS = 900_000;
const KEPT_OUTPUT = 8000;

const REPORTER = path.join(import.meta.dirname, '..', 'reporter.ts');

/** Counts what a test file reports and notices when it has nothing more to do. */
class FileRun {
	readonly failures: TestFailure[] = [];
	passed = 0;
	skipped = 0;
	output = '';
	processorSeconds = 0;
	isFinished = false;
	#running = 0;
	#hasRun = false;
	#timer: NodeJS.Timeout | undefined;
	readonly #child: ChildProcess;

	constructor(child: ChildProcess) {
		this.#child = child;
		this.#watch();
	}

	take(message: TestMessage): void {
		if (message.event === 'begun') this.#running++;
		if (message.event === 'ended') this.#running--;
		if (message.event === 'passed') this.passed++;
		if (message.event === 'skipped') this.skipped++;
		if (message.event === 'failed') this.failures.push(message);
		if (message.event === 'finished') {
			this.isFinished = true;
			this.processorSeconds = message.processorSeconds;
		}
		this.#hasRun = true;
		this.#watch();
	}

	fail(name: string, reason: string): void {
		this.failures.push({ name, reason });
	}

	stopWatching(): void {
		clearTimeout(this.#timer);
	}

	#watch(): void {
		clearTimeout(this.#timer);
		const isIdle = this.#hasRun && this.#running === 0;
		const limitMs = isIdle ? END_LIMIT_MS : SILENCE_LIMIT_MS;
		const reason = isIdle
			? 'it did not end after its last test: something it opened is still open'
			: 'no test has ended for a quarter of an hour';
		this.#timer = setTimeout(() => {
			this.fail('(the file itself)', reason);
			this.#child.kill('SIGKILL');
		}, limitMs);
	}
}

function judge(run: FileRun, code: number | null, signal: NodeJS.Signals | null): void {
	if (run.failures.length > 0) return;
	const ending = signal ? `was killed (${signal})` : `ended with code ${code}`;
	if (code !== 0) {
		run.fail('(the file itself)', `it ${ending}; its output is below`);
		return;
	}
	if (!run.isFinished) {
		run.fail('(the file itself)', `it ${ending} before its tests had`);
		return;
	}
	if (run.passed + run.skipped === 0) run.fail('(the file itself)', 'there is no test in it');
}

/**
 * Runs one test file in a process of its own. A file that does not load, crashes, never ends or
 * contains no test has failed. `stop` is called with how to end it early.
 */
export async function runTestFile(
	file: string,
	onStart: (stop: () => void) => void
): Promise<FileResult> {
	const startedAt = performance.now();
	const flags = [`--test-timeout=${TEST_LIMIT_MS}`, `--test-reporter=${REPORTER}`];
	const child = spawn(process.execPath, [...flags, '--test-reporter-destination=stdout', file], {
		stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
		// set by node for the files its own runner starts, of which this may be one
		env: { ...process.env, NODE_TEST_CONTEXT: undefined }
	});
	onStart(() => child.kill('SIGKILL'));
	const run = new FileRun(child);
	const messages = createInterface({ input: child.stdio[MESSAGES_DESCRIPTOR] as Readable });
	messages.on('line', (line) => run.take(testMessage.parse(JSON.parse(line))));
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			run.output = (run.output + text).slice(-KEPT_OUTPUT);
		});
	}
	const { code, signal } = await new Promise<{
		code: number | null;
		signal: NodeJS.Signals | null;
	}>((resolve, reject) => {
		child.once('error', reject);
		// "exit" and not "close": something it started may keep the pipes open
		child.once('exit', (exitCode, exitSignal) =>
			setImmediate(() => resolve({ code: exitCode, signal: exitSignal }))
		);
	});
	run.stopWatching();
	judge(run, code, signal);
	const { passed, skipped, failures, output, processorSeconds } = run;
	const durationMs = performance.now() - startedAt;
	return { file, passed, skipped, failures, output, durationMs, processorSeconds };
}
