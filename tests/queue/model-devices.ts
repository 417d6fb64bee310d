import assert from 'node:assert/strict';
import { keptFromJson, keptToJson } from '#lib/queue/kept-unsent.ts';
import { emptyQueue } from '#lib/queue/queue-state.ts';
import {
	type KeptQueue,
	type PushAnswer,
	type QueuePush,
	type QueueSnapshot,
	QueueSync
} from '#lib/queue/queue-sync.ts';
import type { ModelTime } from './model-time.ts';
import { RandomListener } from './queue-actions.ts';

/** What the server does with a push, in memory: tests/integration/queue.test.ts has the real one. */
export class ModelServer {
	snapshot: QueueSnapshot = { state: emptyQueue(), revision: 0, recentPushes: [] };

	take({ id, state, revision }: QueuePush): PushAnswer {
		const { snapshot } = this;
		if (snapshot.recentPushes.includes(id)) return { kind: 'accepted', snapshot };
		if (snapshot.revision !== revision) return { kind: 'conflict', snapshot };
		const recentPushes = [...snapshot.recentPushes, id].slice(-50);
		this.snapshot = { state, revision: revision + 1, recentPushes };
		return { kind: 'accepted', snapshot: this.snapshot };
	}
}

/** A browser with the real queue in it, on a line that loses what is asked and what is answered. */
export class ModelDevice {
	isOnline = true;
	sync: QueueSync;
	readonly listener: RandomListener;
	readonly #time: ModelTime;
	readonly #server: ModelServer;
	readonly #announce: () => void;

	constructor(time: ModelTime, server: ModelServer, skewMs: number, announce: () => void) {
		this.#time = time;
		this.#server = server;
		this.#announce = announce;
		const clock = { now: () => time.now + skewMs, newId: time.newId, random: time.random };
		this.listener = new RandomListener(time.random, clock);
		this.sync = this.#open();
	}

	/** The page is left, and opened again: what it could not send is all that it knows. */
	reload(): void {
		this.sync.flush(true);
		this.sync.stop();
		const kept = this.sync.isUnsent ? JSON.stringify(keptToJson(this.sync.keep())) : null;
		this.sync = this.#open(kept === null ? undefined : (keptFromJson(kept) ?? assert.fail(kept)));
	}

	/** News of the server; they may be old. */
	receive(snapshot: QueueSnapshot): void {
		this.sync.receive(structuredClone(snapshot));
	}

	/** Connects: what is older than what it has is no old news then. */
	connect(): void {
		const { snapshot } = this.#server;
		const isPutBack = snapshot.revision < this.sync.revision;
		this.sync.receive(structuredClone(snapshot), { isPutBack });
	}

	#open(kept?: KeptQueue): QueueSync {
		const { newId, later } = this.#time;
		return new QueueSync(
			{ newId, later, push: (push) => this.#push(push) },
			{ changed: () => undefined, refused: (reason) => assert.fail(reason) },
			kept
		);
	}

	async #push(push: QueuePush): Promise<PushAnswer> {
		await this.#delay();
		if (this.#isCutOff()) throw new Error('the request was lost');
		const answer = this.#server.take(structuredClone(push));
		this.#announce();
		await this.#delay();
		if (this.#isCutOff()) throw new Error('the answer was lost');
		return structuredClone(answer);
	}

	#isCutOff(): boolean {
		return !this.isOnline || this.#time.random() < 0.1;
	}

	#delay(): Promise<void> {
		return new Promise((done) => this.#time.later(10 + this.#time.pick(400), done));
	}
}
