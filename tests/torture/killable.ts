import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface KillableOptions {
	/** of Node */
	args: string[];
	env: NodeJS.ProcessEnv;
	/** part of the line by which it says that it is ready */
	readyLine: string;
	/** everything it says is added to this file */
	logFile: string;
}

/** A process that is killed without a warning and started again, many times. */
export class Killable {
	readonly #options: KillableOptions;
	readonly #log: WriteStream;
	#child: ChildProcess | undefined;
	/** how often it was killed */
	kills = 0;
	/** resolves when the present process is ready, or is over */
	ready: Promise<void> = Promise.resolve();

	constructor(options: KillableOptions) {
		this.#options = options;
		this.#log = createWriteStream(options.logFile, { flags: 'a' });
	}

	start(): void {
		const { args, env, readyLine } = this.#options;
		const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
		this.#child = child;
		child.stdin.on('error', () => undefined);
		this.ready = new Promise((resolve) => {
			for (const stream of [child.stdout, child.stderr]) {
				createInterface({ input: stream }).on('line', (line) => {
					this.#log.write(`${line}\n`);
					if (line.includes(readyLine)) resolve();
				});
			}
			child.once('exit', () => resolve());
		});
	}

	get isRunning(): boolean {
		const child = this.#child;
		return child !== undefined && child.exitCode === null && child.signalCode === null;
	}

	/** SIGKILL, and it is gone. */
	async kill(): Promise<void> {
		if (!this.#child || !this.isRunning) return;
		const exited = once(this.#child, 'exit');
		if (this.#child.kill('SIGKILL')) this.kills++;
		await exited;
	}

	/** SIGTERM, and it ends in its own time. @returns the code it ended with; null: it did not run, or was killed */
	async terminate(): Promise<number | null> {
		if (!this.#child || !this.isRunning) return null;
		const exited = once(this.#child, 'exit');
		this.#child.kill('SIGTERM');
		const [code] = (await exited) as [number | null];
		return code;
	}

	/** Ends it for good. */
	async stop(): Promise<void> {
		if (this.#child && this.isRunning) {
			const exited = once(this.#child, 'exit');
			this.#child.kill('SIGKILL');
			await exited;
		}
		this.#log.end();
	}
}
