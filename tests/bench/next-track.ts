import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright';
import { type Visit, visit } from '../e2e/browser.ts';
import { levelsOf, rms } from '../e2e/continuity.ts';
import { publishTrack } from '../e2e/publish-track.ts';
import { makeAudio } from '../e2e/sample-files.ts';
import { allowRecorder, recordTab, type TabSound, takeTabSound } from '../e2e/tab-sound.ts';

/** A kind of file. */
export interface Kind {
	name: string;
	extension: string;
	/** for ffmpeg */
	encode?: string[];
}

/** Two tracks that have nothing to do with each other: tones of their own, maybe files of two kinds. */
export interface Pair {
	kinds: readonly [Kind, Kind];
	/** address of the page that lists them */
	url: string;
}

const SECONDS = 2;
const TONES_HZ = [441, 1323] as const;
/** 20 dB below the louder of the two, by what is heard most of the time. */
const QUIET = 0.1;
/** Enough to tell the tones apart. */
const TONE_MS = 10;
/** A track that is heard for so long has begun. */
const BEGUN_MS = 300;
/** Two tones of the same loudness are 1.4 times as loud as one. */
const LOUDER = 1.2;
const TAKE_EVERY_MS = 1_000;
const LIMIT_PER_TRACK_MS = 15_000;

/**
 * @param which of all pairs it is
 * @param dir for the files
 */
export async function publishPair(
	alice: Pick<Visit, 'context'>,
	url: string,
	kinds: Pair['kinds'],
	which: number,
	dir: string
): Promise<Pair> {
	const album = nameOf(kinds);
	let slug: string | undefined;
	for (const [index, { extension, encode = [] }] of kinds.entries()) {
		const title = `${album}, ${index + 1}`;
		// no two of all pairs are the same upload
		const frequencyHz = (TONES_HZ[index] ?? 0) + which;
		const file = path.join(dir, `${title}.${extension}`);
		await makeAudio(file, { seconds: SECONDS, frequencyHz }, ...encode);
		slug = (await publishTrack(alice, url, file, { title, album })).album?.slug;
	}
	return { kinds, url: `${url}/u/alice.test/album/${slug}` };
}

export const nameOf = (kinds: Pair['kinds']): string => kinds.map(({ name }) => name).join(' and ');

/**
 * How one track follows the other, in milliseconds of what comes out of the tab, so that no clock and no
 * delay of the recording matters.
 */
export interface NextTrack {
	/** of silence between them */
	quietMs: number[];
	/** in which both are heard */
	bothMs: number[];
}

/** Plays them in turns, and measures that many times how one follows the other. */
export async function measureNextTrack(
	browser: Browser,
	{ kinds, url }: Pair,
	repetitions: number
): Promise<NextTrack> {
	const { page, context } = await visit(browser);
	await allowRecorder(page);
	await page.goto(url, { waitUntil: 'networkidle' });
	await recordTab(page);
	const title = `${nameOf(kinds)}, 1`;
	await page.getByRole('button', { name: `play ${title}`, exact: true }).click();
	await page.getByRole('button', { name: 'repeat: off' }).click();
	const sounds: TabSound[] = [];
	const beganAt = Date.now();
	const giveUpAt = beganAt + LIMIT_PER_TRACK_MS * repetitions;
	for (;;) {
		await sleep(TAKE_EVERY_MS);
		sounds.push(await takeTabSound(page));
		// all of it is not searched every second
		if (Date.now() - beganAt < repetitions * SECONDS * 1000) continue;
		const turns = turnsIn(sounds).slice(0, repetitions);
		if (turns.length === repetitions) {
			await context.close();
			return {
				quietMs: turns.map(({ quietMs }) => quietMs),
				bothMs: turns.map(({ bothMs }) => bothMs)
			};
		}
		if (Date.now() > giveUpAt) throw new Error('they do not follow each other');
	}
}

/** What is at each place where another tone is heard than before. */
function turnsIn(sounds: readonly TabSound[]): { quietMs: number; bothMs: number }[] {
	const rateHz = sounds[0]?.rateHz ?? 0;
	const left = leftOf(sounds);
	const levels = levelsOf(left, rateHz);
	const limit = QUIET * (levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 2)] ?? 0);
	const isQuiet = (level: number) => level <= limit;
	const both = bothIn(left, rateHz);
	const turns: { quietMs: number; bothMs: number }[] = [];
	let [before, quietMs] = [NaN, 0];
	for (let ms = 0; ms + TONE_MS <= levels.length; ms += TONE_MS) {
		const quiet = levels.slice(ms, ms + TONE_MS).filter(isQuiet).length;
		quietMs += quiet;
		if (quiet > 0) continue;
		const [from, to] = [ms, ms + TONE_MS].map((at) => Math.round((at * rateHz) / 1000));
		const tone = toneOf(left.subarray(from, to), rateHz);
		if (!Number.isNaN(before) && tone !== before) {
			// a track that stops again at once has not begun
			const later = levels.slice(ms, ms + BEGUN_MS).filter(isQuiet).length;
			const near = both.slice(Math.max(0, ms - BEGUN_MS), ms + BEGUN_MS);
			turns.push({ quietMs: quietMs + later, bothMs: near.filter(Boolean).length });
		}
		[before, quietMs] = [tone, 0];
	}
	return turns;
}

/** For each millisecond whether both tones are heard: together they are louder than either. */
function bothIn(left: Float32Array, rateHz: number): boolean[] {
	const window = Math.round((rateHz * TONE_MS) / 1000);
	const levels: number[] = [];
	for (let ms = 0; ; ms += 1) {
		const from = Math.round((ms * rateHz) / 1000);
		if (from + window > left.length) break;
		levels.push(rms(left.subarray(from, from + window)));
	}
	const one = levels.toSorted((a, b) => a - b)[Math.floor(levels.length * 0.9)] ?? 0;
	return levels.map((level) => level > one * LOUDER);
}

function leftOf(sounds: readonly TabSound[]): Float32Array {
	const left = new Float32Array(sounds.reduce((sum, { samples }) => sum + samples.length / 2, 0));
	let at = 0;
	for (const { samples } of sounds) {
		for (let i = 0; i < samples.length; i += 2) left[at++] = samples[i] ?? 0;
	}
	return left;
}

/** Which of the tones is heard, by how often it passes zero. */
function toneOf(samples: Float32Array, rateHz: number): number {
	let passes = 0;
	for (let i = 1; i < samples.length; i++) {
		if ((samples[i - 1] ?? 0) < 0 !== (samples[i] ?? 0) < 0) passes += 1;
	}
	const hz = (passes * rateHz) / samples.length / 2;
	return hz > (TONES_HZ[0] + TONES_HZ[1]) / 2 ? 1 : 0;
}
