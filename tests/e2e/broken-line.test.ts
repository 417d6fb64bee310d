import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CDPSession, Page, Request } from 'playwright';
import { makeProfile, openBrowser, published, signIn, visit } from './browser.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';

const MEGABYTE = 1e6;

describe('an upload on a bad line', () => {
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

	const setLine = (offline: boolean, bytesPerSecond: number) =>
		line.send('Network.emulateNetworkConditions', {
			offline,
			latency: 5,
			downloadThroughput: -1,
			uploadThroughput: bytesPerSecond
		});

	/** Some 40 MB of sound, sent at a pace at which something can happen on the way. */
	async function beginUpload(name: string, frequencyHz: number): Promise<string> {
		const file = path.join(dir, name);
		await makeAudio(file, { seconds: 240, frequencyHz });
		await page.goto(`${product.url}/portal`);
		await setLine(false, 8 * MEGABYTE);
		await page.getByLabel('audio file').setInputFiles(file);
		await page.getByRole('button', { name: 'upload', exact: true }).click();
		await page
			.getByText(/\d MB of 42\.\d MB/)
			.first()
			.waitFor();
		await page.waitForTimeout(1_500);
		return file;
	}

	it('goes on by itself when the line is back, and never calls that a failure', async () => {
		await beginUpload('tunnel.wav', 120);
		await setLine(true, -1);
		await page
			.getByRole('region', { name: 'notifications' })
			.getByText('connection lost')
			.waitFor();
		await setLine(false, -1);
		await published(page, 'tunnel');
		assert.equal(await page.getByText('not published').count(), 0);
	});

	it('goes on where it stopped when the same file is chosen again after a reload', async () => {
		const file = await beginUpload('bridge.wav', 130);
		// the browser asks whether to leave, as the upload is under way
		page.once('dialog', (dialog) => void dialog.accept());
		await page.reload();
		await setLine(false, -1);
		await page.getByText('choose the same file again to go on where it stopped').waitFor();
		const parts = watchParts(page);
		await page.getByLabel('audio file').setInputFiles(file);
		await page.getByRole('button', { name: 'upload', exact: true }).click();
		await published(page, 'bridge');
		const { size } = await stat(file);
		const [first] = parts;
		assert.ok(first && first.offset > MEGABYTE && first.offset < size, JSON.stringify(parts));
		assert.equal(await page.getByRole('link', { name: 'bridge', exact: true }).count(), 1);
	});

	it('is told how it ends even where no stream of events gets through', async () => {
		await page.route('**/api/uploads/events', (route) => route.abort());
		const file = path.join(dir, 'wall.wav');
		await makeAudio(file, { seconds: 5, frequencyHz: 140 });
		await page.goto(`${product.url}/portal`);
		await page.getByLabel('audio file').setInputFiles(file);
		await page.getByRole('button', { name: 'upload', exact: true }).click();
		await published(page, 'wall');
	});

	it('leaves the page and the sound alone when a link is followed without a line', async () => {
		await page.unroute('**/api/uploads/events');
		await page.goto(product.url);
		await page.getByRole('button', { name: 'play wall' }).click();
		const player = page.getByRole('region', { name: 'player' });
		await player.getByRole('button', { name: 'pause' }).waitFor();
		await setLine(true, -1);
		await page.getByRole('link', { name: 'bridge', exact: true }).click();
		await page.getByText('you are offline: that page can be opened').waitFor();
		assert.equal(new URL(page.url()).pathname, '/');
		await player.getByRole('link', { name: 'wall' }).waitFor();
		await setLine(false, -1);
		await page.getByRole('link', { name: 'bridge', exact: true }).click();
		await page.getByRole('heading', { name: 'bridge' }).waitFor();
	});

	it('gives back what was written when the file turns out to be none', async () => {
		await page.goto(`${product.url}/portal`);
		await page.getByLabel('description').fill('worth keeping');
		await page.getByLabel('audio file').setInputFiles({
			name: 'notes.wav',
			mimeType: 'audio/wav',
			buffer: Buffer.from('only words. '.repeat(2_000))
		});
		await page.getByRole('button', { name: 'upload', exact: true }).click();
		await page
			.getByRole('alert')
			.getByText(/this is text, not audio/)
			.waitFor();
		assert.equal(await page.getByLabel('description').inputValue(), 'worth keeping');
		assert.equal(await page.getByLabel('title').inputValue(), 'notes');
	});
});

function watchParts(page: Page): { offset: number }[] {
	const parts: { offset: number }[] = [];
	page.on('request', (request: Request) => {
		if (request.method() !== 'PATCH') return;
		parts.push({ offset: Number(request.headers()['upload-offset']) });
	});
	return parts;
}
