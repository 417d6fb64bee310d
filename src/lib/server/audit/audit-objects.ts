import { type Finding, fault } from '#lib/server/doctor/finding.ts';
import { inOrder } from '#lib/server/backup/in-order.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { ObjectNotFound } from '#lib/server/storage/errors.ts';
import { tallyOf } from '#lib/server/storage/source.ts';
import type { Auditor, AuditOptions } from './audit.ts';
import {
	allAudio,
	allImages,
	type AudioRow,
	type AudioUse,
	hasAudioRow,
	type ImageRow,
	useOfImage,
	usesOfAudio
} from './queries.ts';

const ASKED_AT_ONCE = 8;
const FROM_BACKUP = 'plyr restore <place of your backups> --missing puts it back';

/** Whether the object of every row is there, with its size, and when asked for with its bytes. */
export async function* auditObjects(
	ctx: Auditor,
	options: AuditOptions
): AsyncGenerator<Finding, void> {
	let files = 0;
	const audio = inOrder(allAudio(ctx.db), ASKED_AT_ONCE, (row) => auditAudio(ctx, row, options));
	for await (const findings of audio) {
		options.onProgress(`audio: ${++files} files`);
		yield* findings;
	}
	let pictures = 0;
	const images = inOrder(allImages(ctx.db), ASKED_AT_ONCE, (row) => auditImage(ctx, row, options));
	for await (const findings of images) {
		options.onProgress(`pictures: ${++pictures}`);
		yield* findings;
	}
}

async function auditAudio(
	ctx: Auditor,
	row: AudioRow,
	{ isDeep, signal, counts }: AuditOptions
): Promise<Finding[]> {
	signal.throwIfAborted();
	counts.objects++;
	const wrong = await wrongWith(ctx, row, isDeep, signal);
	if (wrong === undefined) return [];
	// it may have gone with its row meanwhile
	if (!(await hasAudioRow(ctx.db, row.file_id))) return [];
	const uses = await usesOfAudio(ctx.db, row.file_id);
	if (uses.length === 0) {
		const says = `${row.storage_key} ${wrong}; no track needs it at the moment`;
		return [fault('audio', says, FROM_BACKUP)];
	}
	return uses.map((use) => fault('audio', sayUse(use, row, wrong), cureOf(wrong)));
}

async function wrongWith(
	{ storage }: Auditor,
	row: AudioRow,
	isDeep: boolean,
	signal: AbortSignal
): Promise<string | undefined> {
	const { storage_key: key, size_bytes: sizeBytes } = row;
	const facts = await storage.head(key);
	if (!facts) return 'is not in the storage';
	if (facts.sizeBytes !== sizeBytes) {
		return `has ${facts.sizeBytes} bytes in the storage and should have ${sizeBytes}`;
	}
	if (!isDeep) return undefined;
	try {
		const { sha256 } = await tallyOf(await storage.read(key, { signal }));
		return sha256 === row.sha256 ? undefined : 'has other bytes in the storage than were stored';
	} catch (cause) {
		if (cause instanceof ObjectNotFound) return 'is not in the storage';
		throw cause;
	}
}

function sayUse({ use, trackId, title, handle }: AudioUse, row: AudioRow, wrong: string): string {
	const what = {
		plays: 'does not sound',
		smaller: 'does not sound where its smaller file is played',
		original: 'plays, and cannot be downloaded as it was given',
		earlier: 'plays, and an earlier version of it is lost'
	}[use];
	return `track ${trackId} “${title}” by @${handle} ${what}: ${row.storage_key} ${wrong}`;
}

const cureOf = (wrong: string): string =>
	wrong.startsWith('is not')
		? `${FROM_BACKUP}; without one its artist finds it among what needs attention, and sends it again`
		: `take the object out of the storage, then ${FROM_BACKUP}; without a backup its artist sends it again`;

async function auditImage(
	{ db, storage }: Auditor,
	row: ImageRow,
	{ signal, counts }: AuditOptions
): Promise<Finding[]> {
	signal.throwIfAborted();
	const keys = imageObjectKeys(row);
	const missing: string[] = [];
	for (const key of keys) {
		counts.objects++;
		if (!(await storage.head(key))) missing.push(key);
	}
	if (missing.length === 0) return [];
	const use = await useOfImage(db, row.image_id);
	if (use === undefined) return [];
	const says = `${use}: ${missing.length} of its ${keys.length} sizes are not in the storage (${missing[0]})`;
	return [fault('pictures', says, `${FROM_BACKUP}; or it is given again`)];
}
