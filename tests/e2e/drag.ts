import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright';
import { rowsOf } from './upload-pages.ts';

const STEPS = 12;

/** Drops files or folders of this machine on the middle of the page, as the system would. */
export async function dropFiles(page: Page, files: string[]): Promise<void> {
	const line = await page.context().newCDPSession(page);
	const data = { items: [], files, dragOperationsMask: 1 };
	const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
	for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
		await line.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
	}
	await line.detach();
}

/** Drags the row of a track by its handle to the place of another one. */
export async function drag(page: Page, title: string, toTitle: string): Promise<void> {
	const rowOf = (name: string) =>
		rowsOf(page).filter({ has: page.getByRole('spinbutton', { name: `place of ${name}` }) });
	const handle = rowOf(title).locator('button[title^="drag"]');
	// near an edge the page would scroll under the drag
	const window = page.viewportSize();
	await page.setViewportSize({ width: 1100, height: 2_000 });
	await rowOf(toTitle).evaluate((row) => row.scrollIntoView({ block: 'center' }));
	const from = await handle.boundingBox();
	const to = await rowOf(toTitle).boundingBox();
	assert.ok(from && to);
	await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
	await page.mouse.down();
	await page.mouse.move(from.x + from.width / 2, to.y + to.height / 3, { steps: 12 });
	await page.mouse.up();
	if (window) await page.setViewportSize(window);
}

/** Drags a row of a list by its handle to the place of another one, with a finger. */
export async function touchDrag(page: Page, row: Locator, toRow: Locator): Promise<void> {
	const line = await page.context().newCDPSession(page);
	await toRow.evaluate((element) => element.scrollIntoView({ block: 'center' }));
	const from = await row.locator('button[title^="drag"]').boundingBox();
	const to = await toRow.boundingBox();
	assert.ok(from && to);
	const x = from.x + from.width / 2;
	const [startY, endY] = [from.y + from.height / 2, to.y];
	const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
		line.send('Input.dispatchTouchEvent', {
			type,
			touchPoints: y === undefined ? [] : [{ x, y }]
		});
	await touch('touchStart', startY);
	for (let part = 1; part <= STEPS; part++) {
		await touch('touchMove', startY + ((endY - startY) * part) / STEPS);
	}
	await touch('touchEnd');
	await line.detach();
}
