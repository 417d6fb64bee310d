import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { BackupPlace } from './place.ts';
import { BackupProblem } from './problem.ts';

/** The form of what is written here; a reader knows this one and those before it. */
const FORMAT = 1;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/** A file of a backup. */
const backupFile = z.object({ name: z.string(), sha256: hash, sizeBytes: count });
export type BackupFile = z.infer<typeof backupFile>;

const table = z.object({
	name: z.string(),
	/** those that are kept, in their order in the file; generated ones are not */
	columns: z.array(z.string()),
	rows: count,
	/** what COPY … TO STDOUT gives, with gzip */
	file: backupFile
});
export type KeptTable = z.infer<typeof table>;

const lines = z.object({ count, file: backupFile });

/** What makes files a backup: it is written last. */
const manifest = z.object({
	format: z.number(),
	id: z.string(),
	/** the moment of the database that it has, ISO 8601 */
	takenAt: z.string(),
	/** when everything was copied */
	completedAt: z.string(),
	site: z.object({ publicUrl: z.string(), namespace: z.string() }),
	/** tell keys apart, and nothing about them; the first encrypts */
	keys: z.object({ encryption: z.array(z.string()), file: backupFile.nullable() }),
	database: z.object({
		serverVersion: z.string(),
		migrations: z.array(z.string()),
		tables: z.array(table),
		sequences: z.array(z.object({ name: z.string(), lastValue: z.number() }))
	}),
	/** what was to be done, one job a line */
	jobs: lines,
	/** one object a line: KeptObject */
	objects: lines.extend({ sizeBytes: count, missing: count, damaged: count })
});
export type Manifest = z.infer<typeof manifest>;

/** A line of the list of objects. */
export const keptObject = z.object({
	/** `staged`: an upload that is accepted and not published */
	kind: z.enum(['audio', 'image', 'staged']),
	/** in the storage; of a staged one its id */
	key: z.string(),
	contentType: z.string(),
	/** of the bytes that were copied; null: they are not there */
	sha256: hash.nullable(),
	sizeBytes: count,
	/** they are not those that the database speaks of */
	isDamaged: z.boolean().optional()
});
export type KeptObject = z.infer<typeof keptObject>;

const BACKUPS = 'backups/';
const MANIFEST = 'manifest.json';

/** Sorts by time: 2026-11-28T04-20-00Z-9f3c2a */
export const newBackupId = (): string =>
	`${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z-${randomBytes(3).toString('hex')}`;

/** Where a file of a backup is. */
export const keyOfFile = (backupId: string, name: string): string =>
	`${BACKUPS}${backupId}/${name}`;

/** Where the bytes of a hash are, whichever backups have them. */
export const keyOfBytes = (sha256: string): string => `objects/${sha256.slice(0, 2)}/${sha256}`;

export async function writeManifest(place: BackupPlace, written: Manifest): Promise<void> {
	const bytes = Buffer.from(JSON.stringify(written, null, '\t') + '\n');
	const options = { contentType: 'application/json' };
	await place.put(keyOfFile(written.id, MANIFEST), bytes, options);
}

export const newManifest = (rest: Omit<Manifest, 'format'>): Manifest => ({
	format: FORMAT,
	...rest
});

/** The backups of a place that were completed, the oldest first. */
export async function listBackups(place: BackupPlace): Promise<string[]> {
	const ids: string[] = [];
	for await (const { key } of place.list(BACKUPS)) {
		const [id, name, more] = key.slice(BACKUPS.length).split('/');
		if (id !== undefined && name === MANIFEST && more === undefined) ids.push(id);
	}
	return ids.sort();
}

/**
 * @param id the newest when absent
 * @throws BackupProblem when there is none, or it is of a newer form
 */
export async function readManifest(place: BackupPlace, id?: string): Promise<Manifest> {
	const ids = await listBackups(place);
	const wanted = id ?? ids.at(-1);
	if (wanted === undefined) {
		throw new BackupProblem(`there is no completed backup in ${place.name}`);
	}
	if (!ids.includes(wanted)) {
		const others = ids.length === 0 ? 'there is none' : `there are: ${ids.join(', ')}`;
		throw new BackupProblem(`there is no completed backup ${wanted} in ${place.name}; ${others}`);
	}
	const said: unknown = JSON.parse(await text(await place.read(keyOfFile(wanted, MANIFEST))));
	const { format } = z.object({ format: z.number() }).parse(said);
	if (format > FORMAT) {
		throw new BackupProblem(`${wanted} was made by a newer version: use that one, or a later one`);
	}
	return manifest.parse(said);
}
