import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { TagJob } from './tag-thread.ts';

/** A thread for one file at a time. */
export interface TagThread {
	/** aborted when it ended by itself: it ran out of memory, or failed */
	readonly died: AbortSignal;
	work(job: TagJob): void;
	/** it is well and can have the next file */
	giveBack(): void;
	/** it is stopped, whatever it is doing */
	end(): void;
}

/** For an album's worth of files one after the other; a thread costs some 10 MB. */
const IDLE_LIMIT_MS = 10_000;
const FILE = 'src/lib/server/media/tag-thread.ts';
/** Of objects and texts; the bytes of a tag are counted where they are read. */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 };

let idle: { worker: Worker; died: AbortSignal; timer: NodeJS.Timeout } | undefined;
/** One file at a time in this process: the memory for them is there once. */
let previous: Promise<unknown> = Promise.resolve();

/** Waits for its turn. The thread must be given back or ended. */
export async function lendThread(): Promise<TagThread> {
	const before = previous;
	const turn = Promise.withResolvers<undefined>();
	previous = turn.promise;
	await before;
	try {
		const { worker, died } = takeIdle() ?? start();
		return {
			died,
			work: (job) => worker.postMessage(job, [job.port]),
			giveBack() {
				keepIdle(worker, died);
				turn.resolve(undefined);
			},
			end() {
				void worker.terminate();
				turn.resolve(undefined);
			}
		};
	} catch (cause) {
		turn.resolve(undefined);
		throw cause;
	}
}

function takeIdle() {
	const taken = idle;
	idle = undefined;
	clearTimeout(taken?.timer);
	return taken?.died.aborted ? undefined : taken;
}

function keepIdle(worker: Worker, died: AbortSignal): void {
	const timer = setTimeout(() => {
		idle = undefined;
		void worker.terminate();
	}, IDLE_LIMIT_MS);
	timer.unref();
	idle = { worker, died, timer };
}

/** From the source, as the transcoder is: the thread's file is not a part of the built bundle. */
function start(): { worker: Worker; died: AbortSignal } {
	const worker = new Worker(path.resolve(FILE), { resourceLimits: MEMORY });
	// an idle thread keeps no process from ending
	worker.unref();
	const death = new AbortController();
	worker.once('error', (cause) => death.abort(cause));
	worker.once('exit', (code) => death.abort(new Error(`the thread ended with ${code}`)));
	return { worker, died: death.signal };
}
