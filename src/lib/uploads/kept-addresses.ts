import type { PreviousUpload, UrlStorage } from 'tus-js-client';
import { forget, readStored, store, storedNames } from '#lib/safe-storage.ts';

const PREFIX = 'upload::';

function parse(name: string): PreviousUpload | null {
	try {
		const kept: unknown = JSON.parse(readStored(name) ?? 'null');
		if (typeof kept !== 'object' || kept === null || !('uploadUrl' in kept)) return null;
		return { ...(kept as PreviousUpload), urlStorageKey: name };
	} catch {
		// not ours, or half written: as if it were not there
		return null;
	}
}

function find(prefix: string): Promise<PreviousUpload[]> {
	const uploads = storedNames(prefix).map(parse);
	return Promise.resolve(uploads.filter((upload) => upload !== null));
}

/**
 * Where this browser remembers the address of an unfinished upload, so that choosing the same file
 * again goes on with it. tus-js-client's own memory breaks where storage may not be touched.
 */
export const keptAddresses: UrlStorage = {
	findAllUploads: () => find(PREFIX),
	findUploadsByFingerprint: (fingerprint) => find(`${PREFIX}${fingerprint}::`),
	removeUpload(name) {
		forget(name);
		return Promise.resolve();
	},
	addUpload(fingerprint, upload) {
		const name = `${PREFIX}${fingerprint}::${Date.now()}`;
		store(name, JSON.stringify(upload));
		return Promise.resolve(name);
	}
};
