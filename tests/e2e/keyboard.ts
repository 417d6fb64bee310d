import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright';

const MOST_STOPS = 80;

/**
 * Goes on with Tab until something has the focus. Every stop on the way can be seen: it has a ring,
 * and nothing lies over it.
 */
export async function tabTo(
	page: Page,
	target: Locator,
	key: 'Tab' | 'Shift+Tab' = 'Tab'
): Promise<void> {
	const stops: string[] = [];
	// in a page that was just opened, the first Tab may only bring the focus from the browser into it
	const isFresh = await page.evaluate(() => document.activeElement === document.body);
	while (stops.length < MOST_STOPS) {
		await page.keyboard.press(key);
		let { problem, name } = await page.evaluate(focusProblem);
		if (isFresh && stops.length === 0 && problem !== null) {
			await page.keyboard.press(key);
			({ problem, name } = await page.evaluate(focusProblem));
		}
		stops.push(name);
		assert.equal(problem, null, `on the way to ${String(target)}:\n${stops.join('\n')}`);
		if (await hasFocus(target)) return;
	}
	assert.fail(`the keyboard does not come to ${String(target)}:\n${stops.join('\n')}`);
}

/** Goes to something with Tab, and presses Enter. */
export async function enter(page: Page, target: Locator): Promise<void> {
	await tabTo(page, target);
	await page.keyboard.press('Enter');
}

/** What has the focus has a ring, and nothing lies over it. */
export async function assertFocusSeen(page: Page): Promise<void> {
	const { problem, name } = await page.evaluate(focusProblem);
	assert.equal(problem, null, name);
}

export const hasFocus = (target: Locator): Promise<boolean> =>
	target.evaluateAll((found) => found.some((element) => element === document.activeElement));

/** Runs in the page: what is wrong with what has the focus. */
function focusProblem(): { problem: string | null; name: string } {
	const focused = document.activeElement;
	if (!(focused instanceof HTMLElement) || focused === document.body) {
		return { problem: 'the focus is lost', name: 'nothing' };
	}
	const name = focused.outerHTML.slice(0, 120);
	const { outlineStyle, outlineWidth } = getComputedStyle(focused);
	if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2) {
		return { problem: 'the focus has no ring', name };
	}
	const { left, top, right, bottom } = focused.getBoundingClientRect();
	const [x, y] = [(left + right) / 2, (top + bottom) / 2];
	const there = document.elementFromPoint(x, Math.max(1, Math.min(y, innerHeight - 1)));
	const isSeen =
		bottom > 0 &&
		top < innerHeight &&
		there !== null &&
		(focused.contains(there) || there.contains(focused));
	const over = there?.outerHTML.slice(0, 120) ?? 'nothing, it is outside';
	return { problem: isSeen ? null : `something lies over the focus: ${over}`, name };
}
