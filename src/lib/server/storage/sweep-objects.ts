import { sql } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import { audioIsReferenced, imageIsReferenced, isAudioReferenced } from './references.ts';
import { deleteReleased, keepReleased, releaseAudio, releaseImage } from './release.ts';
import { lockContent } from './released-keys.ts';
import type { ListedObject } from './storage.ts';

type Sweeper = Pick<Context, 'db' | 'storage' | 'log'>;

/** What a sweep did, for the log. */
export interface SweptObjects {
	/** audio files and pictures nothing refers to */
	unreferenced: number;
	/** objects that had been released by a process that died before it deleted them */
	released: number;
}

/** How long something must have been as it is before a sweep touches it. */
export interface ObjectAges {
	/** a row nothing refers to, an object no row names: somebody may be about to use it */
	unusedMs: number;
	/** a released object: whoever released it is about to delete it */
	releasedMs: number;
	/** a deleted key: nobody takes this long to store an object, so it can be used again */
	deletedMs: number;
}

const BATCH = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
const AGES: ObjectAges = { unusedMs: DAY_MS, releasedMs: 60_000, deletedMs: 7 * DAY_MS };
const before = (ageMs: number) => sql<Date>`now() - make_interval(secs => ${ageMs / 1000})`;
const UNREFERENCED = { who: 'sweep', why: 'nothing has referred to it for a day' };
const NO_ROW = { who: 'sweep', why: 'no row names it' };

/** Removes what nothing refers to. Never anything younger than a day, unless other ages are given. */
export async function sweepObjects(
	ctx: Sweeper,
	signal?: AbortSignal,
	ages: ObjectAges = AGES
): Promise<SweptObjects> {
	const swept: SweptObjects = { unreferenced: 0, released: 0 };
	const waiting = await ctx.db
		.selectFrom('released_objects')
		.select('storage_key')
		.where('deleted_at', 'is', null)
		.where('released_at', '<', before(ages.releasedMs))
		.limit(BATCH)
		.execute();
	for (const { storage_key: key } of waiting) {
		signal?.throwIfAborted();
		swept.released += await deleteReleased(ctx, [key]);
	}
	for (const keys of await releaseUnreferenced(ctx, ages.unusedMs, signal)) {
		await deleteReleased(ctx, keys);
		swept.unreferenced++;
	}
	await ctx.db
		.deleteFrom('released_objects')
		.where('deleted_at', '<', before(ages.deletedMs))
		.execute();
	return swept;
}

async function releaseUnreferenced(
	{ db }: Sweeper,
	unusedMs: number,
	signal?: AbortSignal
): Promise<string[][]> {
	const old = before(unusedMs);
	const audio = await db
		.selectFrom('audio_files')
		.select('file_id')
		.where('created_at', '<', old)
		.where((eb) => eb.not(audioIsReferenced(sql.ref('audio_files.file_id'))))
		.limit(BATCH)
		.execute();
	const images = await db
		.selectFrom('images')
		.select('image_id')
		.where('offered_at', '<', old)
		.where((eb) => eb.not(imageIsReferenced(sql.ref('images.image_id'))))
		.limit(BATCH)
		.execute();
	const released: string[][] = [];
	for (const { file_id: id } of audio) {
		signal?.throwIfAborted();
		released.push(await db.transaction().execute((trx) => releaseAudio(trx, id, UNREFERENCED)));
	}
	for (const { image_id: id } of images) {
		signal?.throwIfAborted();
		released.push(
			await db.transaction().execute((trx) => releaseImage(trx, id, UNREFERENCED, unusedMs))
		);
	}
	return released.filter((keys) => keys.length > 0);
}

/**
 * Removes objects that no row names, left by a process that died between storing and saying so.
 * Reads the whole list of the storage: for now and then.
 * @returns how many
 */
export async function sweepStrayObjects(
	ctx: Sweeper,
	signal?: AbortSignal,
	{ unusedMs }: Pick<ObjectAges, 'unusedMs'> = AGES
): Promise<number> {
	let removed = 0;
	for (const prefix of ['audio/', 'images/']) {
		let batch: ListedObject[] = [];
		for await (const object of ctx.storage.list(prefix)) {
			signal?.throwIfAborted();
			if (object.lastModified.getTime() > Date.now() - unusedMs) continue;
			if (batch.push(object) < BATCH) continue;
			removed += await removeStrays(ctx, batch);
			batch = [];
		}
		removed += await removeStrays(ctx, batch);
	}
	return removed;
}

async function removeStrays(ctx: Sweeper, objects: readonly ListedObject[]): Promise<number> {
	if (objects.length === 0) return 0;
	const { rows } = await sql<{ key: string }>`
		select key from unnest(${objects.map(({ key }) => key)}::text[]) as key
		where not ${IS_NAMED}`.execute(ctx.db);
	let removed = 0;
	for (const { key } of rows) {
		const released = await ctx.db.transaction().execute(async (trx) => {
			const id = /[0-9a-f]{16}/.exec(key)?.[0];
			if (id === undefined) return [];
			await lockContent(trx, id);
			const { rows: named } = await sql`
				select 1 from (values (${key})) as listed (key) where ${IS_NAMED}`.execute(trx);
			if (named.length > 0) return [];
			if (key.startsWith('audio/') && (await isAudioReferenced(trx, id))) return [];
			return await keepReleased(trx, [key], NO_ROW);
		});
		await deleteReleased(ctx, released);
		removed += released.length;
	}
	return removed;
}

/** Whether a row names `key`. */
const IS_NAMED = sql`(
	exists (select 1 from audio_files where storage_key = key)
	or exists (select 1 from images where renditions::text like '%"' || key || '"%'
		and image_id = substring(key from '[0-9a-f]{16}'))
)`;
