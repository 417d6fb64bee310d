/** Where the primary was, in bytes of its log, at a moment of our clock. */
interface Sample {
	atMs: number;
	position: number;
}

/** Older ones say no more than that a replica is far behind. */
const MOST_SAMPLES = 600;

/**
 * How far a replica is behind, by comparing how far it is in the primary's log with where the primary was
 * when. What a replica says of itself is no measure: one that has lost its primary has seen all it was sent,
 * and one whose primary rests looks older and older.
 */
export class ReplicaLag {
	#samples: Sample[] = [];
	#hasCaughtUp = false;
	#heardAtMs = -Infinity;
	#wasSilent = false;

	/** when the primary was asked last, of those times that it answered; -Infinity before the first */
	get heardAtMs(): number {
		return this.#heardAtMs;
	}

	/** It was asked, and said nothing. */
	missedPrimary(): void {
		this.#wasSilent = true;
	}

	/** @param atMs when it was asked, before it answered */
	sawPrimary(position: number, atMs: number): void {
		// what it did since may be as old as the silence
		const since = this.#wasSilent ? this.#heardAtMs : atMs;
		this.#wasSilent = false;
		this.#heardAtMs = atMs;
		if (this.#samples.at(-1)?.position === position) return;
		this.#samples.push({ atMs: Math.max(since, this.#samples.at(-1)?.atMs ?? atMs), position });
		if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
	}

	/**
	 * @param position up to which the replica has done what the primary did
	 * @returns milliseconds; Infinity until it has been where the primary was when it was first asked
	 */
	behindMs(position: number, nowMs: number): number {
		const reached = this.#samples.findLastIndex((sample) => sample.position <= position);
		if (reached !== -1) {
			this.#hasCaughtUp = true;
			// what lies before the last one it has reached is of no more use
			this.#samples.splice(0, reached);
		}
		if (!this.#hasCaughtUp) return Infinity;
		const missing = this.#samples.find((sample) => sample.position > position);
		return missing ? nowMs - missing.atMs : 0;
	}
}
