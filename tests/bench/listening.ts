/**
 * What listening is like, in a real browser: how albums of one tone in five pieces are joined, for each
 * format, in a tab that is seen and in a hidden one; how long from a click on play to the first sound;
 * and how long from the end of a track to the start of the next. Everything is recorded from the sound
 * itself. The load average is printed beside each figure: a busy machine makes all of them worse. Ends
 * with 1 when a bound is missed.
 *   npm run bench:listening [-- --repetitions 20 --only joints|clicks|next --press 80]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright';
import { openBrowser, type Visit, visit } from '../e2e/browser.ts';
import type { Continuity } from '../e2e/continuity.ts';
import { openHiding } from '../e2e/hidden-tab.ts';
import {
	ELEMENTS,
	HANDED_OVER,
	type Kind,
	LOUD_FLOATS,
	measureNextTrack,
	nameOf,
	type NextTrack,
	type Pair,
	publishPair,
	TAB
} from '../e2e/next-track.ts';
import {
	dropOut,
	hearHidden,
	hearSeen,
	lateMs,
	problemOf,
	publishTone,
	TONE_FORMATS,
	type ToneFormat,
	worstJoint
} from '../e2e/one-tone.ts';
import { HEARS_ITSELF } from '../e2e/tab-sound.ts';
import { startBenchApp } from './bench-app.ts';
import { measureFirstSound } from './first-sound.ts';

const CLICK_MEDIAN_MS = 150;
const NEXT_MEDIAN_MS = 30;
/** On a timeline, as it is and put into something else; and as a file, which a timeline refuses first. */
const CLICKED = ['mp3', 'ogg', 'wav', LOUD_FLOATS.name];
const CLICKED_ONLY: ToneFormat = { ...LOUD_FLOATS, sampleRateHz: 44_100 };
const kind = (extension: string): Kind => ({ name: extension, extension });
/** What follows each other as files, after a timeline and before one, and on one timeline. */
const PAIRS: Pair['kinds'][] = [
	...HANDED_OVER.map((one) => [one, one] as const),
	[kind('mp3'), LOUD_FLOATS],
	[kind('ogg'), kind('wav')],
	[kind('mp3'), kind('ogg')],
	[kind('mp3'), kind('mp3')],
	[kind('flac'), kind('mp3')]
];

const { values: options } = parseArgs({
	options: {
		repetitions: { type: 'string', default: '20' },
		only: { type: 'string', default: '' },
		/** for so many milliseconds the button is held: people do, and what is on its way meanwhile is there */
		press: { type: 'string', default: '0' }
	}
});
const repetitions = Number(options.repetitions);
const isWanted = (part: string) => part.includes(options.only);

type Row = Record<string, string | number>;

const missed: string[] = [];
const rounded = (value: number, digits = 0) => Number(value.toFixed(digits));
const load = () => rounded(loadavg()[0] ?? 0, 1);

function quantile(values: readonly number[], part: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.ceil(part * sorted.length) - 1] ?? NaN;
}

/** Of some times, with a bound for their median; a bound that is missed is noted. */
function summary(what: string, values: readonly number[], boundMs?: number): Row {
	const medianMs = quantile(values, 0.5);
	// what is no number is no figure either
	if (boundMs !== undefined && !(medianMs <= boundMs)) {
		missed.push(`${what}: a median of ${rounded(medianMs)} ms, more than ${boundMs} ms`);
	}
	return {
		'': what,
		times: values.length,
		median: rounded(medianMs),
		p95: rounded(quantile(values, 0.95)),
		longest: rounded(Math.max(...values)),
		bound: boundMs ?? '',
		load: load()
	};
}

function jointRow(format: ToneFormat, tab: string, heard: Continuity): Row {
	const problem = problemOf(heard);
	if (problem) missed.push(`${format.name}, ${tab}: ${problem}`);
	const { gapMs, shiftMs } = worstJoint(heard);
	return {
		format: format.name,
		tab,
		'longest gap, ms': gapMs,
		'all joints': heard.joints.map((joint) => joint.gapMs).join(' '),
		'out of step, ms': rounded(shiftMs, 2),
		'longer in all, ms': rounded(lateMs(heard)),
		'dropped inside a piece': dropOut(heard) ?? '',
		load: load()
	};
}

