import { Counter, Histogram, type HistogramPoint, type Point } from './series.ts';

interface FamilyFacts {
	/** as Prometheus wants it: `plyr_uploads_published_total` */
	name: string;
	/** one sentence, lower case */
	help: string;
	labels: readonly string[];
}

/** All numbers of one name at one moment. */
export type Family = FamilyFacts &
	(
		| { type: 'counter' | 'gauge'; points: readonly Point[] }
		| { type: 'histogram'; bounds: readonly number[]; points: readonly HistogramPoint[] }
	);

/** What is read when somebody asks; whatever throws is left out of that answer. */
export type ReadPoints = () => Point[] | Promise<Point[]>;

/** A database that is away must not keep whoever asks from hearing of everything else. */
const READ_LIMIT_MS = 2_000;

type Reader = () => Family | Promise<Family>;

/**
 * The numbers of one process. Counting touches one entry of one map; everything else happens when
 * somebody asks for them.
 */
export class Registry {
	readonly #readers = new Map<string, Reader>();
	readonly #onFailure: (name: string, cause: unknown) => void;

	/** @param onFailure told of each family that could not be read */
	constructor(onFailure: (name: string, cause: unknown) => void = () => undefined) {
		this.#onFailure = onFailure;
	}

	counter(name: string, help: string, labels: readonly string[] = []): Counter {
		const counter = new Counter(labels);
		this.#add(name, () => ({ name, help, labels, type: 'counter', points: counter.points }));
		return counter;
	}

	histogram(
		name: string,
		help: string,
		labels: readonly string[],
		bounds: readonly number[]
	): Histogram {
		const histogram = new Histogram(labels, bounds);
		const facts = { name, help, labels, bounds, type: 'histogram' as const };
		this.#add(name, () => ({ ...facts, points: histogram.points }));
		return histogram;
	}

	/** A number that goes up and down, or one that is counted elsewhere. */
	read(
		type: 'gauge' | 'counter',
		name: string,
		help: string,
		labels: readonly string[],
		points: ReadPoints
	): void {
		this.#add(name, async () => ({ name, help, labels, type, points: await points() }));
	}

	gauge(name: string, help: string, value: () => number | Promise<number>): void {
		this.read('gauge', name, help, [], async () => [{ labels: [], value: await value() }]);
	}

	/** What there is, sorted. */
	get names(): string[] {
		return [...this.#readers.keys()].sort();
	}

	/** Everything there is now, in the order of the names. */
	async collect(): Promise<Family[]> {
		const families = await Promise.all(this.names.map((name) => this.#collectOne(name)));
		return families.filter((family) => family !== undefined);
	}

	async #collectOne(name: string): Promise<Family | undefined> {
		try {
			return await this.#readInTime(name);
		} catch (cause) {
			// the others are still worth telling: that one is missing is what an alert notices
			this.#onFailure(name, cause);
			return undefined;
		}
	}

	async #readInTime(name: string): Promise<Family | undefined> {
		let timer: NodeJS.Timeout | undefined;
		const limit = new Promise<never>((_, reject) => {
			const late = new Error(`it was not there within ${READ_LIMIT_MS} ms`);
			timer = setTimeout(() => reject(late), READ_LIMIT_MS);
		});
		try {
			return await Promise.race([this.#readers.get(name)?.(), limit]);
		} finally {
			clearTimeout(timer);
		}
	}

	#add(name: string, reader: Reader): void {
		if (this.#readers.has(name)) throw new Error(`there are two metrics called ${name}`);
		this.#readers.set(name, reader);
	}
}
