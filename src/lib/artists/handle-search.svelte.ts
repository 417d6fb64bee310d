import type { FoundPerson } from './found-person.ts';

const WAIT_MS = 300;
const MIN_LETTERS = 2;
const SHOWN = 8;

/** Finds people while a handle is being typed. What comes late for what was typed before is dropped. */
export class HandleSearch {
	results = $state.raw<FoundPerson[]>([]);
	/** of the one that Enter would take; -1: none */
	activeIndex = $state(-1);
	#timer: ReturnType<typeof setTimeout> | undefined;
	#asking: AbortController | undefined;

	get active(): FoundPerson | undefined {
		return this.results[this.activeIndex];
	}

	type(text: string): void {
		this.close();
		const typed = text.trim().replace(/^@/, '');
		if (typed.length < MIN_LETTERS) return;
		this.#timer = setTimeout(() => void this.#ask(typed), WAIT_MS);
	}

	move(by: 1 | -1): void {
		const count = this.results.length;
		if (count === 0) return;
		this.activeIndex =
			(this.activeIndex + by + count + (this.activeIndex < 0 && by < 0 ? 1 : 0)) % count;
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#asking?.abort();
		this.results = [];
		this.activeIndex = -1;
	}

	async #ask(typed: string): Promise<void> {
		const asking = new AbortController();
		this.#asking = asking;
		const query = `q=${encodeURIComponent(typed)}&limit=${SHOWN}`;
		try {
			const response = await fetch(`/api/search/handles?${query}`, { signal: asking.signal });
			if (!response.ok) return;
			const { results } = (await response.json()) as { results: FoundPerson[] };
			if (!asking.signal.aborted) this.results = results;
		} catch {
			// offline, or typing went on: a handle can be typed whole
		}
	}
}
