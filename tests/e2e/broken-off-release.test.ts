import assert from 'node:assert/strict';
import { stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page, Request } from 'playwright';
import { assertAccessible } from './axe.ts';
import { signIn, visit } from './browser.ts';
import { openProductDatabase } from './product-database.ts';
import type { RunningProduct } from './running-product.ts';
import { DENSE, makeAudio } from './sample-files.ts';
import { noteSending, openUploadLine, type UploadLine } from './upload-line.ts';
import { chooseFiles, draftOpens, publish, ready, rowsOf } from './upload-pages.ts';

/** of dense sound: 21.1 MB */
const DENSE_S = 27.5;

describe('a release that was published while its files were on their way', () => {
	let site: UploadLine;
	let product: RunningProduct;
	let browser: Browser;
	let page: Page;
	let dir: string;

	before(async () => {
		// what has arrived does not wait long for what nobody sends
		site = await openUploadLine({ RELEASE_WAIT_SECONDS: '5' });
		({ product, browser, page, dir } = site);
	});

	after(() => site.close());

	const filesOn = (of: Page) => of.getByLabel('files', { exact: true });

	async function makeFiles(names: string[], frequencyHz: number): Promise<string[]> {
		const files = names.map((name) => path.join(dir, name));
		for (const [index, file] of files.entries()) {
			const sound = { seconds: DENSE_S, frequencyHz: frequencyHz + index * 10 };
			await makeAudio(file, sound, ...DENSE);
		}
		return files;
	}

	/** Publishes files while they are on their way, and leaves them there. */
	async function publishAndReload(files: string[]): Promise<void> {
		await page.goto(`${product.url}/upload`);
		await site.setLine(false, 4e6);
		await chooseFiles(page, files);
		await draftOpens(page);
		await rowsOf(page)
			.getByText(/\d MB of 21\.\d MB/)
			.first()
			.waitFor();
		await publish(page);
		await page.waitForTimeout(1_500);
		await site.reload();
	}

	const allPublished = (of: Page) =>
		of.getByRole('heading', { name: /(?:is|are) published/ }).waitFor({ timeout: 60_000 });

	const assertWentOn = (offsets: number[]) =>
		assert.ok(offsets.length > 0 && offsets.every((offset) => offset > 0), offsets.join());

	it('has told the server of every file before the first byte is sent', async () => {
		const files = [];
		for (let n = 0; n < 5; n++) {
			files.push(path.join(dir, `early ${n}.wav`));
			await makeAudio(files[n] ?? '', { seconds: 2, frequencyHz: 700 + n * 10 });
		}
		const order: string[] = [];
		const note = (request: Request) => {
			if (request.url().includes('/api/uploads/tus')) order.push(request.method());
		};
		page.on('request', note);
		await page.goto(`${product.url}/upload`);
		await chooseFiles(page, files);
		await draftOpens(page);
		await ready(page, 5);
		page.off('request', note);
		const beginnings = order.slice(0, 5);
		assert.deepEqual(beginnings, Array<string>(5).fill('POST'), order.join());
	});

	it('names what is missing and goes on with it, takes in what was never begun, and nothing else', async () => {
		const files = await makeFiles(['dawn.wav', 'dusk.wav', 'noon.wav'], 200);
		let beginnings = 0;
		await page.route('**/api/uploads/tus', (route) => {
			if (route.request().method() !== 'POST' || ++beginnings <= 2) return route.fallback();
			return route.abort();
		});
		await publishAndReload(files);
		await page.unroute('**/api/uploads/tus');
		const releasePath = new URL(page.url()).pathname;
		await page.getByRole('heading', { name: '3 files are not all here' }).waitFor();
		await page.getByText(/MB of the 21\.\d MB of dawn\.wav are here/).waitFor();
		await page.getByText(/of dusk\.wav are here/).waitFor();
		await page.getByText('noon.wav has not begun to arrive').waitFor();
		assert.equal(
			await page
				.locator('main')
				.getByText(/fail|went wrong/)
				.count(),
			0
		);
		await assertAccessible(page);

		const other = path.join(dir, 'other.wav');
		await makeAudio(other, { seconds: 2, frequencyHz: 300 });
		const words = { name: 'words.txt', mimeType: 'text/plain', buffer: Buffer.from('words') };
		await filesOn(page).setInputFiles(words);
		await page.getByText('words.txt is not audio').waitFor();
		await page.getByRole('button', { name: 'dismiss' }).click();
		assert.equal(await page.getByText('words.txt is not audio').count(), 0);

		const sent = noteSending(page);
		await filesOn(page).setInputFiles([...files, other]);
		await page.getByText('other.wav is not one of the files this release waits for').waitFor();
		await assertAccessible(page);
		await allPublished(page);
		assert.equal(new URL(page.url()).pathname, releasePath);
		assert.equal(sent.begun, 1, 'the one that was never begun, and no other');
		assertWentOn(sent.offsets.filter((offset) => offset > 0));
		assert.equal(sent.offsets.filter((offset) => offset === 0).length, 1);
		assert.equal(await page.getByText('published', { exact: true }).count(), 3);

		await page.getByRole('button', { name: 'publish it with this release' }).click();
		await page.getByText('published', { exact: true }).nth(3).waitFor({ timeout: 60_000 });
		assert.equal(await page.getByText('is not one of the files').count(), 0);
	});

	it('goes on in another browser, and never with a file that was changed meanwhile', async () => {
		const files = await makeFiles(['north.wav', 'south.wav'], 500);
		await publishAndReload(files);
		const { page: elsewhere } = await visit(browser);
		await signIn(elsewhere, product.url, 'bob');
		await elsewhere.goto(page.url());
		await elsewhere.getByRole('heading', { name: '2 files are not all here' }).waitFor();
		const database = await openProductDatabase(product);
		await database`update releases set published_at = now() - interval '25 hours'`;
		await database.end();
		await elsewhere.reload();
		const late = path.join(dir, 'late.wav');
		await makeAudio(late, { seconds: 2, frequencyHz: 600 });
		const [, south = ''] = files;
		const { mtime } = await stat(south);
		await utimes(south, mtime, new Date(mtime.getTime() + 60_000));
		const sent = noteSending(elsewhere);
		await filesOn(elsewhere).setInputFiles([...files, late]);
		// asked for early: the browser has to hear that the chooser is ours
		const chooser = elsewhere.waitForEvent('filechooser');
		await elsewhere.getByText('south.wav was changed since it was begun').waitFor();
		await elsewhere.getByText(/^late\.wav .* published more than a day ago/).waitFor();
		await elsewhere.getByRole('heading', { name: 'one file is not all here' }).waitFor();
		await utimes(south, mtime, mtime);
		// by the keyboard: the button opens the browser's own chooser
		const button = elsewhere.getByRole('button', { name: 'choose files' });
		await button.focus();
		await elsewhere.keyboard.press('Enter');
		await (await chooser).setFiles(south);
		await elsewhere.getByRole('heading', { name: 'not all here' }).waitFor({ state: 'detached' });
		assert.equal(await elsewhere.evaluate(() => document.activeElement?.tagName), 'H1');
		await allPublished(elsewhere);
		assert.equal(sent.begun, 0);
		assertWentOn(sent.offsets);
	});

	it('goes on when the same files are brought to the upload page again, of any browser', async () => {
		const files = await makeFiles(['east.wav', 'west.wav'], 400);
		await publishAndReload(files);
		const releasePath = new URL(page.url()).pathname;
		const [east = '', west = ''] = files;
		const { page: elsewhere } = await visit(browser);
		await signIn(elsewhere, product.url, 'bob');
		for (const [window, file] of [
			[elsewhere, east],
			[page, west]
		] as const) {
			const sent = noteSending(window);
			await window.goto(`${product.url}/upload`);
			await window.getByRole('link', { name: /east and 1 more.*not all here/ }).waitFor();
			await chooseFiles(window, file);
			await window.waitForURL(`${product.url}${releasePath}`);
			const name = path.basename(file, '.wav');
			const row = window.getByRole('listitem').filter({ hasText: name });
			await row.getByText('published', { exact: true }).waitFor({ timeout: 60_000 });
			assert.equal(sent.begun, 0, 'the upload is the one that was begun');
			assertWentOn(sent.offsets);
		}
		await allPublished(page);
	});
});
