import { sayError } from './say.ts';
import { Problem } from './problem.ts';

/** Stopping may take this long altogether, then the process ends whatever still runs. */
const END_LIMIT_MS = 10_000;

type Cleanup = () => unknown;

/** What a task has started and must end again, last first. */
export class Lifetime {
	readonly #cleanups: Cleanup[] = [];
	#isEnding = false;

	isEnding(): boolean {
		return this.#isEnding;
	}

	/** Registers how to end something that was just started. */
	onEnd(cleanup: Cleanup): void {
		this.#cleanups.push(cleanup);
	}

	/** Ends everything in order, then the process. Only the first call counts. */
	async end(exitCode: number): Promise<void> {
		if (this.#isEnding) return;
		this.#isEnding = true;
		setTimeout(() => process.exit(exitCode || 1), END_LIMIT_MS).unref();
		for (const cleanup of this.#cleanups.toReversed()) {
			try {
				await cleanup();
			} catch (error) {
				// the rest has to end all the same
				sayError(String(error));
			}
		}
		process.exit(exitCode);
	}

	/** Ends because of an error: what a person can act on is shown as a sentence. */
	async fail(error: unknown): Promise<void> {
		if (this.#isEnding) return;
		const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
		sayError(error instanceof Problem ? error.message : text);
		await this.end(1);
	}
}

/**
 * Runs a task of the command line. Ctrl-C, SIGTERM, a closed terminal and the death of whoever
 * started us end what it has started, in order. A number it returns is the exit code; without one
 * it goes on until it is stopped.
 */
export async function runTask(
	task: (lifetime: Lifetime) => Promise<number | undefined>
): Promise<void> {
	const lifetime = new Lifetime();
	process.on('SIGINT', () => void lifetime.end(130));
	process.on('SIGTERM', () => void lifetime.end(0));
	process.on('SIGHUP', () => void lifetime.end(0));
	if (process.env['PLYR_STOP_ON_STDIN_END'] === 'true') {
		process.stdin.on('end', () => void lifetime.end(0)).resume();
		// it is about our own standard input, not that of the programs we start
		delete process.env['PLYR_STOP_ON_STDIN_END'];
	}
	// a reader that is gone (npm start | head) is no reason to leave things running
	process.stdout.on('error', () => void lifetime.end(0));
	try {
		const exitCode = await task(lifetime);
		if (exitCode !== undefined) await lifetime.end(exitCode);
	} catch (error) {
		await lifetime.fail(error);
	}
}
