import { parseFlatLine } from './flat-line.ts';

const MAX_TAGS = 200;
const MAX_TAG_CHARACTERS = 10_000;
const MAX_TAG_KEY_CHARACTERS = 100;

/** Room for the longest value kept, every character of it four bytes or escaped, and its key. */
export const MAX_PROBE_LINE_BYTES = 4 * MAX_TAG_CHARACTERS + 2000;

/** What ffprobe says of one stream, as text under ffprobe's own names, with its tags. */
export interface StreamFacts {
	facts: Map<string, string>;
	tags: Map<string, string>;
}

/**
 * Collects ffprobe's flat lines in bounded memory: at most 200 tags in all, values cut at 10,000
 * characters, keys in lower case and cut at 100.
 */
export class ProbeLines {
	readonly format: StreamFacts = { facts: new Map(), tags: new Map() };
	readonly #streams = new Map<number, StreamFacts>();
	#tagCount = 0;

	/** The streams in the order of the file. */
	get streams(): StreamFacts[] {
		return [...this.#streams.values()];
	}

	/** Takes one line; lines of other sections are ignored. */
	add(line: string): void {
		const parsed = parseFlatLine(line);
		if (parsed === null) return;
		const match = /^(?:format|streams\.stream\.(\d+))\.(tags\.)?(.+)$/.exec(parsed.key);
		if (match === null) return;
		const [, index, isTag, name = ''] = match;
		const target = index === undefined ? this.format : this.#stream(Number(index));
		if (isTag === undefined) target.facts.set(name, parsed.value);
		else this.#addTag(target.tags, name, parsed.value);
	}

	#stream(index: number): StreamFacts {
		const known = this.#streams.get(index);
		if (known !== undefined) return known;
		const created = { facts: new Map<string, string>(), tags: new Map<string, string>() };
		this.#streams.set(index, created);
		return created;
	}

	#addTag(tags: Map<string, string>, name: string, value: string): void {
		if (this.#tagCount >= MAX_TAGS) return;
		const key = name.toLowerCase().slice(0, MAX_TAG_KEY_CHARACTERS);
		if (tags.has(key)) return;
		this.#tagCount += 1;
		tags.set(key, value.slice(0, MAX_TAG_CHARACTERS).toWellFormed());
	}
}
