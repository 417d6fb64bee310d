import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { openHiding } from './hidden-tab.ts';
import { publishTrack } from './publish-track.ts';
import { continuityOf, recordSound, takeRecording } from './recorded-sound.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { CUTS_S, makePieces, TONE_HZ } from './seamless-pieces.ts';

const RATE_HZ = 48_000;
const LENGTH_MS = 1000 * (CUTS_S.at(-1) ?? 0);

interface Format {
	extension: string;
	encode: string[];
	sampleRateHz: number;
	isGapless: boolean;
}

const FORMATS: Format[] = [
	{ extension: 'mp3', encode: ['-b:a', '192k'], sampleRateHz: 44_100, isGapless: true },
	{ extension: 'ogg', encode: ['-q:a', '6'], sampleRateHz: 44_100, isGapless: false }
];

describe('an album of five pieces that were one tone, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	const albums = new Map<string, string>();

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-gapless-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of one tone');
		for (const format of FORMATS) {
			const { extension } = format;
			for (const [index, file] of (await makePieces(dir, format)).entries()) {
				const title = `${extension} ${index + 1}`;
				const track = await publishTrack(alice, product.url, file, { title, album: extension });
				albums.set(extension, `${product.url}/u/alice.test/album/${track.album?.slug}`);
			}
		}
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	/** Plays the album to its end. */
	async function listenTo(page: Page, { extension }: Format, whenPlaying?: () => Promise<unknown>) {
		await page.goto(albums.get(extension) ?? '');
		await page.getByRole('button', { name: `play ${extension} 1` }).click();
		await whenPlaying?.();
		const isOver = () =>
			page.evaluate(() => {
				const player = document.querySelector('section[aria-label="player"]');
				const title = player?.querySelector('a')?.textContent ?? '';
				return title.includes(' 5') && player?.querySelector('button[aria-label="play"]') !== null;
			});
		const giveUpAt = Date.now() + 30_000;
		while (!(await isOver())) {
			assert.ok(Date.now() < giveUpAt, 'it does not come to its end');
			await sleep(100);
		}
		return continuityOf(await takeRecording(page), { rateHz: RATE_HZ, toneHz: TONE_HZ });
	}

	function judge(format: Format, heard: Awaited<ReturnType<typeof listenTo>>, where: string) {
		const { extension, isGapless } = format;
		const { longestGapMs, longestShiftMs, heardMs } = heard;
		console.log(
			`${extension}${where}: longest gap ${longestGapMs.toFixed(1)} ms at 4 joints (${isGapless ? 'gapless' : 'hand-off'}), ` +
				`shifted by ${longestShiftMs.toFixed(2)} ms at most, ${(heardMs - LENGTH_MS).toFixed(0)} ms longer than it is`
		);
		assert.ok(longestGapMs <= (isGapless ? 5 : 60));
		if (isGapless) {
			assert.ok(Math.abs(heardMs - LENGTH_MS) <= 5);
			assert.ok(longestShiftMs < 0.2);
		}
	}

	for (const format of FORMATS) {
		it(`goes on without a gap: ${format.extension}`, async () => {
			const { page, context } = await visit(browser);
			await recordSound(page);
			judge(format, await listenTo(page, format), '');
			await context.close();
		});
	}

	it('goes on without a gap in a tab that nobody sees', async () => {
		const hiding = await openHiding();
		try {
			for (const format of FORMATS) {
				const page = await hiding.open();
				await recordSound(page);
				const heard = await listenTo(page, format, () => hiding.hide(page));
				judge(format, heard, ', hidden');
				await page.close();
			}
		} finally {
			await hiding.close();
		}
	});
});
