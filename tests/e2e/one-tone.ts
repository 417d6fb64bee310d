import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { type Visit, visit } from './browser.ts';
import { type Continuity, continuityOf } from './continuity.ts';
import type { HidingBrowser } from './hidden-tab.ts';
import { publishTrack } from './publish-track.ts';
import { beginRecording, RECORDING_HZ, recordSound, takeRecording } from './recorded-sound.ts';
import { CUTS_S, makePieces, TONE_HZ } from './seamless-pieces.ts';

const GIVE_UP_MS = 60_000;
const GAPLESS_MS = 5;
const OUT_OF_STEP_MS = 0.2;
const CUTS_MS = CUTS_S.map((seconds) => seconds * 1000);
const LENGTH_MS = CUTS_MS.at(-1) ?? 0;

/** How an album of one tone is encoded. */
export interface ToneFormat {
	/** of the album, the titles and the files */
	name: string;
	extension: string;
	/** for ffmpeg */
	encode: string[];
	sampleRateHz: number;
}

const sampleRateHz = 44_100;

/** Everything that is streamed as it is. */
export const TONE_FORMATS: readonly ToneFormat[] = [
	{ name: 'mp3', extension: 'mp3', encode: ['-b:a', '192k'], sampleRateHz },
	{ name: 'm4a', extension: 'm4a', encode: ['-b:a', '192k'], sampleRateHz },
	{ name: 'flac', extension: 'flac', encode: [], sampleRateHz },
	{ name: 'opus', extension: 'opus', encode: ['-b:a', '128k'], sampleRateHz: 48_000 },
	{ name: 'ogg', extension: 'ogg', encode: ['-q:a', '6'], sampleRateHz },
	{ name: 'wav', extension: 'wav', encode: [], sampleRateHz },
	{ name: 'float wav', extension: 'wav', encode: ['-c:a', 'pcm_f32le'], sampleRateHz }
];

/**
 * Publishes one tone in five pieces, as an album named like the format.
 * @param dir for the files
 * @returns the address of the album's page
 */
export async function publishTone(
	alice: Pick<Visit, 'context'>,
	url: string,
	format: ToneFormat,
	dir: string
): Promise<string> {
	const album = format.name;
	let slug: string | undefined;
	for (const [index, file] of (await makePieces(dir, format)).entries()) {
		const track = await publishTrack(alice, url, file, { title: `${album} ${index + 1}`, album });
		slug = track.album?.slug;
	}
	return `${url}/u/alice.test/album/${slug}`;
}

/**
 * Plays an album of one tone to its end, by the button of its first track.
 * @param whenPlaying called when that was pressed
 */
async function listenTo(
	page: Page,
	album: string,
	{ name }: ToneFormat,
	whenPlaying?: () => Promise<unknown>
): Promise<Continuity> {
	await recordSound(page);
	// nothing else is loaded while it is recorded
	await page.goto(album, { waitUntil: 'networkidle' });
	await beginRecording(page);
	await page.getByRole('button', { name: `play ${name} 1`, exact: true }).click();
	await whenPlaying?.();
	// nothing is painted in a tab that nobody sees: it is asked, and not waited for
	const isOver = () =>
		page.evaluate(() => {
			const player = document.querySelector('section[aria-label="player"]');
			const title = player?.querySelector('a.title')?.textContent ?? '';
			return title.endsWith(' 5') && player?.querySelector('button[aria-label="play"]') !== null;
		});
	const giveUpAt = Date.now() + GIVE_UP_MS;
	while (!(await isOver())) {
		assert.ok(Date.now() < giveUpAt, 'it does not come to its end');
		await sleep(100);
	}
	const cutsMs = CUTS_MS.slice(1, -1);
	return continuityOf(await takeRecording(page), { rateHz: RECORDING_HZ, toneHz: TONE_HZ, cutsMs });
}

/** What is heard of an album in a tab that is seen. */
export async function hearSeen(browser: Browser, album: string, format: ToneFormat) {
	const { page, context } = await visit(browser);
	try {
		return await listenTo(page, album, format);
	} finally {
		await context.close();
	}
}

/** What is heard of an album in a tab that is hidden as soon as it plays. */
export async function hearHidden(hiding: HidingBrowser, album: string, format: ToneFormat) {
	const page = await hiding.open();
	try {
		return await listenTo(page, album, format, () => hiding.hide(page));
	} finally {
		await page.close();
	}
}

/** The worst of all joints. */
export const worstJoint = ({ joints }: Continuity) => ({
	gapMs: Math.max(...joints.map(({ gapMs }) => gapMs)),
	shiftMs: Math.max(...joints.map(({ shiftMs }) => shiftMs))
});

/** How much later than the tone ends what was heard of it; negative: something is missing. */
export const lateMs = ({ heardMs }: Continuity): number => heardMs - LENGTH_MS;

/** What is wrong with the way the pieces follow each other; null: nothing. */
export function problemOf(heard: Continuity): string | null {
	const { gapMs, shiftMs } = worstJoint(heard);
	if (gapMs > GAPLESS_MS) return `a gap of ${gapMs} ms at a joint`;
	if (shiftMs >= OUT_OF_STEP_MS) return `${shiftMs.toFixed(2)} ms out of step at a joint`;
	if (dropOut(heard)) return null;
	const late = lateMs(heard);
	const isWhole = Math.abs(late) < GAPLESS_MS;
	return isWhole ? null : `${late.toFixed(0)} ms longer than the tone`;
}

/** What was dropped inside a piece, which says nothing about joints; null: nothing. */
export function dropOut({ inside: { gapMs, shiftMs } }: Continuity): string | null {
	if (gapMs > 0) return `a gap of ${gapMs} ms inside a piece`;
	return shiftMs >= OUT_OF_STEP_MS ? `${shiftMs.toFixed(2)} ms out of step inside a piece` : null;
}
