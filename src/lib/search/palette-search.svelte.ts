import { refusalOf } from '#lib/refusal.ts';
import { type PaletteAnswer, type PaletteItem, paletteItems } from './palette-items.ts';

const WAIT_MS = 120;
const OF_EACH = 4;

/**
 * What the palette offers for what is typed. What was offered last stays until there is something
 * else; what comes late for what was typed before is dropped.
 */
export class PaletteSearch {
	items = $state.raw<PaletteItem[]>([]);
	/** of the one that Enter opens; -1: none, Enter opens the search page */
	activeIndex = $state(-1);
	/** why there is nothing new, in a sentence */
	problem = $state('');
	/** what `items` are for */
	answered = $state('');
	#timer: ReturnType<typeof setTimeout> | undefined;
	#asking: AbortController | undefined;

	get active(): PaletteItem | undefined {
		return this.items[this.activeIndex];
	}

	/** How many things were found, without the line that leads to all. */
	get count(): number {
		return this.items.filter(({ kind }) => kind !== 'all').length;
	}

	type(text: string): void {
		this.stop();
		this.problem = '';
		const q = text.trim();
		if (q !== '') {
			this.#timer = setTimeout(() => void this.#ask(q), WAIT_MS);
			return;
		}
		this.#offer('', []);
	}

	/** Beyond the last one comes the first. */
	move(by: 1 | -1): void {
		const { length } = this.items;
		if (length === 0) return;
		const from = this.activeIndex === -1 && by === -1 ? 0 : this.activeIndex;
		this.activeIndex = (from + by + length) % length;
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#asking?.abort();
	}

	async #ask(q: string): Promise<void> {
		const asking = new AbortController();
		this.#asking = asking;
		try {
			const response = await fetch(`/api/search/?q=${encodeURIComponent(q)}&limit=${OF_EACH}`, {
				signal: asking.signal
			});
			if (response.status === 422) {
				const { message } = await refusalOf(response);
				if (!asking.signal.aborted) this.#refuse(message);
				return;
			}
			if (!response.ok) throw new Error(`the search answered with ${response.status}`);
			const answer = (await response.json()) as PaletteAnswer;
			if (!asking.signal.aborted) this.#offer(q, paletteItems(q, answer));
		} catch {
			if (asking.signal.aborted) return;
			this.problem = navigator.onLine
				? 'the search does not answer. type on to try again'
				: 'you are offline: searching goes on when the line is back';
		}
	}

	/** What was offered before is not for what is typed now. */
	#refuse(sentence: string): void {
		this.#offer('', []);
		this.problem = sentence;
	}

	#offer(q: string, items: PaletteItem[]): void {
		this.items = items;
		this.answered = q;
		this.activeIndex = -1;
	}
}
