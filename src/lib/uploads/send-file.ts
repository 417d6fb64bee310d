import type { DetailedError, Upload } from 'tus-js-client';
import { TUS_ENDPOINT } from './begin-upload.ts';
import { isPassing, RETRY_DELAYS_MS } from './patiently.ts';
import { readRefusal } from '#lib/refusal.ts';

/**
 * A body that is refused half way is read to its end by the server before it hangs up, up to
 * this: so the answer arrives. It also fits through every proxy with a limit of 100 MB.
 */
const PART_BYTES = 32 * 1024 * 1024;

export interface SendingEvents {
	onprogress: (sentBytes: number, totalBytes: number) => void;
	/** the line broke: it goes on by itself */
	oninterrupted: () => void;
}

/**
 * Sends the bytes of an upload that was begun, from where the server has them, so that it survives
 * a broken line, a reload (choose the same file again) and a restart of the server (tus 1.0).
 * Resolves when the last byte is there. Aborting keeps what has arrived.
 * @throws RefusedError when the server will not have it (404, 410: it is gone; 429: later); the
 * signal's reason when aborted
 */
export async function sendFile(
	file: File,
	uploadId: string,
	events: SendingEvents,
	signal: AbortSignal
): Promise<void> {
	// a tenth of the site's scripts, needed by artists only
	const tus = await import('tus-js-client');
	signal.throwIfAborted();
	let stopListening = () => {};
	let isInterrupted = false;
	try {
		await new Promise<void>((resolve, reject) => {
			const upload: Upload = new tus.Upload(file, {
				// without an endpoint it never begins a second upload when this one does not answer
				uploadUrl: `${TUS_ENDPOINT}/${uploadId}`,
				chunkSize: PART_BYTES,
				retryDelays: RETRY_DELAYS_MS,
				storeFingerprintForResuming: false,
				onShouldRetry(error) {
					if (!isPassing(error.originalResponse?.getStatus() ?? 0)) return false;
					isInterrupted = true;
					events.oninterrupted();
					return true;
				},
				onProgress(sentBytes, totalBytes) {
					isInterrupted = false;
					events.onprogress(sentBytes, totalBytes);
				},
				onSuccess: () => resolve(),
				onError: (error) => reject(refusal(error))
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
			upload.start();
		});
	} finally {
		stopListening();
	}
}

function refusal(error: Error | DetailedError) {
	const response = 'originalResponse' in error ? error.originalResponse : null;
	return readRefusal(
		response?.getStatus() ?? 0,
		response?.getBody() ?? '',
		response?.getHeader('Retry-After')
	);
}
