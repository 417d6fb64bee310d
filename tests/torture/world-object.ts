import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Context } from '#lib/server/context.ts';

/** A stored object, read back. */
export interface WorldObject {
	key: string;
	sizeBytes: number;
	sha256: string;
	/** format and edges when it can be decoded as a picture; null for everything else */
	picture: { format: string; widthPx: number; heightPx: number } | null;
}

/** Reads it, every byte of it. */
export async function readObject(
	{ storage }: Pick<Context, 'storage'>,
	key: string
): Promise<WorldObject> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of await storage.read(key)) chunks.push(chunk);
	const bytes = Buffer.concat(chunks);
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const picture = key.startsWith('images/') ? await readPicture(bytes) : null;
	return { key, sizeBytes: bytes.length, sha256, picture };
}

async function readPicture(bytes: Buffer): Promise<WorldObject['picture']> {
	try {
		// decoded to the end: a head alone is no picture
		await sharp(bytes).stats();
		const { format, width, height } = await sharp(bytes).metadata();
		return { format, widthPx: width, heightPx: height };
	} catch {
		return null;
	}
}
