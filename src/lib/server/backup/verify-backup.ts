import { ObjectNotFound } from '#lib/server/storage/errors.ts';
import { inOrder } from './in-order.ts';
import { BytesDiffer, readBytes, readFile, readLines } from './lines.ts';
import { type KeptObject, keptObject, type Manifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { type Progress, saySize } from './progress.ts';

/** What reading a backup came to. */
export interface Verified {
	objects: number;
	sizeBytes: number;
	/** what cannot be restored, a sentence each; the first hundred */
	problems: string[];
	problemCount: number;
}

const READ_AT_ONCE = 4;
const MOST_PROBLEMS = 100;

/** Reads all of a backup, and compares every byte with its hash. */
export async function verifyBackup(
	place: BackupPlace,
	manifest: Manifest,
	{ signal, onProgress }: { signal: AbortSignal; onProgress: Progress }
): Promise<Verified> {
	const verified: Verified = { objects: 0, sizeBytes: 0, problems: [], problemCount: 0 };
	const add = (problem: string | undefined) => {
		if (problem === undefined) return;
		verified.problemCount++;
		if (verified.problems.length < MOST_PROBLEMS) verified.problems.push(problem);
	};
	const { database, jobs, objects, keys, id } = manifest;
	const files = [...database.tables, jobs, objects].map(({ file }) => file);
	for (const file of keys.file ? [...files, keys.file] : files) {
		onProgress(`reading ${file.name}`);
		add(await problemOf(file.name, readFile(place, id, file, signal)));
	}
	if (verified.problems.some((problem) => problem.startsWith(objects.file.name))) return verified;
	const list = readLines(place, id, objects.file, keptObject, signal);
	const read = async (object: KeptObject) => {
		const { key, sha256, sizeBytes } = object;
		if (sha256 === null) return { object, problem: undefined };
		const bytes = readBytes(place, { sha256, sizeBytes }, signal);
		return { object, problem: await problemOf(key, bytes) };
	};
	for await (const { object, problem } of inOrder(list, READ_AT_ONCE, read)) {
		add(problem);
		verified.objects++;
		verified.sizeBytes += object.sizeBytes;
		onProgress(
			`reading ${verified.objects} of ${objects.count} objects, ${saySize(verified.sizeBytes)}`
		);
	}
	return verified;
}

async function problemOf(
	what: string,
	bytes: AsyncIterable<Uint8Array>
): Promise<string | undefined> {
	try {
		for await (const _ of bytes) continue;
		return undefined;
	} catch (cause) {
		if (cause instanceof ObjectNotFound) return `${what} is not there`;
		if (cause instanceof BytesDiffer) return `${what} has other bytes than were written`;
		throw cause;
	}
}
