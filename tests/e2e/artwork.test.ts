import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator, Page } from 'playwright';
import { makeProfile, openBrowser, ROUTED, signIn, visit, type Visit } from './browser.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio, makePicture } from './sample-files.ts';

describe('artwork, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let trackId: number;
	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-artwork-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const [song, cover] = [path.join(dir, 'song.mp3'), path.join(dir, 'cover.png')];
		await makeAudio(song, { seconds: 5, frequencyHz: 220 });
		await makePicture(cover);
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice');
		trackId = await publish(alice, song, cover);
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	async function publish({ context, page }: Visit, song: string, cover: string): Promise<number> {
		const { request } = context;
		const headers = { origin: product.url };
		const file = { name: 'song.mp3', mimeType: 'audio/mpeg', buffer: await readFile(song) };
		const image = { name: 'cover.png', mimeType: 'image/png', buffer: await readFile(cover) };
		const multipart = { title: 'a test card', file, image };
		const sent = await request.post(`${product.url}/api/tracks/`, { headers, multipart });
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		for (;;) {
			const answer = await request.get(`${product.url}/api/tracks/uploads/${id}`);
			const state = (await answer.json()) as { track_id: number | null; error: string | null };
			assert.equal(state.error, null);
			if (state.track_id !== null) return state.track_id;
			await page.waitForTimeout(200);
		}
	}

	const picture = (page: Page) => page.locator('main picture img').first();
	/** Waits until it is there. @returns where it came from */
	const loaded = (image: Locator): Promise<string> =>
		image.evaluate(async (img: HTMLImageElement) => {
			await img.decode();
			return img.currentSrc;
		});

	it('shows its colours at once, takes its place, and moves nothing when it comes', async () => {
		const { context, page, complaints } = await visit(browser, ROUTED);
		let letGo: () => void = () => undefined;
		const held = new Promise<void>((resolve) => (letGo = resolve));
		await page.route('**/images/**', async (route) => {
			await held;
			await route.continue();
		});
		await page.goto(product.url, { waitUntil: 'domcontentloaded' });
		const before = await picture(page).boundingBox();
		assert.deepEqual([before?.width, before?.height], [56, 56]);
		const behind = page.locator('main .artwork svg');
		assert.match((await behind.locator('rect').getAttribute('fill')) ?? '', /^#[0-9a-f]{6}$/);
		const tiny = await behind.locator('image').getAttribute('href');
		assert.match(tiny ?? '', /^data:image\/webp;base64,/);
		const shot = await page.locator('main .artwork').screenshot();
		assert.ok((await coloursIn(page, shot)) > 20, 'the blurred picture is to be seen');

		letGo();
		await loaded(picture(page));
		assert.deepEqual(await picture(page).boundingBox(), before);
		const shifted = await page.evaluate(
			() =>
				new Promise((resolve) => {
					new PerformanceObserver((list) => resolve(list.getEntries().length)).observe({
						type: 'layout-shift',
						buffered: true
					});
					setTimeout(() => resolve(0), 300);
				})
		);
		assert.equal(shifted, 0);
		assert.deepEqual(complaints, []);
		await context.close();
	});

	it('comes as small as its place and as fine as the screen', async () => {
		const cases = [
			{ scale: 1, path: '/', size: 96 },
			{ scale: 2, path: '/', size: 320 },
			{ scale: 1, path: `/track/${trackId}`, size: 640 },
			{ scale: 2, path: `/track/${trackId}`, size: 1200 }
		];
		for (const { scale, path: address, size } of cases) {
			const { context, page, complaints } = await visit(browser, { deviceScaleFactor: scale });
			await page.goto(product.url + address);
			const from = await loaded(picture(page));
			assert.match(from, new RegExp(`size=${size}&format=avif$`), `${address} at ${scale}`);
			assert.deepEqual(complaints, []);
			await context.close();
		}
	});

	it('is said in words where nothing beside it says what it is', async () => {
		const { context, page } = await visit(browser, { javaScriptEnabled: false });
		await page.goto(`${product.url}/track/${trackId}`);
		await page.getByRole('img', { name: 'artwork of a test card' }).waitFor();
		await page.goto(product.url);
		assert.equal(await picture(page).getAttribute('alt'), '');
		await context.close();
	});
});

/** How many different colours a screenshot has. */
const coloursIn = (page: Page, png: Buffer): Promise<number> =>
	page.evaluate(async (base64) => {
		const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
		const bitmap = await createImageBitmap(new Blob([bytes]));
		const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
		const drawing = canvas.getContext('2d');
		drawing?.drawImage(bitmap, 0, 0);
		const { data } = drawing?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
		const colours = new Set<string>();
		for (let at = 0; at < data.length; at += 4) colours.add(data.slice(at, at + 3).join());
		return colours.size;
	}, png.toString('base64'));
