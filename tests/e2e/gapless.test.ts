import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { type HidingBrowser, openHiding } from './hidden-tab.ts';
import { publishTrack } from './publish-track.ts';
import { type Continuity, continuityOf, recordSound, takeRecording } from './recorded-sound.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { CUTS_S, makePieces, TONE_HZ } from './seamless-pieces.ts';

const RATE_HZ = 48_000;
const LENGTH_MS = 1000 * (CUTS_S.at(-1) ?? 0);
const GAPLESS_MS = 5;
const HAND_OFF_MS = 60;

interface Format {
	extension: string;
	encode: string[];
	sampleRateHz: number;
	isGapless: boolean;
}

const FORMATS: Format[] = [
	{ extension: 'mp3', encode: ['-b:a', '192k'], sampleRateHz: 44_100, isGapless: true },
	{ extension: 'flac', encode: [], sampleRateHz: 44_100, isGapless: true },
	{ extension: 'm4a', encode: ['-b:a', '192k'], sampleRateHz: 44_100, isGapless: true },
	{ extension: 'opus', encode: ['-b:a', '128k'], sampleRateHz: 48_000, isGapless: true },
	{ extension: 'ogg', encode: ['-q:a', '6'], sampleRateHz: 44_100, isGapless: false }
];

describe('an album of five pieces that were one tone, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let hiding: HidingBrowser;
	const albums = new Map<string, string>();

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-gapless-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser({ isWhole: true });
		cleanups.push(() => browser.close());
		hiding = await openHiding();
		cleanups.push(() => hiding.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of one tone');
		const publish = async (format: Format) => {
			const { extension } = format;
			for (const [index, file] of (await makePieces(dir, format)).entries()) {
				const title = `${extension} ${index + 1}`;
				const track = await publishTrack(alice, product.url, file, { title, album: extension });
				albums.set(extension, `${product.url}/u/alice.test/album/${track.album?.slug}`);
			}
		};
		await Promise.all(FORMATS.map(publish));
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	/** Plays the album to its end. */
	async function listenTo(page: Page, { extension }: Format, whenPlaying?: () => Promise<unknown>) {
		await recordSound(page);
		await page.goto(albums.get(extension) ?? '');
		await page.getByRole('button', { name: `play ${extension} 1` }).click();
		await whenPlaying?.();
		// nothing is painted in a tab that nobody sees: it is asked, and not waited for
		const isOver = () =>
			page.evaluate(() => {
				const player = document.querySelector('section[aria-label="player"]');
				const title = player?.querySelector('a.title')?.textContent ?? '';
				return title.endsWith(' 5') && player?.querySelector('button[aria-label="play"]') !== null;
			});
		const giveUpAt = Date.now() + 60_000;
		while (!(await isOver())) {
			assert.ok(Date.now() < giveUpAt, 'it does not come to its end');
			await sleep(100);
		}
		return continuityOf(await takeRecording(page), { rateHz: RATE_HZ, toneHz: TONE_HZ });
	}

	/** What is wrong with what was heard; null: nothing. */
	function problemOf({ isGapless }: Format, heard: Continuity): string | null {
		const { longestGapMs, longestShiftMs, heardMs } = heard;
		if (longestGapMs > (isGapless ? GAPLESS_MS : HAND_OFF_MS)) return `a gap of ${longestGapMs} ms`;
		if (!isGapless) return null;
		if (longestShiftMs >= 0.2) return `${longestShiftMs} ms out of step`;
		// the recorder may miss the very first moment, but nothing was added and no joint left out
		const isWhole = heardMs < LENGTH_MS + 5 && heardMs > LENGTH_MS - 50;
		return isWhole ? null : `${heardMs} ms instead of ${LENGTH_MS}`;
	}

	function judge(test: TestContext, format: Format, heard: Continuity, where = '') {
		const { extension, isGapless } = format;
		const gap = `longest gap ${heard.longestGapMs.toFixed(1)} ms at 4 joints`;
		const shift = `${heard.longestShiftMs.toFixed(2)} ms out of step`;
		const found = `${extension}${where}: ${gap} (${isGapless ? 'gapless' : 'hand-off'}), ${shift}`;
		test.diagnostic(found);
		assert.equal(problemOf(format, heard), null, found);
	}

	async function listen(format: Format, isHidden: boolean): Promise<Continuity> {
		if (isHidden) {
			const page = await hiding.open();
			const heard = await listenTo(page, format, () => hiding.hide(page));
			await page.close();
			return heard;
		}
		const { page, context } = await visit(browser);
		const heard = await listenTo(page, format);
		await context.close();
		return heard;
	}

	for (const format of FORMATS) {
		const { extension, isGapless } = format;
		const how = isGapless ? 'without a gap' : 'with hardly any gap';
		it(`goes on ${how}, seen or hidden: ${extension}`, async (test) => {
			// what is handed over by the page itself is not to wait for another browser
			let [whenSeen, whenHidden] = isGapless
				? await Promise.all([listen(format, false), listen(format, true)])
				: [await listen(format, false), await listen(format, true)];
			// a machine busy with something else drops sound anywhere: once more, and alone
			if (problemOf(format, whenSeen)) whenSeen = await listen(format, false);
			if (problemOf(format, whenHidden)) whenHidden = await listen(format, true);
			judge(test, format, whenSeen);
			judge(test, format, whenHidden, ', hidden');
		});
	}
});
