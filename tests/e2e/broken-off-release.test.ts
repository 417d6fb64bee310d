import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CDPSession, Page, Request } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { draftOpens, publish, rowsOf } from './upload-pages.ts';

describe('a release that was published while its files were on their way', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let page: Page;
	let line: CDPSession;
	let dir: string;

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-e2e-files-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		const browser = await openBrowser();
		cleanups.push(() => browser.close());
		({ page } = await visit(browser));
		line = await page.context().newCDPSession(page);
		await signIn(page, product.url, 'bob');
		await makeProfile(page, 'bob');
	});

	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const setPace = (bytesPerSecond: number) =>
		line.send('Network.emulateNetworkConditions', {
			offline: false,
			latency: 5,
			downloadThroughput: -1,
			uploadThroughput: bytesPerSecond
		});

	async function publishAndReload(names: string[], frequencyHz: number): Promise<string[]> {
		const files = names.map((name) => path.join(dir, name));
		for (const [index, file] of files.entries()) {
			await makeAudio(file, { seconds: 120, frequencyHz: frequencyHz + index * 10 });
		}
		await page.goto(`${product.url}/upload`);
		await setPace(4e6);
		await page.getByLabel('files', { exact: true }).setInputFiles(files);
		await draftOpens(page);
		await rowsOf(page)
			.getByText(/\d MB of 21\.\d MB/)
			.first()
			.waitFor();
		await publish(page);
		await page.waitForTimeout(1_500);
		page.once('dialog', (dialog) => void dialog.accept());
		await page.reload();
		await setPace(-1);
		await page.getByText('choose the same files again to go on where they stopped').waitFor();
		return files;
	}

	async function assertGoesOn(again: () => Promise<void>): Promise<void> {
		const releasePath = new URL(page.url()).pathname;
		const begun: string[] = [];
		const offsets: number[] = [];
		const note = (request: Request) => {
			if (!request.url().includes('/api/uploads/tus')) return;
			if (request.method() === 'POST') begun.push(request.url());
			if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
		};
		page.on('request', note);
		await again();
		await page.getByRole('heading', { name: /(?:is|are) published/ }).waitFor({ timeout: 60_000 });
		page.off('request', note);
		assert.equal(new URL(page.url()).pathname, releasePath);
		assert.deepEqual(begun, [], 'every upload is the one that was begun');
		assert.ok(offsets.length > 0 && offsets.every((offset) => offset > 0), offsets.join());
	}

	it('goes on when the same files are chosen on its page, and refuses others', async () => {
		const files = await publishAndReload(['dawn.wav', 'dusk.wav'], 200);
		const other = path.join(dir, 'other.wav');
		await makeAudio(other, { seconds: 2, frequencyHz: 300 });
		await page.getByLabel('files', { exact: true }).setInputFiles(other);
		await page.getByText('is not one of the files this release waits for').waitFor();
		await assertGoesOn(() => page.getByLabel('files', { exact: true }).setInputFiles(files));
	});

	it('goes on when the same files are brought to the upload page again', async () => {
		const files = await publishAndReload(['east.wav', 'west.wav'], 400);
		await assertGoesOn(async () => {
			await page.goto(`${product.url}/upload`);
			await page.getByLabel('files', { exact: true }).setInputFiles(files);
			await page.waitForURL(/\/upload\/.+/);
		});
	});
});
