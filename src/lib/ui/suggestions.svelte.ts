const WAIT_MS = 250;

/**
 * What is offered below a field while somebody types, and the keys of a combobox: the arrows choose,
 * Escape closes. What comes late for what was typed before is dropped.
 */
export class Suggestions<T> {
	results = $state.raw<T[]>([]);
	/** of the one that Enter would take; -1: none */
	activeIndex = $state(-1);
	/** it was asked for what is typed, and there is none */
	isFruitless = $state(false);
	readonly isOpen = $derived(this.results.length > 0);
	#find: (typed: string, signal: AbortSignal) => Promise<T[]>;
	#minLetters: number;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#asking: AbortController | undefined;

	constructor(
		find: (typed: string, signal: AbortSignal) => Promise<T[]>,
		{ minLetters }: { minLetters: number }
	) {
		this.#find = find;
		this.#minLetters = minLetters;
	}

	get active(): T | undefined {
		return this.results[this.activeIndex];
	}

	/** Offers what fits, when typing pauses. */
	type(text: string, waitMs = WAIT_MS): void {
		this.close();
		const typed = text.trim();
		if (typed.length < this.#minLetters) return;
		this.#timer = setTimeout(() => void this.#ask(typed), waitMs);
	}

	/**
	 * A key was pressed in the field.
	 * @param text what would be searched for
	 * @returns whether it was one of the list's
	 */
	press(event: KeyboardEvent, text: string): boolean {
		if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
			if (this.isOpen) this.#move(event.key === 'ArrowDown' ? 1 : -1);
			else if (event.key === 'ArrowDown') this.type(text, 0);
			event.preventDefault();
			return true;
		}
		if (event.key !== 'Escape' || !this.isOpen) return false;
		event.stopPropagation();
		this.close();
		return true;
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#asking?.abort();
		this.results = [];
		this.activeIndex = -1;
		this.isFruitless = false;
	}

	/** Beyond the last one comes none, which is what is typed itself; then the first again. */
	#move(by: 1 | -1): void {
		const places = this.results.length + 1;
		this.activeIndex = ((this.activeIndex + 1 + by + places) % places) - 1;
	}

	async #ask(typed: string): Promise<void> {
		const asking = new AbortController();
		this.#asking = asking;
		try {
			const results = await this.#find(typed, asking.signal);
			if (asking.signal.aborted) return;
			this.results = results;
			this.isFruitless = results.length === 0;
		} catch {
			// offline, or typing went on: what is meant can be typed whole
		}
	}
}
