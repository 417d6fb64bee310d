import { type Instruments, secondsSince } from '#lib/server/trace/instruments.ts';
import { inSpan } from '#lib/server/trace/tracer.ts';
import { underWay } from '#lib/server/trace/under-way.ts';
import { StorageUnavailable } from './errors.ts';
import type { Staging, Storage } from './storage.ts';

type Observe = <T>(operation: string, action: () => Promise<T>) => Promise<T>;

/** The same storage, and whatever it does is counted and stands in traces. Bytes are not looked at. */
export function observeStorage(storage: Storage, { metrics, tracer }: Instruments): Storage {
	const observe: Observe = async (operation, action) => {
		const startedAt = performance.now();
		let outcome = 'ok';
		try {
			if (!tracer.isRecording || !underWay()) return await action();
			const attributes = { 'plyr.storage.backend': storage.backend };
			return await inSpan(tracer, `storage ${operation}`, { kind: 'client', attributes }, action);
		} catch (cause) {
			// anything else is an answer: there is no such object, or its source broke off
			outcome = cause instanceof StorageUnavailable ? 'failed' : 'refused';
			throw cause;
		} finally {
			metrics.storageOperations.add(1, operation, outcome);
			metrics.storageDurations.observe(secondsSince(startedAt), operation);
		}
	};
	const countBytes = (bytes: number) => metrics.storageBytesWritten.add(bytes);
	return {
		backend: storage.backend,
		staging: observeStaging(storage.staging, observe, countBytes),
		async put(key, source, options) {
			const stored = await observe('put', () => storage.put(key, source, options));
			countBytes(stored.sizeBytes);
			return stored;
		},
		head: (key) => observe('head', () => storage.head(key)),
		read: (key, options) => observe('read', () => storage.read(key, options)),
		delete: (key) => observe('delete', () => storage.delete(key)),
		list(prefix) {
			metrics.storageOperations.add(1, 'list', 'ok');
			return storage.list(prefix);
		},
		browserUrl: (key) => storage.browserUrl(key),
		downloadUrl: (key, contentDisposition) => storage.downloadUrl(key, contentDisposition),
		check: () => observe('check', () => storage.check()),
		removeUnfinished: (before) => observe('sweep', () => storage.removeUnfinished(before)),
		close: () => storage.close()
	};
}

function observeStaging(
	staging: Staging,
	observe: Observe,
	countBytes: (bytes: number) => void
): Staging {
	return {
		async append(id, offsetBytes, source, options) {
			const end = await observe('append', () => staging.append(id, offsetBytes, source, options));
			countBytes(Math.max(0, end - offsetBytes));
			return end;
		},
		persist: (id) => observe('persist', () => staging.persist(id)),
		size: (id) => observe('staged_size', () => staging.size(id)),
		read: (id, options) => observe('staged_read', () => staging.read(id, options)),
		publish: (id, key, options) => observe('publish', () => staging.publish(id, key, options)),
		discard: (id) => observe('discard', () => staging.discard(id)),
		list: () => staging.list()
	};
}
