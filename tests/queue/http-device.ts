import assert from 'node:assert/strict';
import { type QueueSnapshotJson, snapshotFromJson, stateToJson } from '#lib/queue/queue-json.ts';
import { type PushAnswer, type QueuePush, QueueSync } from '#lib/queue/queue-sync.ts';
import { type Listener, listen } from '../integration/receiving/event-source.ts';

/** A device as the browser is one, on a line that a test can cut, and that loses answers. */
export class HttpDevice {
	isOnline = true;
	/** how many answers it never got, and how many pushes were refused for a newer queue */
	lostAnswers = 0;
	conflicts = 0;
	readonly sync: QueueSync;
	readonly #base: string;
	readonly #cookie: string;
	readonly #random: () => number;
	#loses = 0;
	#listener: Listener | undefined;
	#heard = 0;
	#timer: NodeJS.Timeout | undefined;

	/** @param base of the process it is connected to */
	constructor(base: string, cookie: string, random: () => number) {
		this.#base = base;
		this.#cookie = cookie;
		this.#random = random;
		const later = (delayMs: number, action: () => void) => {
			const timer = setTimeout(action, delayMs);
			return () => clearTimeout(timer);
		};
		this.sync = new QueueSync(
			{ push: (push) => this.#push(push), later, newId: () => crypto.randomUUID() },
			{ changed: () => undefined, refused: (reason) => assert.fail(reason) }
		);
	}

	/** Listens to the news of its process from now on. @param loses that share of its answers */
	async connect(loses: number): Promise<void> {
		this.#loses = loses;
		const listener = await listen(`${this.#base}/api/queue/events`, { cookie: this.#cookie });
		assert.equal(listener.status, 200);
		this.#listener = listener;
		this.#timer = setInterval(() => this.#hear(listener), 1);
	}

	/** From here on its line is as good as can be. */
	mend(): void {
		this.isOnline = true;
		this.#loses = 0;
		this.sync.reconnected();
	}

	/** The queue as its process has it. */
	async ask(): Promise<QueueSnapshotJson> {
		const response = await fetch(`${this.#base}/api/queue/`, { headers: { cookie: this.#cookie } });
		assert.equal(response.status, 200);
		return (await response.json()) as QueueSnapshotJson;
	}

	leave(): void {
		clearInterval(this.#timer);
		this.sync.stop();
		this.#listener?.leave();
	}

	/** A line that was cut loses no news for good: what comes later tells of all that was before. */
	#hear({ events }: Listener): void {
		for (; this.isOnline && this.#heard < events.length; this.#heard++) {
			const event = events[this.#heard];
			if (!event || event.name !== undefined) continue;
			this.sync.receive(snapshotFromJson(event.content as unknown as QueueSnapshotJson));
		}
	}

	async #push({ id, state, revision }: QueuePush): Promise<PushAnswer> {
		if (!this.isOnline) throw new Error('offline');
		if (this.#random() < this.#loses) throw new Error('the request was lost');
		const response = await fetch(`${this.#base}/api/queue/`, {
			method: 'PUT',
			headers: {
				cookie: this.#cookie,
				origin: this.#base,
				'content-type': 'application/json',
				'if-match': `"${revision}"`
			},
			body: JSON.stringify({ state: stateToJson(state), push_id: id })
		});
		const text = await response.text();
		if (this.#random() < this.#loses) {
			this.lostAnswers += 1;
			throw new Error('the answer was lost');
		}
		const answer = JSON.parse(text) as { detail: QueueSnapshotJson } & QueueSnapshotJson;
		if (response.status === 409) {
			this.conflicts += 1;
			return { kind: 'conflict', snapshot: snapshotFromJson(answer.detail) };
		}
		assert.equal(response.status, 200, text);
		return { kind: 'accepted', snapshot: snapshotFromJson(answer) };
	}
}
