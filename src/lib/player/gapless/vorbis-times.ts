import { blockSamples, type VorbisHead } from './vorbis-head.ts';

/** A packet and its time, in samples since the first sound of its stream. */
export interface TimedPacket {
	from: number;
	until: number;
	bytes: Uint8Array;
}

/** So long before the end of its sound the last packet stands. */
const LAST_SECONDS = 0.000_05;

/**
 * Says when each packet is to be given to a decoder. A packet sounds together with the one before it, so
 * the first one that a decoder gets brings forth nothing: what it begins with is the sound of the next
 * one, and that begins where the first one stands. So each packet stands where its own sound ends. Only
 * the last one has to stand before the end, as all behind it is left out.
 */
export class VorbisTimes {
	/** up to here what was taken sounds */
	sample: number;
	readonly #head: VorbisHead;
	readonly #end: number;
	/** the block of the packet before; 0: there was none */
	#before: number;
	/** goes on until the next one, whose place is not known yet */
	#held: Omit<TimedPacket, 'until'> | null = null;

	/**
	 * @param begin where the packets begin, and the first byte of the one that ends there; null: none does
	 * @param end where what is to be heard ends
	 */
	constructor(head: VorbisHead, begin: { sample: number; before: number | null }, end = Infinity) {
		this.#head = head;
		this.#end = end;
		this.sample = begin.sample;
		this.#before = begin.before === null ? 0 : blockSamples(head, begin.before);
	}

	/** All that is to be heard was taken. */
	get isOver(): boolean {
		return this.sample >= this.#end;
	}

	/** @returns those whose time is known by now */
	take(bytes: Uint8Array): TimedPacket[] {
		const block = blockSamples(this.#head, bytes[0]);
		if (this.#before > 0) this.sample += (this.#before + block) / 4;
		this.#before = block;
		const { sample } = this;
		const held = this.#held;
		const from = this.isOver ? this.#lastPlace(this.#end) : sample;
		this.#held = this.isOver ? null : { from, bytes };
		const known = held ? [{ ...held, until: from }] : [];
		return this.isOver ? [...known, { from, until: sample, bytes }] : known;
	}

	/** What is held when no more comes, though the end is not reached. */
	rest(): TimedPacket[] {
		const { sample } = this;
		if (!this.#held) return [];
		return [{ bytes: this.#held.bytes, from: this.#lastPlace(sample), until: sample }];
	}

	#lastPlace(end: number): number {
		const place = end - LAST_SECONDS * this.#head.rateHz;
		const before = this.#held && this.#held.from < end ? this.#held.from : place;
		return Math.max(place, (before + end) / 2);
	}
}
