import { it } from 'node:test';
import type { Page } from 'playwright';

/** Where a page is, and what can be read there. */
async function shownBy(page: Page): Promise<string> {
	const words = await page.locator('body').innerText();
	return `${page.url()} shows:\n${words}`;
}

/**
 * Tests of which each goes on where the one before ended: after a failure the rest would only time
 * out, and is left out. What the page shows then is said with the failure.
 */
export function stepsOf(page: () => Page): (name: string, act: () => Promise<void>) => void {
	let hasFailed = false;
	return (name, act) => {
		void it(name, async (test) => {
			if (hasFailed) {
				test.skip('an earlier step failed');
				return;
			}
			try {
				await act();
			} catch (cause) {
				hasFailed = true;
				throw new Error(`${(cause as Error).message}\n\n${await shownBy(page())}`, { cause });
			}
		});
	};
}
