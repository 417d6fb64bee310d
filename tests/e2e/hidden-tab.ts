import assert from 'node:assert/strict';
import { chromium, type Page } from 'playwright';
import { freePort } from '../free-port.ts';
import { openBrowser } from './browser.ts';

/** A browser whose tabs can be hidden. */
export interface HidingBrowser {
	open(): Promise<Page>;
	/** puts another tab in front of this one */
	hide(page: Page): Promise<void>;
	close(): Promise<void>;
}

/** What playwright adds so that a tab behind another one is as quick as the one in front. */
const AS_IF_SEEN = [
	'--disable-background-timer-throttling',
	'--disable-backgrounding-occluded-windows',
	'--disable-renderer-backgrounding'
];

/**
 * Opens a browser that treats tabs nobody sees as it does for everybody: their timers run once a
 * second. Playwright lets every tab believe it is seen, unless it joins a browser that runs already.
 */
export async function openHiding(): Promise<HidingBrowser> {
	const port = await freePort();
	const launched = await openBrowser({
		isWhole: true,
		arguments: [`--remote-debugging-port=${port}`],
		without: AS_IF_SEEN
	});
	const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
	const [context] = browser.contexts();
	assert.ok(context);
	const front = await context.newPage();
	return {
		open: () => context.newPage(),
		async hide(page) {
			await front.bringToFront();
			const giveUpAt = Date.now() + 5_000;
			while ((await page.evaluate(() => document.visibilityState)) !== 'hidden') {
				assert.ok(Date.now() < giveUpAt, 'the tab is still seen');
			}
		},
		async close() {
			await browser.close();
			await launched.close();
		}
	};
}
