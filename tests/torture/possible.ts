/** Something that was asked for, and is not over. */
export interface Attempt<T> {
	readonly value: T;
	/** what was possible before */
	readonly before: ReadonlySet<T>;
	/** something else was asked for meanwhile: which came last is not known */
	isOverlapped: boolean;
}

/**
 * What something may be by all that was heard of it: one value after an answer, several while
 * somebody is at it or when an answer was lost.
 */
export class Possible<T> {
	#values: Set<T>;
	readonly #open = new Set<Attempt<T>>();

	constructor(value: T) {
		this.#values = new Set([value]);
	}

	get values(): ReadonlySet<T> {
		return this.#values;
	}

	has(value: T): boolean {
		return this.#values.has(value);
	}

	/** It is this, as far as anybody was told. */
	is(value: T): boolean {
		return this.#values.size === 1 && this.#values.has(value);
	}

	begin(value: T): Attempt<T> {
		const attempt = { value, before: new Set(this.#values), isOverlapped: this.#open.size > 0 };
		for (const other of this.#open) other.isOverlapped = true;
		this.#open.add(attempt);
		this.#values.add(value);
		return attempt;
	}

	/** It was said to be done. */
	done(attempt: Attempt<T>): void {
		this.#open.delete(attempt);
		if (!attempt.isOverlapped) this.#values = new Set([attempt.value]);
	}

	/** It was said not to be done, and was never tried without an answer. */
	refused(attempt: Attempt<T>): void {
		this.#open.delete(attempt);
		if (!attempt.isOverlapped) this.#values = new Set(attempt.before);
	}

	/** Nobody will ever say. */
	unknown(attempt: Attempt<T>): void {
		this.#open.delete(attempt);
	}
}
