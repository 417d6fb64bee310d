import { createWriteStream, existsSync, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { sayError } from './say.ts';

const KEPT_LOGS = 3;
const KEPT_LINES = 15;

const logLine = z.object({
	level: z.string(),
	event: z.string(),
	error: z.string().optional(),
	message: z.string().optional()
});

function rotate(file: string): void {
	for (let age = KEPT_LOGS - 1; age >= 0; age--) {
		const older = age === 0 ? file : `${file}.${age}`;
		if (existsSync(older)) renameSync(older, `${file}.${age + 1}`);
	}
}

function parseLine(line: string): z.infer<typeof logLine> | undefined {
	if (!line.startsWith('{')) return undefined;
	try {
		return logLine.safeParse(JSON.parse(line)).data;
	} catch {
		return undefined;
	}
}

/** Everything the app says, in a file; its errors also on the terminal. */
export class AppLog {
	readonly file: string;
	readonly #stream: WriteStream;
	readonly #last: string[] = [];
	readonly #showsText: boolean;

	/** showsText: lines that are not JSON, such as those of vite, appear on the terminal too */
	constructor(dataDir: string, showsText: boolean) {
		this.file = path.join(dataDir, 'logs', 'app.log');
		mkdirSync(path.dirname(this.file), { recursive: true });
		rotate(this.file);
		this.#stream = createWriteStream(this.file);
		this.#showsText = showsText;
	}

	/** The last things it said, for when it stops by itself. */
	get lastLines(): string {
		return this.#last.join('\n');
	}

	/** Writes down whatever comes out of a stream. */
	follow(output: Readable): void {
		createInterface({ input: output }).on('line', (line) => this.#take(line));
	}

	#take(line: string): void {
		this.#stream.write(`${line}\n`);
		this.#last.push(line);
		if (this.#last.length > KEPT_LINES) this.#last.shift();
		const parsed = parseLine(line);
		if (parsed?.level === 'error') {
			const reason = parsed.error ?? parsed.message ?? '';
			sayError(`the app reports an error: ${parsed.event} ${reason} (more in ${this.file})`);
		} else if (!parsed && this.#showsText) process.stdout.write(`${line}\n`);
	}
}
