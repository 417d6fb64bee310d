import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#lib/server/context.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { anyPitch } from './publishing-site.ts';

const LIMIT_MS = 60_000;

/** Six seconds that a wav needs a megabyte for. */
export const wav = (seconds = 6) => makeSample('wav', { seconds, hertz: anyPitch() });

/** The same music in another file: a chunk nobody reads is behind it. */
export function sameMusic(bytes: Buffer): Buffer {
	const chunk = Buffer.alloc(16);
	chunk.write('XTRA', 'latin1');
	chunk.writeUInt32LE(8, 4);
	chunk.write('anything', 8, 'latin1');
	const whole = Buffer.concat([bytes, chunk]);
	whole.writeUInt32LE(whole.length - 8, 4);
	return whole;
}

/** Waits until something is so. */
export async function until(
	what: string,
	isSo: () => Promise<boolean>,
	limitMs = LIMIT_MS
): Promise<void> {
	const end = Date.now() + limitMs;
	while (!(await isSo())) {
		if (Date.now() > end) assert.fail(what);
		await sleep(50);
	}
}

/** Waits for the smaller file of what a track streams. @returns its id */
export async function smallerOf(ctx: Context, trackId: number): Promise<string> {
	const now = async () => (await trackRow(ctx, trackId)).smaller_file_id;
	await until('there is no smaller file', async () => (await now()) !== null);
	return (await now()) ?? '';
}

/** Waits until nobody is about to make one. */
export const allMade = (ctx: Context) =>
	until('one is left to be made', async () => (await ctx.jobs.countSmallerFiles(ctx.db)) === 0);

/** Every row about a smaller file. */
export const smallerRows = (ctx: Context) =>
	ctx.db.selectFrom('smaller_files').selectAll().execute();

/** What is waited for begins now. */
export const hurry = (ctx: Context) => ctx.sql`
	update pgboss.job set start_after = now() where name = 'smaller-files' and state < 'active'`;
