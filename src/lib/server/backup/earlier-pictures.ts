import type { StoredBytes } from '#lib/server/storage/storage.ts';
import { readLines } from './lines.ts';
import { type KeptObject, keptObject, listBackups, readManifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import type { WantedObject } from './queries.ts';

interface EarlierPictures {
	find(wanted: WantedObject): Promise<StoredBytes | undefined>;
	close(): Promise<void>;
}

/**
 * The hashes of pictures, which only the backup before knows: without it all of them would be read every
 * time. What is asked for has to come in the order of the keys, as it is in the list of that one.
 */
export async function earlierPictures(
	place: BackupPlace,
	signal: AbortSignal
): Promise<EarlierPictures> {
	const last = (await listBackups(place)).at(-1);
	let list: AsyncGenerator<KeptObject> | undefined;
	let at: KeptObject | undefined;
	const next = async () => {
		try {
			if (!list && last !== undefined) {
				const { objects } = await readManifest(place, last);
				list = readLines(place, last, objects.file, keptObject, signal);
			}
			const step = await list?.next();
			at = step?.done === false ? step.value : undefined;
		} catch {
			// a backup that cannot be read any more must not be in the way of a new one
			signal.throwIfAborted();
			at = undefined;
		}
	};
	await next();
	return {
		async find({ kind, key }) {
			if (kind !== 'image') return undefined;
			while (at && (at.kind !== 'image' || at.key < key)) await next();
			if (at?.key !== key || at.sha256 === null) return undefined;
			return { sha256: at.sha256, sizeBytes: at.sizeBytes };
		},
		async close() {
			await list?.return(undefined);
		}
	};
}
