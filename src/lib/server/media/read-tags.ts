import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ParsedFile, TaggedFile } from './parse-tags.ts';
import type { ReadRange } from './sniff-file.ts';
import type { TagAnswer, TagBytes, TagJob } from './tag-thread.ts';
import { lendThread } from './tag-threads.ts';

/** The largest picture that is kept, as base64, and as much text as anybody writes. */
const MAX_TAG_BYTES = 32 * 1024 * 1024;
/** A playing time that needs more than this stays unknown. */
const MAX_MEASURED_BYTES = 512 * 1024 * 1024;
const TAGS_LIMIT_MS = 15_000;
const MEASURE_LIMIT_MS = 60_000;

/** The tags of a file cannot be read: they are broken, too large, or built to cost us something. */
export class TagsUnreadable extends Error {
	constructor(reason: string) {
		super(`the tags of this file cannot be read: ${reason}`);
		this.name = 'TagsUnreadable';
	}
}

/**
 * Reads what a file says about itself: ID3v1 and v2, Vorbis comments, MP4 atoms, RIFF INFO, AIFF
 * text and APEv2. At most 32 MiB of it are read and 15 seconds spent, in a thread with little
 * memory, whatever is in there.
 * @param read answers in full, except at the end of the file
 * @param limitMs how long it may take
 * @throws TagsUnreadable; what `read` throws; the signal's reason
 */
export async function readTags(
	read: ReadRange,
	file: TaggedFile,
	signal: AbortSignal,
	limitMs = TAGS_LIMIT_MS
): Promise<ParsedFile> {
	const limits = { maxBytes: MAX_TAG_BYTES, limitMs };
	const answer = await askThread(read, { file, wants: 'tags' }, limits, signal);
	if (answer.kind !== 'parsed') throw new TagsUnreadable('no answer');
	return answer.parsed;
}

/**
 * Measures the playing time of a file nothing has decoded, from its headers; some kinds of file
 * are read to their end for it.
 * @returns null when it does not show
 * @throws as `readTags`
 */
export async function readDuration(
	read: ReadRange,
	file: TaggedFile,
	signal: AbortSignal
): Promise<number | null> {
	const limits = { maxBytes: MAX_MEASURED_BYTES, limitMs: MEASURE_LIMIT_MS };
	const answer = await askThread(read, { file, wants: 'duration' }, limits, signal);
	if (answer.kind !== 'measured') throw new TagsUnreadable('no answer');
	return answer.durationMs;
}

type Ended = Exclude<TagAnswer, { kind: 'wants' } | { kind: 'failed' }>;

async function askThread(
	read: ReadRange,
	job: Omit<TagJob, 'port'>,
	{ maxBytes, limitMs }: { maxBytes: number; limitMs: number },
	signal: AbortSignal
): Promise<Ended> {
	signal.throwIfAborted();
	const thread = await lendThread();
	const { port1: port, port2 } = new MessageChannel();
	const limit = AbortSignal.timeout(limitMs);
	const stop = AbortSignal.any([signal, limit, thread.died]);
	try {
		const answered = serve(port, limited(read, maxBytes), stop);
		thread.work({ ...job, port: port2 });
		const answer = await answered;
		thread.giveBack();
		return answer;
	} catch (cause) {
		// what it is at nobody knows: the next file gets another one
		if (cause instanceof TagsUnreadable && !stop.aborted) thread.giveBack();
		else thread.end();
		signal.throwIfAborted();
		if (limit.aborted) throw new TagsUnreadable(`not within ${limitMs / 1000} s`);
		if (thread.died.aborted) throw new TagsUnreadable(String(thread.died.reason));
		throw cause;
	} finally {
		port.close();
	}
}

/** Hands the thread the bytes it asks for, until it is done. @throws what reading throws */
function serve(port: MessagePort, read: ReadRange, stop: AbortSignal): Promise<Ended> {
	return new Promise<Ended>((resolve, reject) => {
		const onAbort = () => reject(new TagsUnreadable(String(stop.reason)));
		if (stop.aborted) onAbort();
		stop.addEventListener('abort', onAbort, { once: true });
		port.on('message', (answer: TagAnswer) => {
			if (answer.kind === 'failed') reject(new TagsUnreadable(answer.reason));
			else if (answer.kind !== 'wants') resolve(answer);
			else {
				read(answer.offset, answer.length)
					.then((bytes) => port.postMessage(bytes satisfies TagBytes))
					.catch((cause: unknown) => {
						if (!(cause instanceof TagsUnreadable)) reject(toError(cause));
						port.postMessage(null satisfies TagBytes);
					});
			}
		});
	});
}

const toError = (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause)));

/** @throws TagsUnreadable when more is asked for in all than the tags of a file can need */
function limited(read: ReadRange, maxBytes: number): ReadRange {
	let left = maxBytes;
	return async (offset, length) => {
		if (length > left) throw new TagsUnreadable(`more than ${maxBytes} bytes of tags`);
		const bytes = await read(offset, length);
		left -= bytes.byteLength;
		return bytes;
	};
}
