import type { Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { AudioFacts, Database, FileTags } from '#lib/server/db/schema.ts';
import { FORMATS, RENDITION_FORMAT } from '#lib/server/media/formats.ts';
import { ObjectExists, StagedUploadNotFound } from '#lib/server/storage/errors.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';
import { claimKeys, usablePrefix } from '#lib/server/storage/released-keys.ts';
import { findAudioFile, insertAudioFile } from '../audio-files.ts';
import { UploadRefused } from '../failures.ts';
import type { UploadRow } from '../queries.ts';
import { sizeOf } from './inspect.ts';
import { advance, formatOf, found, renditionStagingId, type StageWork } from './stage.ts';

/** A file to publish, and where its bytes wait. */
interface FileToStore {
	stagingId: string;
	sha256: string;
	sizeBytes: number;
	extension: string;
	contentType: string;
	facts: AudioFacts;
	tags: FileTags | null;
}

/** The first 16 hex characters of a file's SHA-256: its name everywhere. */
const fileIdOf = ({ sha256 }: { sha256: string }) => sha256.slice(0, 16);

/**
 * transcoded → stored: the bytes become published objects, and rows say where. A file that is
 * stored already, by whomever, is used as it is.
 */
export async function store(work: StageWork): Promise<UploadRow> {
	const { ctx, upload } = work;
	const original = originalOf(upload);
	const rendition = renditionOf(upload);
	const files = rendition ? [original, rendition] : [original];
	const keys = new Map<string, string>();
	for (const file of files) keys.set(file.sha256, await publishObject(work, file));
	return await ctx.db.transaction().execute(async (trx) => {
		// in one order, whoever else stores the same two
		files.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
		for (const file of files) await keepRow(trx, file, found('key', keys.get(file.sha256)));
		const { rendition: _stored, ...findings } = upload.findings;
		return await advance(trx, work, 'stored', {
			message: 'creating atproto record',
			findings: {
				...findings,
				// measured for the row, which has it now
				original: { ...original.facts, peaks: null },
				originalFileId: fileIdOf(original),
				streamFileId: fileIdOf(rendition ?? original)
			}
		});
	});
}

/** Frees what waited in staging. To be called when the rows say that it is stored, or are gone. */
export async function discardStaged(
	{ storage }: Pick<Context, 'storage'>,
	uploadId: string
): Promise<void> {
	await storage.staging.discard(uploadId);
	await storage.staging.discard(renditionStagingId(uploadId));
}

function originalOf(upload: UploadRow): FileToStore {
	return {
		stagingId: upload.id,
		sha256: found('hash', upload.sha256),
		sizeBytes: sizeOf(upload),
		...FORMATS[formatOf(upload)],
		facts: found('analysis', upload.findings.original),
		tags: upload.findings.tags ?? null
	};
}

function renditionOf({ id, findings }: UploadRow): FileToStore | null {
	if (findings.streamable) return null;
	const { sha256, sizeBytes, facts } = found('rendition', findings.rendition);
	const stagingId = renditionStagingId(id);
	return { stagingId, sha256, sizeBytes, ...FORMATS[RENDITION_FORMAT], facts, tags: null };
}

/** @returns the key under which the bytes are stored */
async function publishObject({ ctx, signal }: StageWork, file: FileToStore): Promise<string> {
	const fileId = fileIdOf(file);
	const known = await findAudioFile(ctx.db, fileId);
	if (known && known.sha256 !== file.sha256) throw idTaken();
	if (known && (await isStoredWhole(ctx.storage, known))) return known.storage_key;
	// there, and not of its size: not the file its row says
	if (known && (await ctx.storage.head(known.storage_key))) {
		await overwrite(ctx, file, known, signal);
	}
	const key = known?.storage_key ?? (await freshKey(ctx.db, file));
	const { sha256, sizeBytes, contentType } = file;
	try {
		const promised = { sha256, sizeBytes, contentType, signal };
		await ctx.storage.staging.publish(file.stagingId, key, promised);
	} catch (cause) {
		if (cause instanceof ObjectExists) throw idTaken(cause);
		if (cause instanceof StagedUploadNotFound) {
			const sentence = 'the file of this upload is gone. send it once more';
			throw new UploadRefused('bytes_lost', sentence, cause);
		}
		throw cause;
	}
	return key;
}

/** Puts the right bytes in the place of others: which they are, the hash of their upload says. */
async function overwrite(
	{ storage, log }: Context,
	{ stagingId }: FileToStore,
	{ storage_key: key, content_type: contentType }: { storage_key: string; content_type: string },
	signal: AbortSignal
): Promise<void> {
	const bytes = await storage.staging.read(stagingId, { signal });
	await storage.put(key, bytes, { contentType, signal });
	log.info('object_restored', { key, why: 'it was not of the size of its row' });
}

async function freshKey(db: Db, file: FileToStore): Promise<string> {
	const prefix = await usablePrefix(db, (suffix) => `audio/${fileIdOf(file)}${suffix}`);
	return `${prefix}.${file.extension}`;
}

/** @throws KeyReleased when the object was found unused and is being deleted: this stage begins again */
async function keepRow(trx: Transaction<Database>, file: FileToStore, key: string): Promise<void> {
	const { sha256, sizeBytes, extension, contentType, facts, tags } = file;
	await claimKeys(trx, fileIdOf(file), [key]);
	await insertAudioFile(trx, {
		fileId: fileIdOf(file),
		sha256,
		storageKey: key,
		fileType: extension,
		contentType,
		sizeBytes,
		facts,
		tags
	});
}

/** Two different files whose hashes begin alike: with 64 bits nobody has seen it happen by chance. */
const idTaken = (cause?: unknown) =>
	new UploadRefused(
		'file_id_taken',
		'another file has the same id as yours. export yours once more, so that it differs, and send that',
		cause
	);
