import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { visit } from '../e2e/browser.ts';
import { allowRecorder, BLOCK, recordTab, takeTabSound } from '../e2e/tab-sound.ts';

/**
 * How long from a click on play to the first sound, in milliseconds. What is recorded is the output
 * of the tab: what the browser mixes for the loudspeaker, nothing in between, so the time it takes
 * to open the output counts. The click's time is that of letting go of the mouse button, as the browser's
 * own process took it, and both are read by the page's one clock.
 *
 * The recording comes late by itself. How late is measured each time, with marks: a worklet of this
 * page says when it handed a mark to its output, and when the recorder gets it is compared to that. The
 * median of those is subtracted; so a latency here ends when the sound is handed to the output, as
 * the marks were. What the sound card takes from there on (`outputLatency` is what a page can know of
 * that) is the same for everything a browser plays, and in none of the figures.
 */
export interface FirstSound {
	/** nothing was played in this page before */
	cold: number[];
	/** another track, never played, when one has been played: the player is there */
	warm: number[];
	/** what was subtracted */
	recorderMs: number[];
	/** what the browser says of its way to the loudspeaker */
	outputMs: number[];
}

const MARKS = 5;
/** Between marks, and so long it has to be quiet before the click. */
const PAUSE_MS = 150;
const SILENCE = 0.01;
const UNDISTURBED_MS = 500;
const LIMIT_MS = 20_000;

type Marked = typeof globalThis & {
	clickedAtMs?: number;
	marker?: { mark(): Promise<number>; outputMs(): number; end(): Promise<void> };
};

const MARKER = `
registerProcessor('marker', class extends AudioWorkletProcessor {
	constructor() {
		super();
		this.left = 0;
		this.port.onmessage = () => { this.left = 4; };
	}
	process(_, [channels]) {
		if (this.left === 0) return true;
		if (this.left === 4) this.port.postMessage(Date.now());
		this.left -= 1;
		for (const samples of channels) {
			for (let i = 0; i < samples.length; i++) samples[i] = i % 16 < 8 ? 0.5 : -0.5;
		}
		return true;
	}
});`;

/** Runs in the page: gets ready to make marks, and to note when somebody clicks. */
async function prepareMarks(script: string): Promise<void> {
	const page = globalThis as Marked;
	const noteClick = ({ timeStamp }: Event) => {
		page.clickedAtMs = Date.now() - (performance.now() - timeStamp);
	};
	addEventListener('click', noteClick, { capture: true });
	const context = new AudioContext();
	const module = new Blob([script], { type: 'text/javascript' });
	await context.audioWorklet.addModule(URL.createObjectURL(module));
	const marker = new AudioWorkletNode(context, 'marker', { numberOfInputs: 0 });
	marker.connect(context.destination);
	await context.resume();
	page.marker = {
		mark: () =>
			new Promise((resolve) => {
				marker.port.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
				marker.port.postMessage('mark');
			}),
		outputMs: () => context.outputLatency * 1000,
		end: () => context.close()
	};
}

/** When the first sound since the last time came, by the page's clock; waits for it. */
async function firstSoundAt(page: Page): Promise<number> {
	const giveUpAt = Date.now() + LIMIT_MS;
	while (Date.now() < giveUpAt) {
		const { samples, blockAtMs, rateHz } = await takeTabSound(page);
		const at = samples.findIndex((sample) => Math.abs(sample) > SILENCE);
		if (at === -1) {
			await sleep(50);
			continue;
		}
		const frame = Math.floor(at / 2);
		// what is in one block has come with its last sample
		const withinMs = (((frame % BLOCK) - BLOCK + 1) * 1000) / rateHz;
		return (blockAtMs[Math.floor(frame / BLOCK)] ?? 0) + withinMs;
	}
	throw new Error('nothing is heard');
}

/** Waits until nothing was heard for a while. */
async function silence(page: Page): Promise<void> {
	const giveUpAt = Date.now() + LIMIT_MS;
	for (let quietMs = 0; quietMs < 2 * PAUSE_MS; quietMs += PAUSE_MS) {
		await sleep(PAUSE_MS);
		const { samples } = await takeTabSound(page);
		if (samples.some((sample) => Math.abs(sample) > SILENCE)) quietMs = -PAUSE_MS;
		if (Date.now() > giveUpAt) throw new Error('it does not become quiet');
	}
}

/** How late the recording is: the median of some marks. */
async function recorderDelay(page: Page): Promise<number> {
	const delays: number[] = [];
	for (let i = 0; i < MARKS; i++) {
		await silence(page);
		const madeAtMs = await page.evaluate(() => (globalThis as Marked).marker?.mark());
		delays.push((await firstSoundAt(page)) - (madeAtMs ?? NaN));
	}
	return delays.sort((a, b) => a - b)[Math.floor(MARKS / 2)] ?? NaN;
}

/** From the click on a track's button to its first sound, as it is recorded. */
async function clickPlay(page: Page, title: string, pressMs: number): Promise<number> {
	await silence(page);
	await page.getByRole('button', { name: `play ${title}`, exact: true }).click({ delay: pressMs });
	// the page is not asked while it has better to do
	await sleep(UNDISTURBED_MS);
	const heardAtMs = await firstSoundAt(page);
	return heardAtMs - (await page.evaluate(() => (globalThis as Marked).clickedAtMs ?? NaN));
}

/**
 * Opens an album anew each time, with an empty cache, and plays two of its tracks.
 * @param titles of two tracks that do not follow each other
 * @param how many times, and for how long the button is held before the click
 */
export async function measureFirstSound(
	browser: Browser,
	album: string,
	titles: readonly [string, string],
	{ repetitions, pressMs }: { repetitions: number; pressMs: number }
): Promise<FirstSound> {
	const found: FirstSound = { cold: [], warm: [], recorderMs: [], outputMs: [] };
	for (let i = 0; i < repetitions; i++) {
		const { page, context } = await visit(browser);
		await allowRecorder(page);
		await page.goto(album, { waitUntil: 'networkidle' });
		await recordTab(page);
		await page.evaluate(`(${prepareMarks.toString()})(${JSON.stringify(MARKER)})`);
		const recorderMs = await recorderDelay(page);
		found.recorderMs.push(recorderMs);
		found.outputMs.push(
			await page.evaluate(async () => {
				const { marker } = globalThis as Marked;
				const outputMs = marker?.outputMs() ?? NaN;
				await marker?.end();
				return outputMs;
			})
		);
		const [first, second] = titles;
		found.cold.push((await clickPlay(page, first, pressMs)) - recorderMs);
		// whatever it has come to by now
		await page.getByRole('button', { name: 'pause', exact: true }).click();
		found.warm.push((await clickPlay(page, second, pressMs)) - recorderMs);
		await context.close();
	}
	return found;
}
