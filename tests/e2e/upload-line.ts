import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page, Request } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

/** The product, and a window of an artist's whose line can be made slow or cut. */
export interface UploadLine {
	product: RunningProduct;
	browser: Browser;
	page: Page;
	/** for the files that are sent */
	dir: string;
	/** Lets so many bytes a second through, to the server; -1: as many as come. */
	setLine(offline: boolean, bytesPerSecond: number): Promise<void>;
	/** Loads the page anew while something is under way, on a line that is whole again. */
	reload(): Promise<void>;
	close(): Promise<void>;
}

/**
 * Starts all of it, signed in as bob. Call `close` in `after`.
 * @param changes to the environment of the product
 */
export async function openUploadLine(changes: Record<string, string> = {}): Promise<UploadLine> {
	const cleanups: (() => Promise<unknown>)[] = [];
	const close = async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	};
	try {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-e2e-files-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const product = await startProduct(changes);
		cleanups.push(() => product.stop());
		const browser = await openBrowser({ isWhole: true });
		cleanups.push(() => browser.close());
		const { page } = await visit(browser);
		const line = await page.context().newCDPSession(page);
		await signIn(page, product.url, 'bob');
		await makeProfile(page, 'bob');
		const setLine = async (offline: boolean, bytesPerSecond: number) => {
			await line.send('Network.emulateNetworkConditions', {
				offline,
				latency: 5,
				downloadThroughput: -1,
				uploadThroughput: bytesPerSecond
			});
		};
		const reload = async () => {
			// the browser asks whether to leave, as something is under way
			page.once('dialog', (dialog) => void dialog.accept());
			await page.reload();
			await setLine(false, -1);
		};
		return { product, browser, page, dir, setLine, reload, close };
	} catch (cause) {
		await close();
		throw cause;
	}
}

/** What a page sends from here on: how many uploads are begun, and where each part begins. */
export function noteSending(page: Page): { begun: number; offsets: number[] } {
	const sent: { begun: number; offsets: number[] } = { begun: 0, offsets: [] };
	page.on('request', (request: Request) => {
		if (!request.url().includes('/api/uploads/tus')) return;
		if (request.method() === 'POST') sent.begun += 1;
		if (request.method() === 'PATCH') {
			sent.offsets.push(Number(request.headers()['upload-offset']));
		}
	});
	return sent;
}
