import { link, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
	failedWith,
	isNoLinkPossible,
	makeFolder,
	placeFile,
	placeNew,
	statFile,
	syncFolder,
	writeFully
} from './durable-files.ts';
import { ContentMismatch, ObjectExists, StagedUploadNotFound } from './errors.ts';
import { openFileStream } from './file-stream.ts';
import { hashFile } from './hash-file.ts';
import type { StoredBytes } from './storage.ts';

export interface Publication extends StoredBytes {
	id: string;
	key: string;
	/** path of the staged file */
	staged: string;
	/** path of the object to be */
	target: string;
	signal?: AbortSignal;
}

/**
 * Links a staged file to its published place after reading it once: what is published is what was
 * promised. Every step can be repeated after a crash.
 * @throws ObjectExists, StagedUploadNotFound, ContentMismatch, and what the file system says
 */
export async function publishFile(publication: Publication): Promise<void> {
	if (await isPublished(publication)) return;
	await checkStaged(publication);
	const { staged, target } = publication;
	const folder = dirname(target);
	await makeFolder(folder);
	try {
		await link(staged, target).catch(async (cause: unknown) => {
			if (!isNoLinkPossible(cause)) throw cause;
			await copyToPlace(publication);
		});
		await syncFolder(folder);
	} catch (cause) {
		if (!failedWith(cause, 'EEXIST')) throw cause;
		// somebody published the same key since we looked
		if (!(await isPublished(publication))) throw cause;
	}
}

/** True when the promised bytes are there already, durably. */
async function isPublished(publication: Publication): Promise<boolean> {
	const { key, staged, target, sizeBytes, sha256, signal } = publication;
	const existing = await statFile(target);
	if (!existing) return false;
	if (existing.size !== sizeBytes) throw new ObjectExists(key);
	const source = await statFile(staged);
	const isOurs = source?.ino === existing.ino && source.dev === existing.dev;
	// linked by us before a crash: it was read then
	if (!isOurs && (await hashFile(target, signal)) !== sha256) throw new ObjectExists(key);
	await syncFolder(dirname(target));
	return true;
}

async function checkStaged(publication: Publication): Promise<void> {
	const { id, staged, sizeBytes, sha256, signal } = publication;
	const facts = await statFile(staged);
	if (!facts) throw new StagedUploadNotFound(id);
	if (facts.size !== sizeBytes) {
		throw new ContentMismatch(id, `${facts.size} bytes instead of ${sizeBytes}`);
	}
	if ((await hashFile(staged, signal)) !== sha256) {
		throw new ContentMismatch(id, 'its SHA-256 is another');
	}
	const file = await open(staged, 'r');
	try {
		await file.datasync();
	} finally {
		await file.close();
	}
}

async function copyToPlace({ staged, target, signal }: Publication): Promise<void> {
	await placeFile(target, placeNew, async (file) => {
		let position = 0;
		for await (const chunk of await openFileStream(staged, { signal })) {
			await writeFully(file, chunk, position);
			position += chunk.byteLength;
		}
	});
}
