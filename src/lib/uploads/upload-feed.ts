import type { UploadState } from './upload.ts';

const FEED = '/api/uploads/events';
const ASK_LIMIT_MS = 10_000;

export interface UploadFeedEvents {
	onstate: (state: UploadState) => void;
	/** it was discarded, here or elsewhere */
	onremoved: (uploadId: string) => void;
}

/**
 * The server's news of all of this person's uploads, over one connection: a browser has six for
 * everything (HTTP/1.1), and pages and sound need theirs. It reconnects by itself; a lost
 * connection is no news about an upload.
 */
export class UploadFeed {
	#events: UploadFeedEvents;
	#source: EventSource | undefined;

	constructor(events: UploadFeedEvents) {
		this.#events = events;
	}

	/** Opens the stream, also anew when the browser has given up on it. */
	open(): void {
		if (this.#source && this.#source.readyState !== EventSource.CLOSED) return;
		const source = new EventSource(FEED);
		source.addEventListener('message', (event: MessageEvent<string>) => {
			this.#events.onstate(JSON.parse(event.data) as UploadState);
		});
		source.addEventListener('removed', (event: MessageEvent<string>) => {
			const { upload_id: id } = JSON.parse(event.data) as Pick<UploadState, 'upload_id'>;
			this.#events.onremoved(id);
		});
		this.#source = source;
	}

	/** Whether news get through at present. */
	get isOpen(): boolean {
		return this.#source?.readyState === EventSource.OPEN;
	}

	close(): void {
		this.#source?.close();
		this.#source = undefined;
	}
}

/** The upload or the session is gone: there will be no more news. */
export class UploadGoneError extends Error {
	constructor(status: number) {
		super(
			status === 401
				? 'you are signed out. sign in again to see how it went'
				: 'this upload is not known any more'
		);
		this.name = 'UploadGoneError';
	}
}

/**
 * Asks for the state of one upload, for when the stream does not get through. Null when nobody
 * answers just now.
 * @throws UploadGoneError when it, or the session, does not exist any more
 */
export async function askUploadState(uploadId: string): Promise<UploadState | null> {
	let response: Response;
	try {
		response = await fetch(`/api/tracks/uploads/${encodeURIComponent(uploadId)}`, {
			headers: { accept: 'application/json' },
			signal: AbortSignal.timeout(ASK_LIMIT_MS)
		});
	} catch {
		// no line, or too slow a one: it is asked again
		return null;
	}
	if (response.status === 404 || response.status === 401) {
		throw new UploadGoneError(response.status);
	}
	return response.ok ? ((await response.json()) as UploadState) : null;
}
