import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright';

/** What stands in one line stands on one line: where the words of each element of it end below, in px. */
export async function assertLevel(line: Locator): Promise<void> {
	const bottoms = await line.evaluate((element) => {
		const range = document.createRange();
		const below = element.getBoundingClientRect().bottom;
		return [...element.childNodes].flatMap((node) => {
			range.selectNodeContents(node);
			const { bottom, width } = range.getBoundingClientRect();
			// what has no room is cut off below
			return width > 0 && node.textContent?.trim() && bottom <= below ? [bottom] : [];
		});
	});
	assert.ok(bottoms.length > 1, 'there is something to compare');
	const apart = Math.max(...bottoms) - Math.min(...bottoms);
	assert.ok(apart < 1, `${apart} px apart: ${await line.innerText()}`);
}

const boxOf = async (part: Locator) => {
	const box = await part.boundingBox();
	assert.ok(box, `${String(part)} is not drawn`);
	return box;
};

/** Parts stand beside each other, in this order, so many px apart. */
export async function assertBeside(
	parts: Locator[],
	{ from, to }: { from: number; to: number }
): Promise<void> {
	const boxes = await Promise.all(parts.map(boxOf));
	for (const [index, box] of boxes.slice(1).entries()) {
		const before = boxes[index];
		assert.ok(before);
		const gap = box.x - before.x - before.width;
		assert.ok(gap >= from && gap <= to, `${gap} px between ${String(parts[index])} and the next`);
		const middles = [before, box].map(({ y, height }) => y + height / 2);
		assert.ok(
			Math.abs((middles[0] ?? 0) - (middles[1] ?? 0)) < 2,
			`${String(parts[index])} is in its row`
		);
	}
}

/** A title has the whole of a row that nothing else needs: in letters of its line. */
export async function assertTitleRoom(page: Page, letters: number): Promise<void> {
	const words = page.locator('li.row .words').first();
	const room = await words.evaluate((element) => {
		const canvas = new OffscreenCanvas(1, 1).getContext('2d');
		const { fontSize, fontFamily } = getComputedStyle(element);
		if (canvas) canvas.font = `${fontSize} ${fontFamily}`;
		return element.clientWidth / (canvas?.measureText('m').width ?? NaN);
	});
	assert.ok(room >= letters, `${room.toFixed(1)} letters`);
}
