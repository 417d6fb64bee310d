/** One line of a family: its labels in the family's order, and a number. */
export interface Point {
	labels: readonly string[];
	value: number;
}

/** What a histogram has counted under one set of labels. */
export interface HistogramPoint {
	labels: readonly string[];
	/** how many were in each bucket, not counting those in smaller ones; the last has no bound */
	counts: readonly number[];
	sum: number;
	count: number;
}

/** Whoever sends something else each time must not fill the memory of this process and of Prometheus. */
const MOST_SERIES = 1_000;

/** The values kept under each set of labels, a bounded number of them. */
class Series<T> {
	readonly #values = new Map<string, { labels: readonly string[]; value: T }>();
	readonly #labels: readonly string[];
	readonly #make: () => T;

	constructor(labels: readonly string[], make: () => T) {
		this.#labels = labels;
		this.#make = make;
	}

	/** @param labels one for each name; beyond the bound all are counted as `other` */
	at(labels: readonly string[]): T {
		const key = labels.length === 1 ? (labels[0] ?? '') : labels.join('\u0000');
		return (this.#values.get(key) ?? this.#add(key, labels)).value;
	}

	*[Symbol.iterator](): Generator<{ labels: readonly string[]; value: T }> {
		yield* this.#values.values();
	}

	#add(key: string, labels: readonly string[]): { labels: readonly string[]; value: T } {
		if (labels.length !== this.#labels.length) {
			throw new Error(`labels ${labels.join()} for ${this.#labels.join()}`);
		}
		const isFull = this.#values.size >= MOST_SERIES;
		const others = this.#labels.map(() => 'other');
		if (isFull && key !== others.join('\u0000')) return this.#otherAt(others);
		const made = { labels: [...labels], value: this.#make() };
		this.#values.set(key, made);
		return made;
	}

	#otherAt(labels: readonly string[]): { labels: readonly string[]; value: T } {
		const key = labels.join('\u0000');
		return this.#values.get(key) ?? this.#add(key, labels);
	}
}

/** Only goes up. */
export class Counter {
	readonly #series: Series<{ total: number }>;

	constructor(labels: readonly string[]) {
		this.#series = new Series(labels, () => ({ total: 0 }));
		// what was never counted is 0, and not absent
		if (labels.length === 0) this.#series.at([]);
	}

	/** @param labels one for each name, in their order */
	add(amount: number, ...labels: string[]): void {
		this.#series.at(labels).total += amount;
	}

	get points(): Point[] {
		return [...this.#series].map(({ labels, value }) => ({ labels, value: value.total }));
	}
}

interface Observed {
	counts: number[];
	sum: number;
	count: number;
}

/** Counts how many values were how large. */
export class Histogram {
	readonly #series: Series<Observed>;
	readonly #bounds: readonly number[];

	/** @param bounds largest value of each bucket, ascending */
	constructor(labels: readonly string[], bounds: readonly number[]) {
		this.#bounds = bounds;
		this.#series = new Series(labels, () => ({
			counts: Array<number>(bounds.length + 1).fill(0),
			sum: 0,
			count: 0
		}));
		if (labels.length === 0) this.#series.at([]);
	}

	observe(value: number, ...labels: string[]): void {
		const observed = this.#series.at(labels);
		let bucket = 0;
		while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket++;
		observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1;
		observed.sum += value;
		observed.count += 1;
	}

	get points(): HistogramPoint[] {
		return [...this.#series].map(({ labels, value }) => ({ labels, ...value }));
	}
}
