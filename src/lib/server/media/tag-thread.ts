import { type MessagePort, parentPort } from 'node:worker_threads';
import { parseDuration, type ParsedFile, parseTags, type TaggedFile } from './parse-tags.ts';

/** One file to read, and the port its bytes are asked for through. */
export interface TagJob {
	port: MessagePort;
	file: TaggedFile;
	/** its playing time may need the whole of it */
	wants: 'tags' | 'duration';
}

/** What the thread says about a job: it needs bytes, or it is done. */
export type TagAnswer =
	| { kind: 'wants'; offset: number; length: number }
	| { kind: 'parsed'; parsed: ParsedFile }
	| { kind: 'measured'; durationMs: number | null }
	| { kind: 'failed'; reason: string };

/** The bytes it asked for; null when they cannot be had. */
export type TagBytes = Uint8Array | null;

parentPort?.on('message', (job: TagJob) => void work(job));

async function work({ port, file, wants }: TagJob): Promise<void> {
	const say = (answer: TagAnswer) => port.postMessage(answer);
	const read = async (offset: number, length: number): Promise<Uint8Array> => {
		const bytes = new Promise<TagBytes>((resolve) => port.once('message', resolve));
		say({ kind: 'wants', offset, length });
		const answer = await bytes;
		if (answer === null) throw new Error('there are no more bytes to be had');
		return answer;
	};
	// one part at a time: the parser may ask for several at once
	let before: Promise<unknown> = Promise.resolve();
	const readInTurn = (offset: number, length: number) => {
		const reading = before.then(() => read(offset, length));
		before = reading.catch(() => undefined);
		return reading;
	};
	try {
		if (wants === 'tags') say({ kind: 'parsed', parsed: await parseTags(readInTurn, file) });
		else say({ kind: 'measured', durationMs: await parseDuration(readInTurn, file) });
	} catch (cause) {
		say({ kind: 'failed', reason: String(cause) });
	}
}
