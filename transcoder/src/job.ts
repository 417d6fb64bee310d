import type { Tools } from './ffmpeg.ts';

/** One request's piece of work: its file, its folder and its limits. */
export interface Job {
	tools: Tools;
	/** The request's own temp folder, absolute. */
	folder: string;
	/** The received file in it, under a name of ours. */
	inputPath: string;
	sizeBytes: number;
	/** Aborted when the client leaves, the time is over or the service stops. */
	signal: AbortSignal;
	/** Time the whole job has in ffprobe and ffmpeg. */
	timeoutMs: number;
	/** No file a program writes may grow beyond this. */
	maxOutputBytes: number;
}

/** More threads than these do not work at once for one request, whatever the version of ffmpeg. */
const MAX_BUSY_THREADS = 4;

/** What the job's programs may use of the processor, each: the clock stops them long before. */
export const cpuSecondsOf = ({ timeoutMs }: Job): number =>
	Math.ceil(timeoutMs / 1000) * MAX_BUSY_THREADS;
