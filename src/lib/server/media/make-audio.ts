import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { AudioFacts, Database } from '#lib/server/db/schema.ts';
import { claimKeys, usablePrefix } from '#lib/server/storage/released-keys.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';
import { findAudioFile, insertAudioFile } from '#lib/server/uploads/audio-files.ts';
import { factsOf } from '#lib/server/uploads/stages/analyse-staged.ts';
import { FORMATS, RENDITION_FORMAT } from './formats.ts';
import type { TranscodeTarget } from './transcoder-client.ts';

/** The conversion may add or lose some padding, and no more. */
const DURATION_TOLERANCE_MS = 500;

const { extension, contentType } = FORMATS[RENDITION_FORMAT];

/** A stored file another one is made of. */
export interface AudioSource {
	fileId: string;
	storageKey: string;
	sizeBytes: number;
}

/** What was made, as it waits in staging: an mp3. */
export interface MadeAudio {
	stagingId: string;
	fileId: string;
	sha256: string;
	sizeBytes: number;
	facts: AudioFacts;
}

/** What was made is not all of the music, or cannot be kept under its name. */
export class NotTheSameMusic extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'NotTheSameMusic';
	}
}

/**
 * Makes a file of a stored one and measures it; what is done with it is said by `use`. It is gone
 * from staging afterwards.
 * @param stagingId what an earlier attempt left under it is thrown away
 * @throws NotTheSameMusic; and as `Transcoder.transcode`
 */
export async function makeAudio<T>(
	ctx: Context,
	source: AudioSource,
	{ target, stagingId }: { target: TranscodeTarget; stagingId: string },
	signal: AbortSignal,
	use: (made: MadeAudio) => Promise<T>
): Promise<T> {
	const { staging } = ctx.storage;
	await staging.discard(stagingId);
	try {
		const bytes = await convert(ctx, source, target, stagingId, signal);
		const facts = await measure(ctx, source, { stagingId, ...bytes }, signal);
		return await use({ stagingId, fileId: bytes.sha256.slice(0, 16), ...bytes, facts });
	} finally {
		await staging.discard(stagingId);
	}
}

/**
 * Makes the staged bytes an object: under the key their row has, or under a new one.
 * @returns the key
 * @throws NotTheSameMusic
 */
export async function storeMade(
	{ db, storage, log }: Context,
	{ stagingId, fileId, sha256, sizeBytes }: MadeAudio,
	signal: AbortSignal
): Promise<string> {
	const known = await findAudioFile(db, fileId);
	if (known && known.sha256 !== sha256) throw new NotTheSameMusic('another file has its id');
	if (known && (await isStoredWhole(storage, known))) return known.storage_key;
	if (known) {
		// in place of what is there: it is not what its row says
		const bytes = await storage.staging.read(stagingId, { signal });
		await storage.put(known.storage_key, bytes, { contentType: known.content_type, signal });
		log.info('object_restored', { key: known.storage_key, why: 'it was missing' });
		return known.storage_key;
	}
	const prefix = await usablePrefix(db, (suffix) => `audio/${fileId}${suffix}`);
	const key = `${prefix}.${extension}`;
	await storage.staging.publish(stagingId, key, { sha256, sizeBytes, contentType, signal });
	return key;
}

/** Keeps the row of what was stored. @throws KeyReleased when its object is being deleted: store it again */
export async function keepMade(
	trx: Transaction<Database>,
	{ fileId, sha256, sizeBytes, facts }: MadeAudio,
	storageKey: string
): Promise<void> {
	await claimKeys(trx, fileId, [storageKey]);
	const file = { fileId, sha256, storageKey, fileType: extension, contentType, sizeBytes };
	await insertAudioFile(trx, { ...file, facts, tags: null });
}

async function convert(
	{ storage, transcoder }: Context,
	{ storageKey, sizeBytes }: AudioSource,
	target: TranscodeTarget,
	stagingId: string,
	signal: AbortSignal
): Promise<{ sha256: string; sizeBytes: number }> {
	const open = (reading: AbortSignal) => storage.read(storageKey, { signal: reading });
	const converted = await transcoder.transcode({ open, sizeBytes }, target, signal);
	const hash = createHash('sha256');
	try {
		const bytes = hashing(converted, hash);
		const made = await storage.staging.append(stagingId, 0, bytes, { signal });
		return { sha256: hash.digest('hex'), sizeBytes: made };
	} finally {
		converted.destroy();
	}
}

async function* hashing(source: IncomingMessage, hash: Hash): AsyncGenerator<Uint8Array> {
	for await (const chunk of source as AsyncIterable<Buffer>) {
		hash.update(chunk);
		yield chunk;
	}
}

/** What was made has to be as long as what it was made of. */
async function measure(
	{ db, storage, transcoder }: Context,
	source: AudioSource,
	{ stagingId, sizeBytes }: { stagingId: string; sizeBytes: number },
	signal: AbortSignal
): Promise<AudioFacts> {
	const open = (reading: AbortSignal) => storage.staging.read(stagingId, { signal: reading });
	const analysis = await transcoder.analyse({ open, sizeBytes }, signal);
	const expectedMs = (await findAudioFile(db, source.fileId))?.duration_ms ?? analysis.durationMs;
	if (Math.abs(analysis.durationMs - expectedMs) > DURATION_TOLERANCE_MS) {
		throw new NotTheSameMusic('it is not as long as what it was made of');
	}
	return factsOf(analysis);
}
