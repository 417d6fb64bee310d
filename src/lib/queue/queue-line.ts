import { readRefusal } from '#lib/refusal.ts';
import type { PlayheadJson } from './playhead-line.ts';
import { type QueueSnapshotJson, snapshotFromJson, stateToJson } from './queue-json.ts';
import type { PushAnswer, QueuePush, QueueSnapshot } from './queue-sync.ts';

const PUSH_LIMIT_MS = 15_000;

/** The queue as the server tells of it, with its clock. */
type Told = QueueSnapshotJson & { now: number };

/** Sends a push. @throws when nobody knows whether it arrived */
export async function pushQueue(push: QueuePush): Promise<PushAnswer> {
	const response = await fetch('/api/queue/', {
		method: 'PUT',
		headers: { 'content-type': 'application/json', 'if-match': `"${push.revision}"` },
		body: JSON.stringify({ state: stateToJson(push.state), push_id: push.id }),
		// it outlives the page; browsers take up to 64 kB of this kind, and what is larger is kept
		keepalive: push.isLast,
		signal: AbortSignal.timeout(PUSH_LIMIT_MS)
	});
	const body = await response.text();
	if (response.ok) {
		return { kind: 'accepted', snapshot: snapshotFromJson(JSON.parse(body) as Told) };
	}
	if (response.status === 401) return { kind: 'signed-out' };
	const { message, code } = readRefusal(response.status, body);
	if (code === 'queue_conflict') {
		const { detail } = JSON.parse(body) as { detail: Told };
		return { kind: 'conflict', snapshot: snapshotFromJson(detail) };
	}
	if (response.status >= 500 || response.status === 429) throw new Error(message);
	// what has no code is the sentence of a proxy, or one about files
	return { kind: 'refused', reason: code === null ? 'the server would not take it' : message };
}

/** What the server tells, as it is now and whenever it changed. */
interface QueueNews {
	queue(snapshot: QueueSnapshot, serverNow: number, isPutBack: boolean): void;
	/** where playback is, on whatever device */
	playhead(playhead: PlayheadJson): void;
}

/** The server's news of the queue. */
export class QueueFeed {
	#source: EventSource | undefined;
	/** the last revision heard of: the news come in order, so a lower one was put back */
	#heard = -1;
	readonly #news: QueueNews;

	constructor(news: QueueNews) {
		this.#news = news;
	}

	/** Opens it, also anew when the browser has given up on it. */
	open(): void {
		if (this.#source && this.#source.readyState !== EventSource.CLOSED) return;
		this.#source = new EventSource('/api/queue/events');
		this.#source.addEventListener('message', ({ data }: MessageEvent<string>) => {
			const told = JSON.parse(data) as Told;
			const isPutBack = told.revision < this.#heard;
			this.#heard = told.revision;
			this.#news.queue(snapshotFromJson(told), told.now, isPutBack);
		});
		this.#source.addEventListener('playhead', ({ data }: MessageEvent<string>) => {
			this.#news.playhead(JSON.parse(data) as PlayheadJson);
		});
	}

	close(): void {
		this.#source?.close();
	}
}
