import assert from 'node:assert/strict';
import path from 'node:path';
import type { Page } from 'playwright';
import { assertAccessible } from './axe.ts';

/** A small phone, and a laptop. */
const WINDOWS = [
	{ width: 360, height: 740 },
	{ width: 1280, height: 800 }
];
/** The laptop's window, where everything is twice as large. */
const ZOOMED = { width: 640, height: 400 };

/**
 * Looks at a page as it is now, in small and in large, with what axe has to say; nothing is wider
 * than the window, also at 200 %. `isPlain`: the page is without scripts, where axe cannot run. With `SCREENSHOTS=<folder>` the pictures are kept in there.
 */
export async function look(
	page: Page,
	name: string,
	{ isPlain = false }: { isPlain?: boolean } = {}
): Promise<void> {
	const folder = process.env['SCREENSHOTS'];
	const before = page.viewportSize();
	for (const size of WINDOWS) {
		await page.setViewportSize(size);
		await assertFits(page, name);
		if (!isPlain) await assertAccessible(page);
		if (!folder) continue;
		const file = path.join(folder, `${name}-${size.width}.png`);
		await page.screenshot({ path: file, fullPage: true });
	}
	await page.setViewportSize(ZOOMED);
	await assertFits(page, `${name} at 200 %`);
	if (before) await page.setViewportSize(before);
}

/** Nothing on the page is wider than the window as it is now. */
export async function assertFits(page: Page, name: string): Promise<void> {
	const { overflow, width } = await page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		return { overflow: scrollWidth - clientWidth, width: clientWidth };
	});
	assert.equal(overflow, 0, `${name} fits into ${width} px`);
}
