import type { Storage } from './storage.ts';

/** Whether the object of a row is in the storage, of the size it was kept with. */
export async function isStoredWhole(
	storage: Pick<Storage, 'head'>,
	file: { storage_key: string; size_bytes: number }
): Promise<boolean> {
	const facts = await storage.head(file.storage_key);
	return facts?.sizeBytes === file.size_bytes;
}
