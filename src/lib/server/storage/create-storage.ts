import type { StorageConfig } from '#lib/server/config.ts';
import type { Storage } from './storage.ts';

/**
 * Opens the configured storage. For the filesystem the folder is made; for S3 nothing is contacted
 * yet (`check` does that).
 */
export async function createStorage(config: StorageConfig): Promise<Storage> {
	if (config.backend === 'filesystem') {
		const { openFilesystemStorage } = await import('./filesystem.ts');
		return await openFilesystemStorage(config.dir);
	}
	// the S3 client costs tens of megabytes: load it only where it is used
	const { openS3Storage } = await import('./s3.ts');
	return openS3Storage(config);
}