async function hearJoints(browser: Browser, albums: ReadonlyMap<ToneFormat, string>) {
	const hiding = await openHiding();
	const rows: Row[] = [];
	try {
		for (const [format, album] of albums) {
			if (!TONE_FORMATS.includes(format)) continue;
			process.stderr.write(`an album of ${format.name}…\n`);
			rows.push(jointRow(format, 'seen', await hearSeen(browser, album, format)));
			rows.push(jointRow(format, 'hidden', await hearHidden(hiding, album, format)));
		}
	} finally {
		await hiding.close();
	}
	process.stdout.write('one tone in five pieces (a gap of 5 ms at most)\n');
	console.table(rows);
}

async function clickPlay(browser: Browser, albums: ReadonlyMap<ToneFormat, string>) {
	const rows: Row[] = [];
	for (const [{ name }, album] of albums) {
		if (!CLICKED.includes(name)) continue;
		process.stderr.write(`clicks on play, ${name}…\n`);
		const titles = [`${name} 1`, `${name} 4`] as const;
		const found = await measureFirstSound(browser, album, titles, {
			repetitions,
			pressMs: Number(options.press)
		});
		rows.push(
			summary(`${name}, the first of a page`, found.cold, CLICK_MEDIAN_MS),
			summary(`${name}, a second one`, found.warm, CLICK_MEDIAN_MS),
			summary(`${name}, the recorder's delay (subtracted)`, found.recorderMs),
			summary(`${name}, the way to the loudspeaker (not in it)`, found.outputMs)
		);
	}
	process.stdout.write('from a click on play to the first sound, ms\n');
	console.table(rows);
}

const nextRows = (what: string, { quietMs, bothMs }: NextTrack): Row[] => [
	summary(`${what}, silence`, quietMs, NEXT_MEDIAN_MS),
	summary(`${what}, both heard`, bothMs, NEXT_MEDIAN_MS)
];

async function goOn(browser: Browser, pairs: readonly Pair[]) {
	const rows: Row[] = [];
	for (const pair of pairs) {
		const what = nameOf(pair.kinds);
		process.stderr.write(`${what} in turns…\n`);
		const { page, context } = await visit(browser);
		rows.push(...nextRows(what, await measureNextTrack(page, pair, repetitions, TAB)));
		await context.close();
	}
	const hiding = await openHiding();
	try {
		for (const pair of pairs.slice(0, HANDED_OVER.length)) {
			const what = `${nameOf(pair.kinds)}, hidden`;
			process.stderr.write(`${what}…\n`);
			const page = await hiding.open();
			const hide = () => hiding.hide(page);
			rows.push(...nextRows(what, await measureNextTrack(page, pair, repetitions, ELEMENTS, hide)));
			await page.close();
		}
	} finally {
		await hiding.close();
	}
	process.stdout.write('from the end of a track to the start of an unrelated one, ms\n');
	console.table(rows);
}

async function publishAll(alice: Visit, url: string, dir: string) {
	const albums = new Map<ToneFormat, string>();
	const isForTones = isWanted('joints') || isWanted('clicks');
	for (const format of isForTones ? [...TONE_FORMATS, CLICKED_ONLY] : []) {
		albums.set(format, await publishTone(alice, url, format, dir));
	}
	const pairs: Pair[] = [];
	for (const [which, kinds] of isWanted('next') ? PAIRS.entries() : []) {
		pairs.push(await publishPair(alice, url, kinds, which, dir));
	}
	return { albums, pairs };
}

const dir = await mkdtemp(path.join(tmpdir(), 'plyr-bench-listening-'));
const app = await startBenchApp([]);
try {
	const browser = await openBrowser({ isWhole: true, arguments: HEARS_ITSELF });
	try {
		const { url, headers } = app.destination;
		const alice = await visit(browser, { extraHTTPHeaders: headers });
		const { albums, pairs } = await publishAll(alice, url, dir);
		await alice.context.close();
		if (isWanted('joints')) await hearJoints(browser, albums);
		if (isWanted('clicks')) await clickPlay(browser, albums);
		if (isWanted('next')) await goOn(browser, pairs);
	} finally {
		await browser.close();
	}
	for (const one of missed) process.stdout.write(`missed: ${one}\n`);
	process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
	await app.stop();
	await rm(dir, { recursive: true, force: true });
}
