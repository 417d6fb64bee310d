import { sql, type Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { noteFact } from '#lib/server/operator/facts.ts';
import { areObjectsHeld } from './hold.ts';
import { isAudioReferenced, isImageReferenced } from './references.ts';
import { lockContent, lockContents } from './released-keys.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

type Trx = Transaction<Database>;
type Releaser = Pick<Context, 'db' | 'storage' | 'log'>;

/** Who lets go of an object, and why: kept and logged. */
export interface ReleaseReason {
	/** a did, or `sweep` */
	who: string;
	why: string;
}

/**
 * Lets go of an audio file when nothing refers to it: its row goes in this transaction, its object
 * afterwards (`deleteReleased`, or the sweep when we die before). The smaller one that was made of it
 * goes along, unless something else refers to that.
 * @returns the keys to delete; empty when something refers to it
 */
export async function releaseAudio(
	trx: Trx,
	fileId: string,
	reason: ReleaseReason
): Promise<string[]> {
	await lockContents(trx, [fileId, ...(await smallerFileOf(trx, fileId))]);
	// waits for whoever is about to refer to it by a foreign key
	const file = await trx
		.selectFrom('audio_files')
		.select('storage_key')
		.where('file_id', '=', fileId)
		.forUpdate()
		.executeTakeFirst();
	if (!file || (await isAudioReferenced(trx, fileId))) return [];
	const smaller = await smallerFileOf(trx, fileId);
	await trx.deleteFrom('audio_files').where('file_id', '=', fileId).execute();
	const keys = await keepReleased(trx, [file.storage_key], reason);
	for (const id of smaller) keys.push(...(await releaseAudio(trx, id, reason)));
	return keys;
}

/** @returns the one that was made of this file, or none */
async function smallerFileOf(trx: Trx, fileId: string): Promise<string[]> {
	const row = await trx
		.selectFrom('smaller_files')
		.select('file_id')
		.where('of_file_id', '=', fileId)
		.executeTakeFirst();
	return row?.file_id ? [row.file_id] : [];
}

/**
 * Lets go of a picture when nothing refers to it, as `releaseAudio`. One that was given to us
 * within a day stays for the sweep: somebody may be about to use it.
 * @param restMs instead of a day
 * @returns the keys to delete
 */
export async function releaseImage(
	trx: Trx,
	imageId: string,
	reason: ReleaseReason,
	restMs = DAY_MS
): Promise<string[]> {
	await lockContent(trx, imageId);
	const image = await trx
		.selectFrom('images')
		.select('renditions')
		.where('image_id', '=', imageId)
		.where('offered_at', '<', sql<Date>`now() - make_interval(secs => ${restMs / 1000})`)
		.forUpdate()
		.executeTakeFirst();
	if (!image || (await isImageReferenced(trx, imageId))) return [];
	await trx.deleteFrom('images').where('image_id', '=', imageId).execute();
	return await keepReleased(trx, imageObjectKeys(image), reason);
}

/** Remembers keys whose objects nothing refers to. */
export async function keepReleased(
	trx: Trx,
	keys: string[],
	{ who, why }: ReleaseReason
): Promise<string[]> {
	if (keys.length === 0) return keys;
	await trx
		.insertInto('released_objects')
		.values(keys.map((storage_key) => ({ storage_key, who, why })))
		.onConflict((conflict) =>
			conflict
				.column('storage_key')
				.doUpdateSet({ who, why, released_at: new Date(), deleted_at: null })
		)
		.execute();
	return keys;
}

/**
 * Deletes the objects of released keys. Nobody stores anything under them meanwhile. To be called when
 * the release is committed: while somebody holds the objects they stay, for a later sweep.
 * @returns how many were deleted
 */
export async function deleteReleased(ctx: Releaser, keys: readonly string[]): Promise<number> {
	let deleted = 0;
	for (const key of keys) {
		if (await areObjectsHeld(ctx.db)) return deleted;
		await ctx.storage.delete(key);
		const released = await ctx.db
			.updateTable('released_objects')
			.set({ deleted_at: new Date() })
			.where('storage_key', '=', key)
			.returning(['who', 'why'])
			.executeTakeFirst();
		if (released) await noteFact(ctx, { event: 'object_released', fields: { key, ...released } });
		deleted++;
	}
	return deleted;
}
