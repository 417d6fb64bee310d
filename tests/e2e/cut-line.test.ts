import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import { Random } from '../../dev/music/random.ts';
import { makeProfile, openBrowser, published, signIn, visit } from './browser.ts';
import { type Cut, type DroppingProxy, startDroppingProxy } from './dropping-proxy.ts';
import { errorsOf, type RunningProduct, startProduct } from './running-product.ts';
import { listRecords } from './records.ts';
import { DENSE, makeAudio } from './sample-files.ts';
import { beginRelease, publish, ready, rowsOf } from './upload-pages.ts';

/** `CUT_SEED=7 npm test -- cut-line` cuts at other places. */
const seed = process.env['CUT_SEED'] ?? '1';
const CUTS = 20;
/** of dense sound: 200 MB */
const SECONDS = 262;
const MEGABYTE = 1e6;
const ARRIVAL_LIMIT_MS = 150_000;

describe('an upload on a line that is cut again and again', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let proxy: DroppingProxy;
	let product: RunningProduct;
	let page: Page;
	let file: string;

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-e2e-files-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		file = path.join(dir, 'cable.wav');
		// a pitch whose waves fall on other samples every time: no stretch is like another
		await makeAudio(file, { seconds: SECONDS, frequencyHz: 123.4567 }, ...DENSE);
		proxy = await startDroppingProxy();
		cleanups.push(() => proxy.close());
		product = await startProduct({ PUBLIC_URL: proxy.url });
		cleanups.push(() => product.stop());
		proxy.leadTo(Number(new URL(product.url).port));
		const browser = await openBrowser();
		cleanups.push(() => browser.close());
		({ page } = await visit(browser));
		await signIn(page, proxy.url, 'carol');
		await makeProfile(page, 'carol');
	});

	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	it(`arrives whole by itself, and next to nothing is sent twice (seed ${seed})`, async (t) => {
		const { size: fileBytes } = await stat(file);
		assert.ok(fileBytes > 200 * MEGABYTE, `${fileBytes}`);
		const cuts = drawCuts(fileBytes);
		proxy.cutAt(cuts);
		const startedAtMs = performance.now();
		const secondsSoFar = () => Math.round((performance.now() - startedAtMs) / 1000);
		await beginRelease(page, proxy.url, [file]);
		await noteWords(page);
		await rowsOf(page)
			.getByText(/^(?:has arrived|checking)$/)
			.waitFor({ timeout: ARRIVAL_LIMIT_MS });
		const overhead = proxy.sentBytes() / fileBytes - 1;
		const sent = `${proxy.sentBytes()} bytes sent of ${fileBytes}`;
		const again = `${(100 * overhead).toFixed(2)} % again`;
		t.diagnostic(`seed ${seed}: ${proxy.cutsMade()} cuts, ${sent}, ${again}`);
		t.diagnostic(`${secondsSoFar()} s until all was there`);
		const words = await wordsOf(page);
		assert.equal(proxy.cutsMade(), CUTS);
		assert.ok(overhead < 0.05, `${(100 * overhead).toFixed(2)} % were sent again`);
		assert.ok(words.some((text) => text.includes('connection lost. it goes on by itself')));
		assert.deepEqual(
			words.filter((text) => /fail|not published|not all here|cannot|try again/.test(text)),
			[]
		);
	});

	it('is published as exactly the file it was', async () => {
		await ready(page, 1);
		await publish(page);
		await page.getByRole('link', { name: /home$/ }).click();
		await published(page, 'cable');
		const records = await listRecords(product, 'carol.test', 'track');
		const sha256 = await sha256Of(createReadStream(file));
		const audioUrl = `${proxy.url}/audio/${sha256.slice(0, 16)}`;
		assert.deepEqual(
			records.map(({ value }) => value['audioUrl']),
			[audioUrl]
		);
		const audio = await fetch(audioUrl);
		assert.equal(await sha256Of(audio.body ?? []), sha256);
		assert.equal(errorsOf(product), '');
	});
});

/**
 * Anywhere in the file, two of them next to each other and one near its end. After every fifth
 * nobody gets through for a while, so that the first attempt to go on fails, too.
 */
function drawCuts(fileBytes: number): Cut[] {
	const random = new Random(`${seed} cuts`);
	const place = (from: number, to: number) => Math.floor(random.between(from, to));
	const offsets = Array.from({ length: CUTS - 2 }, () => place(1, 0.99 * fileBytes));
	offsets.push((offsets[0] ?? 0) + place(1, 10_000), place(0.99 * fileBytes, fileBytes));
	return offsets.map((offsetBytes, index) => ({
		offsetBytes,
		goneMs: index % 5 === 0 ? 2_500 : 0
	}));
}

async function sha256Of(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of chunks) hash.update(chunk);
	return hash.digest('hex');
}

/** From here on everything the page says about the upload is kept, without its numbers. */
const noteWords = (page: Page) =>
	page.evaluate(() => {
		const words = new Set<string>();
		const note = () => {
			for (const part of document.querySelectorAll(
				'main ol > li, main [role=alert], [aria-label=notifications]'
			)) {
				words.add(
					part.textContent
						.replace(/\d[\d.:]*/g, '#')
						.replace(/\s+/g, ' ')
						.trim()
				);
			}
		};
		note();
		new MutationObserver(note).observe(document.body, {
			subtree: true,
			childList: true,
			characterData: true
		});
		Object.assign(window, { words });
	});

const wordsOf = (page: Page): Promise<string[]> =>
	page.evaluate(() => [...(window as unknown as { words: Set<string> }).words]);
