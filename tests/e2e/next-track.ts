import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import type { Visit } from './browser.ts';
import { levelsOf, rms } from './continuity.ts';
import { publishTrack } from './publish-track.ts';
import { beginRecording, RECORDING_HZ, recordSound, takeRecording } from './recorded-sound.ts';
import { makeAudio } from './sample-files.ts';
import { allowRecorder, recordTab, takeTabSound } from './tab-sound.ts';

/** A kind of file. */
export interface Kind {
	name: string;
	extension: string;
	/** for ffmpeg */
	encode?: string[];
	/** in a browser without media source extensions, as that of an iPhone is */
	isOnPhone?: boolean;
}

/** A tone of ffmpeg is 21 dB below full scale on two channels: 1 dB below it, and 1 dB above. */
const LOUD = ['-af', 'volume=20dB'];
const TOO_LOUD = ['-af', 'volume=22dB'];
/** What a timeline would cut off, and so refuses. */
export const LOUD_FLOATS = {
	...{ name: 'loud wav', extension: 'wav' },
	encode: [...TOO_LOUD, '-c:a', 'pcm_f32le']
} satisfies Kind;
/** What no browser joins: it is handed over from one element to the other. */
export const HANDED_OVER: readonly Kind[] = [
	LOUD_FLOATS,
	{ name: 'phone ogg', extension: 'ogg', isOnPhone: true }
];

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
		await makeAudio(file, { seconds: SECONDS, frequencyHz }, ...LOUD, ...encode);
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

/** How what is heard is written down. */
export interface Recorder {
	/** before the page is opened */
	prepare: (page: Page) => Promise<unknown>;
	/** when it is there, before anything is heard */
	begin?: (page: Page) => Promise<unknown>;
	/** what was heard since the last time */
	take: (page: Page) => Promise<Heard>;
}

/** One channel. */
interface Heard {
	rateHz: number;
	samples: Float32Array;
}

/** What comes out of the tab. It counts as seen as long as it is recorded. */
export const TAB: Recorder = {
	prepare: allowRecorder,
	begin: recordTab,
	take: async (page) => {
		const { rateHz, samples } = await takeTabSound(page);
		return { rateHz, samples: samples.filter((_, at) => at % 2 === 0) };
	}
};

/** What comes out of the audio elements. */
export const ELEMENTS: Recorder = {
	prepare: recordSound,
	begin: beginRecording,
	take: async (page) => ({ rateHz: RECORDING_HZ, samples: await takeRecording(page) })
};

/**
 * Plays them in turns, and measures that many times how one follows the other.
 * @param page a new one
 * @param whenPlaying called when something is heard
 */
export async function measureNextTrack(
	page: Page,
	{ kinds, url }: Pair,
	repetitions: number,
	{ prepare, begin, take }: Recorder,
	whenPlaying?: () => Promise<unknown>
): Promise<NextTrack> {
	await prepare(page);
	if (kinds.some(({ isOnPhone }) => isOnPhone)) {
		await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'MediaSource'));
	}
	await page.goto(url, { waitUntil: 'networkidle' });
	await begin?.(page);
	await page.getByRole('button', { name: `play ${nameOf(kinds)}, 1`, exact: true }).click();
	// a tab that has played nothing loads nothing when it is hidden
	await page.waitForFunction(() =>
		[...document.querySelectorAll('audio')].some(({ currentTime }) => currentTime > 0)
	);
	await repeatAll(page);
	await whenPlaying?.();
	const sounds: Heard[] = [];
	const beganAt = Date.now();
	const giveUpAt = beganAt + LIMIT_PER_TRACK_MS * repetitions;
	for (;;) {
		await sleep(TAKE_EVERY_MS);
		sounds.push(await take(page));
		// all of it is not searched every second
		if (Date.now() - beganAt < repetitions * SECONDS * 1000) continue;
		const turns = turnsIn(sounds).slice(0, repetitions);
		if (turns.length === repetitions) {
			return {
				quietMs: turns.map(({ quietMs }) => quietMs),
				bothMs: turns.map(({ bothMs }) => bothMs)
			};
		}
		if (Date.now() > giveUpAt) throw new Error('they do not follow each other');
	}
}

/** By its key: a narrow window has no room for the button. What another page left it at may be kept. */
async function repeatAll(page: Page): Promise<void> {
	const player = page.locator('section[aria-label="player"]');
	await player.waitFor();
	while ((await player.locator('[aria-label="repeat: all"]').count()) === 0) {
		await page.keyboard.press('r');
	}
}

/** What is at each place where another tone is heard than before. */
function turnsIn(sounds: readonly Heard[]): { quietMs: number; bothMs: number }[] {
	const rateHz = sounds[0]?.rateHz ?? 0;
	const heard = concat(sounds.map(({ samples }) => samples));
	const levels = levelsOf(heard, rateHz);
	const limit = QUIET * (levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 2)] ?? 0);
	const isQuiet = (level: number) => level <= limit;
	const both = bothIn(heard, rateHz);
	const turns: { quietMs: number; bothMs: number }[] = [];
	let [before, quietMs] = [NaN, 0];
	for (let ms = 0; ms + TONE_MS <= levels.length; ms += TONE_MS) {
		const quiet = levels.slice(ms, ms + TONE_MS).filter(isQuiet).length;
		quietMs += quiet;
		if (quiet > 0) continue;
		const [from, to] = [ms, ms + TONE_MS].map((at) => Math.round((at * rateHz) / 1000));
		const tone = toneOf(heard.subarray(from, to), rateHz);
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
function bothIn(heard: Float32Array, rateHz: number): boolean[] {
	const window = Math.round((rateHz * TONE_MS) / 1000);
	const levels: number[] = [];
	for (let ms = 0; ; ms += 1) {
		const from = Math.round((ms * rateHz) / 1000);
		if (from + window > heard.length) break;
		levels.push(rms(heard.subarray(from, from + window)));
	}
	const one = levels.toSorted((a, b) => a - b)[Math.floor(levels.length * 0.9)] ?? 0;
	return levels.map((level) => level > one * LOUDER);
}

function concat(parts: readonly Float32Array[]): Float32Array {
	const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
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
