import { failedWith } from './durable-files.ts';
import { StorageUnavailable } from './errors.ts';
import { SourceBroken } from './source.ts';

/**
 * Runs work on files and speaks of its failures in the words of the store: what the file system
 * refused becomes `StorageUnavailable`, a broken source its own error. All else passes through.
 */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (cause instanceof SourceBroken) throw cause.cause;
		if (failedWith(cause, 'ENOSPC', 'EDQUOT')) {
			throw new StorageUnavailable('the storage is full. try again when there is room', { cause });
		}
		if (cause instanceof Error && 'syscall' in cause) {
			const message = 'the storage does not work at the moment. try again in a while';
			throw new StorageUnavailable(message, { cause });
		}
		throw cause;
	}
}
