import { randomUUID } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { tooLarge } from '#lib/server/errors.ts';
import { appendWhole } from './staged.ts';
import { MAX_IMAGE_BYTES, storeImage } from '#lib/server/media/images.ts';

/** Pictures are decoded whole, so they take turns. */
const AT_ONCE = 2;
let working = 0;
const waiting: (() => void)[] = [];

/**
 * Puts the picture of a form aside until the form is accepted. It may come before a file of a
 * gigabyte, and must not wait in memory for it.
 * @returns its id in staging; null when it is empty: no picture was chosen
 * @throws DomainError 413 `image_too_large`
 */
export async function stageImage(
	ctx: Context,
	bytes: AsyncIterable<Uint8Array>
): Promise<string | null> {
	const id = randomUUID();
	try {
		const sizeBytes = await appendWhole(ctx, id, limited(bytes));
		if (sizeBytes > 0) return id;
	} catch (cause) {
		await ctx.storage.staging.discard(id);
		throw cause;
	}
	await ctx.storage.staging.discard(id);
	return null;
}

async function* limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	let sizeBytes = 0;
	for await (const chunk of bytes) {
		sizeBytes += chunk.byteLength;
		if (sizeBytes > MAX_IMAGE_BYTES) {
			throw tooLarge('image_too_large', 'image too large (max 20MB)');
		}
		yield chunk;
	}
}

/**
 * Keeps a picture that was put aside.
 * @returns the id of the image
 * @throws DomainError as `storeImage` does
 */
export async function keepStagedImage(ctx: Context, stagingId: string): Promise<string> {
	while (working >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
	working++;
	try {
		const chunks: Uint8Array[] = [];
		for await (const chunk of await ctx.storage.staging.read(stagingId)) chunks.push(chunk);
		const { imageId } = await storeImage(ctx, Buffer.concat(chunks));
		return imageId;
	} finally {
		working--;
		waiting.shift()?.();
	}
}
