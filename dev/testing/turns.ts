import type { Kind, TestFile } from './test-files.ts';

/** What begins beside as many as there are always, begins when so much of the processors was idle. */
const IDLE_SHARE = 0.2;
/** And not sooner after another one: by then it shows what that one needs. */
const SETTLE_MS = 2_000;
/** For a browser, a database, a server and a PDS. */
const FREE_BYTES = 2e9;

/** The machine as it is now. */
export interface Machine {
	/** of the last two seconds, 0..1 */
	idleShare: number;
	freeBytes: number;
	nowMs: number;
}

/**
 * Which test file is to begin, and when. Some run always, two more than there are processors: a file waits
 * for a disk or a clock a third of its time and more. Many wait nearly all of it, so there are up to twice
 * as many while processors have nothing to do. What is heard sample by sample runs alone, when all else is
 * over.
 */
export class Turns {
	readonly #waiting: TestFile[];
	readonly #running: TestFile[] = [];
	readonly #atLeast: number;
	readonly #browsersAtOnce: number;
	#lastBegunMs = -Infinity;
	/** what system tests start is there */
	isSystemReady = false;

	/**
	 * @param files in the order they are to begin in, as far as they may
	 * @param processors of the machine
	 */
	constructor(files: readonly TestFile[], processors: number) {
		this.#waiting = [...files];
		this.#atLeast = Math.min(5, processors + 2);
		// each keeps a processor busy
		this.#browsersAtOnce = processors + 1;
	}

	/** Whether any file is left to begin. */
	get isLeft(): boolean {
		return this.#waiting.length > 0;
	}

	/** What is to begin now; call `ended` when it has. */
	next(machine: Machine): TestFile | undefined {
		if (!this.#hasRoom(machine)) return undefined;
		const place = this.#waiting.findIndex(({ kind }) => this.#mayBegin(kind));
		const [file] = place < 0 ? [] : this.#waiting.splice(place, 1);
		if (!file) return undefined;
		this.#running.push(file);
		this.#lastBegunMs = machine.nowMs;
		return file;
	}

	ended(file: TestFile): void {
		this.#running.splice(this.#running.indexOf(file), 1);
	}

	/** All but what is heard. */
	get #isOver(): boolean {
		return this.#running.length === 0 && this.#waiting.every(({ kind }) => kind === 'sound');
	}

	#hasRoom({ idleShare, freeBytes, nowMs }: Machine): boolean {
		const count = this.#running.length;
		if (count < this.#atLeast) return true;
		const isSettled = nowMs - this.#lastBegunMs >= SETTLE_MS;
		return (
			count < 2 * this.#atLeast && isSettled && idleShare >= IDLE_SHARE && freeBytes >= FREE_BYTES
		);
	}

	#mayBegin(kind: Kind): boolean {
		if (this.#running.some((one) => one.kind === 'sound')) return false;
		if (kind === 'unit') return true;
		if (!this.isSystemReady) return false;
		if (kind === 'sound') return this.#isOver;
		const browsers = this.#running.filter((one) => one.kind === 'browser').length;
		return kind === 'system' || browsers < this.#browsersAtOnce;
	}
}
