import type { StorageConfig } from '#lib/server/config.ts';
import type { Storage } from '../storage.ts';

/** A backend under test, freshly made and empty. */
export interface Subject {
	config: StorageConfig;
	storage: Storage;
	/** the same store as another process has it open */
	other: Storage;
	/** what was begun and neither finished nor removed: temporary files, multipart uploads */
	unfinished: () => Promise<string[]>;
}
