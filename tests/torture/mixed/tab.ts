import { QueueFeed } from '#lib/queue/queue-feed.ts';
import { type QueueSnapshotJson, snapshotFromJson, stateToJson } from '#lib/queue/queue-json.ts';
import { type PushAnswer, type QueuePush, QueueSync } from '#lib/queue/queue-sync.ts';
import { readRefusal } from '#lib/refusal.ts';
import type { Client } from './client.ts';
import { EventStream } from './event-stream.ts';

const PUSH_LIMIT_MS = 15_000;

const isTriedAgain = (status: number) => status === 0 || status >= 500 || status === 429;

const later = (delayMs: number, action: () => void) => {
	const timer = setTimeout(action, delayMs);
	return () => clearTimeout(timer);
};

/** A tab that is open, with the queue of whoever is signed in: what the browser runs, but for the player. */
export class Tab {
	readonly sync: QueueSync;
	/** when a push was sent for the first time, ms since 1970, by its id; of those that were answered */
	readonly accepted = new Map<string, number>();
	/** when a push was first heard of, by its id */
	readonly heard = new Map<string, number>();
	readonly refusals: string[] = [];
	readonly #streams: EventStream[] = [];
	readonly #client: Client;
	readonly #feed: QueueFeed;
	readonly #sentAt = new Map<string, number>();

	constructor(client: Client, name: string) {
		this.#client = client;
		let count = 0;
		this.sync = new QueueSync(
			{ push: (push) => this.#push(push), later, newId: () => `${name}-${(count += 1)}` },
			{ changed: () => undefined, refused: (reason) => this.refusals.push(reason) }
		);
		this.#feed = new QueueFeed(
			(news) => {
				if (news.kind === 'signed_out') this.refusals.push('signed out');
				if (news.kind !== 'queue') return;
				const snapshot = snapshotFromJson(news.queue);
				for (const id of snapshot.recentPushes) {
					if (!this.heard.has(id)) this.heard.set(id, Date.now());
				}
				this.sync.receive(snapshot, { isPutBack: news.isPutBack });
			},
			{
				connect: () => {
					const stream = new EventStream(client, `/api/queue/events?page=${name}`);
					this.#streams.push(stream);
					return stream;
				},
				isSignedIn: async () => {
					const call = { method: 'HEAD', path: '/api/queue/', expected: [401] };
					const answer = await client.send({ ...call, isRepeatedAfter: isTriedAgain });
					return answer.status !== 401;
				},
				later
			}
		);
		this.#feed.open();
	}

	/** How often the stream of news was opened. */
	get connections(): number {
		const reconnections = this.#streams.reduce((sum, one) => sum + one.reconnections, 0);
		return this.#streams.length + reconnections;
	}

	close(): void {
		this.sync.stop();
		this.#feed.close();
	}

	/** As src/lib/queue/queue-line.ts does it, which only a browser can load. */
	async #push({ id, state, revision }: QueuePush): Promise<PushAnswer> {
		const sentAt = this.#sentAt.get(id) ?? Date.now();
		this.#sentAt.set(id, sentAt);
		const { status, text } = await this.#client.send({
			method: 'PUT',
			path: '/api/queue/',
			headers: {
				'content-type': 'application/json',
				'if-match': `"${revision}"`
			},
			body: JSON.stringify({ state: stateToJson(state), push_id: id }),
			expected: [409],
			isRepeatedAfter: isTriedAgain,
			signal: AbortSignal.timeout(PUSH_LIMIT_MS)
		});
		if (status < 400) {
			this.accepted.set(id, sentAt);
			const snapshot = snapshotFromJson(JSON.parse(text) as QueueSnapshotJson);
			return { kind: 'accepted', snapshot };
		}
		if (status === 401) return { kind: 'signed-out' };
		const { message, code } = readRefusal(status, text);
		if (code === 'queue_conflict') {
			const { detail } = JSON.parse(text) as { detail: QueueSnapshotJson };
			return { kind: 'conflict', snapshot: snapshotFromJson(detail) };
		}
		if (status >= 500 || status === 429) throw new Error(message);
		return { kind: 'refused', reason: message };
	}
}
