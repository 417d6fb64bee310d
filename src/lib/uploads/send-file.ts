import type { DetailedError, Upload } from 'tus-js-client';
import { keptAddresses } from './kept-addresses.ts';
import { readRefusal, type RefusedError } from './refusal.ts';

const ENDPOINT = '/api/uploads/tus';

/** A line can be gone for a while: with these it is tried for about an hour before a person must. */
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, 15_000, ...Array<number>(120).fill(30_000)];

/**
 * A body that is refused half way is read to its end by the server before it hangs up, up to
 * this: so the answer arrives. It also fits through every proxy with a limit of 100 MB.
 */
const PART_BYTES = 32 * 1024 * 1024;

/** Statuses below 500 after which the same request can still succeed. */
const PASSING = new Set([0, 408, 409, 423, 425, 429]);

export interface FileToSend {
	file: File;
	/** tus Upload-Metadata: filename, title, album, … */
	metadata: Record<string, string>;
	/** whose upload it is: another person in this browser must not go on with it */
	did: string;
}

export interface SendingEvents {
	/** the server has taken it on; the id under which it is known */
	onaccepted: (uploadId: string) => void;
	onprogress: (sentBytes: number, totalBytes: number) => void;
	/** the line broke: it goes on by itself */
	oninterrupted: () => void;
}

/**
 * Sends a file so that it survives a broken line, a reload (choose the same file again) and a
 * restart of the server (tus 1.0). Resolves when the last byte is there; the upload's id is the
 * last part of its address. Aborting keeps what has arrived.
 * @throws RefusedError when the server will not have it; the signal's reason when aborted
 */
export async function sendFile(
	{ file, metadata, did }: FileToSend,
	events: SendingEvents,
	signal: AbortSignal
): Promise<string> {
	// a tenth of the site's scripts, needed by artists only
	const tus = await import('tus-js-client');
	signal.throwIfAborted();
	let stopListening = () => {};
	let isInterrupted = false;
	try {
		return await new Promise<string>((resolve, reject) => {
			const upload: Upload = new tus.Upload(file, {
				endpoint: ENDPOINT,
				metadata,
				chunkSize: PART_BYTES,
				retryDelays: RETRY_DELAYS_MS,
				removeFingerprintOnSuccess: true,
				urlStorage: keptAddresses,
				fingerprint: () => Promise.resolve(fingerprint(file, did)),
				onShouldRetry(error) {
					if (!isPassing(error)) return false;
					isInterrupted = true;
					events.oninterrupted();
					return true;
				},
				onUploadUrlAvailable: () => events.onaccepted(uploadIdOf(upload)),
				onProgress(sentBytes, totalBytes) {
					isInterrupted = false;
					events.onprogress(sentBytes, totalBytes);
				},
				onSuccess: () => resolve(uploadIdOf(upload)),
				onError(error) {
					const refused = refusal(error);
					if (isFinal(refused)) void forgetAddress(fingerprint(file, did));
					reject(refused);
				}
			});
			const abort = () => {
				void upload.abort();
				reject(signal.reason as Error);
			};
			// the browser knows before the next attempt is due
			const goOn = () => {
				if (isInterrupted) void upload.abort().then(() => upload.start());
			};
			signal.addEventListener('abort', abort);
			window.addEventListener('online', goOn);
			stopListening = () => {
				signal.removeEventListener('abort', abort);
				window.removeEventListener('online', goOn);
			};
			upload.findPreviousUploads().then((previous) => {
				const last = previous.at(-1);
				if (last) upload.resumeFromPreviousUpload(last);
				upload.start();
			}, reject);
		});
	} finally {
		stopListening();
	}
}

function isPassing(error: DetailedError): boolean {
	const status = error.originalResponse?.getStatus() ?? 0;
	// too many begun ones do not become fewer by waiting
	if (status === 429 && error.originalRequest.getMethod() === 'POST') return false;
	return status >= 500 || PASSING.has(status);
}

function fingerprint(file: File, did: string): string {
	return [did, file.name, file.type, file.size, file.lastModified].join('|');
}

function uploadIdOf(upload: Upload): string {
	return new URL(upload.url ?? '', location.href).pathname.split('/').at(-1) ?? '';
}

/** There is nothing to go on with: the next attempt begins anew. */
const isFinal = ({ status }: RefusedError) => status >= 400 && status < 500 && status !== 401;

async function forgetAddress(name: string): Promise<void> {
	for (const { urlStorageKey } of await keptAddresses.findUploadsByFingerprint(name)) {
		await keptAddresses.removeUpload(urlStorageKey);
	}
}

function refusal(error: Error | DetailedError): RefusedError {
	const response = 'originalResponse' in error ? error.originalResponse : null;
	return readRefusal(response?.getStatus() ?? 0, response?.getBody() ?? '');
}
