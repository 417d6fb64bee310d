/**
 * How quick pages are with 100,000 tracks, 10,000 artists, 1,000,000 likes and 5,000,000 plays: beside the
 * same product with 1,000 tracks, and beside a bare SvelteKit page of the same size, which asks no
 * database. The three take turns, so that a busy machine slows all of them. Ends with 1 when a page has
 * less than 0.35 of the bare one's requests a second, or takes 1.3 times as long as with the small set.
 *   npm run bench:pages [-- --tracks 5000 --rounds 3 --seconds 1.5 --only search,home --keep /tmp/sets]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Lifetime } from '../../dev/lifetime.ts';
import { ensureBuilt } from '../../dev/sources.ts';
import { type BareSite, startBareSite } from './bare-site.ts';
import { type FilledProduct, startFilledProduct } from './filled-product.ts';
import { LARGE_SET, setOf, SMALL_SET } from './large-set.ts';
import type { PageLoad, PageResult } from './page-load.ts';

const LEAST_OF_BARE = 0.35;
const MOST_OF_SMALL = 1.3;
const CONNECTIONS = 8;
/**
 * What a page is made with is compiled while it is asked for, the better the longer, and a page of ours has
 * more of that: a server runs for weeks.
 */
const WARM_UP_MS = 15_000;

const { values: options } = parseArgs({
	options: {
		tracks: { type: 'string', default: String(LARGE_SET.tracks) },
		rounds: { type: 'string', default: '3' },
		seconds: { type: 'string', default: '1.5' },
		only: { type: 'string' },
		keep: { type: 'string' }
	}
});
const durationMs = Number(options.seconds) * 1000;

const SUBJECTS = ['small', 'large', 'bare'] as const;
type Subject = (typeof SUBJECTS)[number];

/** What was measured of one kind of page at one server. */
class Measured {
	/** one request after the other */
	readonly timesMs: number[] = [];
	/** many at once, of each round */
	readonly rates: number[] = [];
	bytes = 0;

	take(single: PageResult, many: PageResult): void {
		this.timesMs.push(...single.timesMs);
		this.rates.push(many.requestsPerSecond);
		this.bytes = many.bytes;
	}

	msAt(part: number): number {
		const sorted = this.timesMs.toSorted((a, b) => a - b);
		return sorted[Math.ceil(part * sorted.length) - 1] ?? NaN;
	}

	get rate(): number {
		return this.rates.reduce((a, b) => a + b, 0) / this.rates.length;
	}
}

async function load(wanted: PageLoad): Promise<PageResult> {
	const child = fork(path.join(import.meta.dirname, 'page-load.ts'));
	child.send(wanted);
	const [answer] = (await once(child, 'message')) as [{ result?: PageResult; problem?: string }];
	if (!answer.result) throw new Error(answer.problem);
	return answer.result;
}

/** Where a page is asked for at each of the three. */
class Page {
	readonly name: string;
	readonly measured: Record<Subject, Measured> = {
		small: new Measured(),
		large: new Measured(),
		bare: new Measured()
	};
	readonly #loads: Record<Subject, Omit<PageLoad, 'connections' | 'durationMs'>>;

	constructor(name: string, small: FilledProduct, large: FilledProduct, bare: BareSite) {
		this.name = name;
		this.#loads = {
			small: addressesOf(name, small),
			large: addressesOf(name, large),
			bare: { origin: bare.url, paths: ['/'], headers: {} }
		};
	}

	/** Everything is compiled and read once; and the bare page is made as large as the large set's. */
	async warmUp(bare: BareSite): Promise<void> {
		for (const subject of SUBJECTS) {
			const wanted = { ...this.#loads[subject], connections: CONNECTIONS, durationMs: WARM_UP_MS };
			const { bytes } = await load(wanted);
			if (subject === 'large') this.#loads.bare.paths = [bare.pageOf(bytes)];
		}
	}

	async measure(): Promise<void> {
		for (const subject of SUBJECTS) {
			const wanted = { ...this.#loads[subject], durationMs };
			const single = await load({ ...wanted, connections: 1 });
			const many = await load({ ...wanted, connections: CONNECTIONS });
			this.measured[subject].take(single, many);
		}
	}

	get ofBare(): number {
		return this.measured.large.rate / this.measured.bare.rate;
	}

	get ofSmall(): number {
		return this.measured.large.msAt(0.5) / this.measured.small.msAt(0.5);
	}
}

const addressesOf = (
	name: string,
	{ url, cookie, paths }: FilledProduct
): Omit<PageLoad, 'connections' | 'durationMs'> => ({
	origin: url,
	paths: paths[name] ?? [],
	headers: name === 'liked' ? { cookie } : {}
});

const rounded = (value: number, digits = 1) => Number(value.toFixed(digits));

function rowOf({ measured: { small, large, bare }, ofBare, ofSmall }: Page) {
	return {
		'kB, large': rounded(large.bytes / 1000),
		'kB, bare': rounded(bare.bytes / 1000),
		'p50 ms, small': rounded(small.msAt(0.5)),
		'p50 ms, large': rounded(large.msAt(0.5)),
		'p95 ms, large': rounded(large.msAt(0.95)),
		'p50 ms, bare': rounded(bare.msAt(0.5)),
		'requests/s, small': rounded(small.rate, 0),
		'requests/s, large': rounded(large.rate, 0),
		'requests/s, bare': rounded(bare.rate, 0),
		'of bare': rounded(ofBare, 2),
		'p50 of small': rounded(ofSmall, 2)
	};
}

function missedBy(page: Page): string[] {
	const missed: string[] = [];
	// what is no number is no figure either
	if (!(page.ofBare >= LEAST_OF_BARE)) {
		missed.push(`${page.name}: ${rounded(page.ofBare, 2)} of the bare page's requests a second`);
	}
	if (!(page.ofSmall <= MOST_OF_SMALL)) {
		missed.push(
			`${page.name}: takes ${rounded(page.ofSmall, 2)} times as long as with 1,000 tracks`
		);
	}
	return missed;
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const ends: (() => Promise<void>)[] = [];
try {
	await ensureBuilt(new Lifetime());
	const bare = await startBareSite();
	ends.push(bare.stop);
	const small = await startFilledProduct(SMALL_SET, options.keep);
	ends.push(small.stop);
	const begun = performance.now();
	const large = await startFilledProduct(setOf(Number(options.tracks)), options.keep);
	ends.push(large.stop);
	say(`${options.tracks} tracks after ${rounded((performance.now() - begun) / 1000)} s`);
	const pages = Object.keys(large.paths)
		.filter((name) => options.only?.split(',').includes(name) ?? true)
		.map((name) => new Page(name, small, large, bare));
	for (const page of pages) await page.warmUp(bare);
	for (let round = 1; round <= Number(options.rounds); round++) {
		say(`round ${round}, the load of the machine is ${rounded(loadavg()[0] ?? 0)}`);
		for (const page of pages) await page.measure();
	}
	console.table(Object.fromEntries(pages.map((page) => [page.name, rowOf(page)])));
	const missed = pages.flatMap(missedBy);
	for (const one of missed) process.stdout.write(`missed: ${one}\n`);
	process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
	for (const end of ends.reverse()) await end();
}
