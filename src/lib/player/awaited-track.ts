import type { KnownTracks } from '#lib/queue/known-tracks.svelte.ts';
import { type RetryEnvironment, RetryLater } from './retry-later.ts';

/** What an awaited track is for. */
export interface Awaiting {
	/** it is known now, or known to be gone */
	known(): void;
	/** there was no answer, for the first time; it is asked for again */
	unanswered?(): void;
}

/** Asks for the one track that is to be shown or played, again and again until there is an answer. */
export class AwaitedTrack {
	/** counts what is awaited: an answer to a former one is dropped */
	#count = 0;
	readonly #tracks: KnownTracks;
	readonly #retries: RetryLater;

	constructor(tracks: KnownTracks, environment: RetryEnvironment) {
		this.#tracks = tracks;
		this.#retries = new RetryLater(environment);
	}

	/** Awaits this track, and no other any more. Done when it was asked for once; it never rejects. */
	async want(trackId: number, awaiting: Awaiting): Promise<void> {
		this.stop();
		await this.#ask(trackId, awaiting, this.#count);
	}

	/** Nothing is awaited any more. */
	stop(): void {
		this.#count += 1;
		this.#retries.begin();
	}

	async #ask(trackId: number, awaiting: Awaiting, count: number): Promise<void> {
		const isAnswered = await this.#tracks.want([trackId]).then(
			() => true,
			() => false
		);
		if (count !== this.#count) return;
		if (isAnswered) {
			this.#retries.begin();
			awaiting.known();
			return;
		}
		if (!this.#retries.hasFailed) awaiting.unanswered?.();
		this.#retries.again(() => void this.#ask(trackId, awaiting, count));
	}
}
