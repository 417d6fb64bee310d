import { isFinished, type UploadState } from './upload.ts';

const POLL_MS = 4_000;
const POLL_LIMIT_MS = 10_000;
/** With a stream broken this often in a row, asking now and then is the better way. */
const STREAM_ATTEMPTS = 3;
/** A browser keeps six connections to a host over HTTP/1.1, and pages and sound need theirs. */
const MAX_STREAMS = 2;

export class UploadGoneError extends Error {
	readonly status: number;

	constructor(status: number) {
		super(
			status === 404
				? 'this upload is not known any more'
				: 'you are signed out. sign in again to see how it went'
		);
		this.name = 'UploadGoneError';
		this.status = status;
	}
}

/**
 * Follows an upload until nothing more will happen to it by itself: by the server's events, and by
 * asking when those do not get through, are open for others (`streams`) or have nothing to say for
 * long. A lost connection is never reported as a failure. Resolves with the last state.
 * @throws UploadGoneError when the upload or the session is gone; the signal's reason when aborted
 */
export async function followUpload(
	uploadId: string,
	onstate: (state: UploadState) => void,
	signal: AbortSignal,
	streams: Set<string>
): Promise<UploadState> {
	const address = `/api/tracks/uploads/${encodeURIComponent(uploadId)}`;
	if (streams.size < MAX_STREAMS) {
		streams.add(uploadId);
		const last = await followStream(`${address}/progress`, onstate, signal).finally(() =>
			streams.delete(uploadId)
		);
		if (last) return last;
	}
	for (;;) {
		const state = await ask(address, signal);
		if (state) {
			onstate(state);
			if (isFinished(state)) return state;
		}
		await pause(POLL_MS, signal);
	}
}

/** The final state, or null when the stream cannot be kept open. The browser reconnects by itself. */
function followStream(
	url: string,
	onstate: (state: UploadState) => void,
	signal: AbortSignal
): Promise<UploadState | null> {
	return new Promise((resolve, reject) => {
		const source = new EventSource(url);
		let failures = 0;
		const end = (settle: () => void) => {
			source.close();
			signal.removeEventListener('abort', abort);
			settle();
		};
		const abort = () => end(() => reject(signal.reason as Error));
		signal.addEventListener('abort', abort);
		source.addEventListener('message', (event: MessageEvent<string>) => {
			failures = 0;
			const state = JSON.parse(event.data) as UploadState;
			onstate(state);
			if (isFinished(state)) end(() => resolve(state));
			// a person has to act first: no reason to hold a connection meanwhile
			else if (state.status === 'waiting') end(() => resolve(null));
		});
		source.addEventListener('error', () => {
			failures += 1;
			const isOver = source.readyState === EventSource.CLOSED;
			if (isOver || failures >= STREAM_ATTEMPTS) end(() => resolve(null));
		});
	});
}

/** The state, or null when nobody answers just now. */
async function ask(address: string, signal: AbortSignal): Promise<UploadState | null> {
	let response: Response;
	try {
		const limit = AbortSignal.any([signal, AbortSignal.timeout(POLL_LIMIT_MS)]);
		response = await fetch(address, { headers: { accept: 'application/json' }, signal: limit });
	} catch (cause) {
		signal.throwIfAborted();
		if (cause instanceof TypeError || (cause as Error).name === 'TimeoutError') return null;
		throw cause;
	}
	if (response.status === 404 || response.status === 401)
		throw new UploadGoneError(response.status);
	if (!response.ok) return null;
	return (await response.json()) as UploadState;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const abort = () => {
			clearTimeout(timer);
			reject(signal.reason as Error);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', abort);
			resolve();
		}, ms);
		signal.addEventListener('abort', abort, { once: true });
	});
}
