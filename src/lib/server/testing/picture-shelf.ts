import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { Context } from '#lib/server/context.ts';
import { getImageRendition, type RenditionRequest } from '#lib/server/media/images.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { openTestDatabase, type TestDatabase } from './test-database.ts';

/** What keeping pictures needs, for real: a database and a storage. */
export interface PictureShelf {
	ctx: Pick<Context, 'db' | 'storage'>;
	database: TestDatabase;
	/** the folder of the storage */
	dir: string;
	/** what is served for a request */
	bytes(imageId: string, request?: RenditionRequest): Promise<Buffer>;
	/** the keys of everything that is stored of a picture */
	stored(imageId: string): Promise<string[]>;
	close(): Promise<void>;
}

/** Opens an empty one. Call `close` in `after`. */
export async function openPictureShelf(): Promise<PictureShelf> {
	const database = await openTestDatabase();
	const dir = await mkdtemp(path.join(os.tmpdir(), 'plyr-images-'));
	const storage = await createStorage({ backend: 'filesystem', dir });
	const ctx = { db: database.db, storage };
	return {
		ctx,
		database,
		dir,
		async bytes(imageId, request = {}) {
			const { storageKey } = await getImageRendition(ctx, imageId, request);
			const chunks: Uint8Array[] = [];
			for await (const chunk of await storage.read(storageKey)) chunks.push(chunk);
			return Buffer.concat(chunks);
		},
		async stored(imageId) {
			const keys: string[] = [];
			for await (const { key } of storage.list(`images/${imageId}`)) keys.push(key);
			return keys.sort();
		},
		async close() {
			await storage.close();
			await database.close();
			await rm(dir, { recursive: true, force: true });
		}
	};
}

export const RED = { r: 255, g: 0, b: 0 };
export const BLUE = { r: 0, g: 0, b: 255 };

/** A picture of one colour. */
export const plain = (width: number, height: number, background = RED) =>
	sharp({ create: { width, height, channels: 3, background } });

/** Red, green and blue of a pixel. */
export async function pixelAt(picture: Uint8Array, x: number, y: number): Promise<number[]> {
	const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
	const at = (y * info.width + x) * info.channels;
	return [...data.subarray(at, at + 3)];
}

/** Whether two colours look the same: formats that lose something are a few steps off. */
export const isClose = (seen: number[], wanted: number[], steps = 10) =>
	seen.length === wanted.length &&
	seen.every((value, at) => Math.abs(value - (wanted[at] ?? NaN)) <= steps);
