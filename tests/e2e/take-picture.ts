import type { Page } from 'playwright';

export type Theme = 'dark' | 'light';

/** A phone, a tablet, a laptop. */
export const WINDOWS = {
	phone: { width: 360, height: 740 },
	tablet: { width: 768, height: 900 },
	laptop: { width: 1280, height: 860 }
};
export type WindowName = keyof typeof WINDOWS;

/** What a page looks like in a theme, as a png. What is another one each day or run is written over. */
export async function takePicture(page: Page, theme: Theme): Promise<Buffer> {
	await page.evaluate(settle, theme);
	return await page.screenshot({ animations: 'disabled' });
}

/** Runs in the page: in a theme, with moments and addresses of records that stay, its pictures drawn. */
async function settle(theme: string): Promise<void> {
	document.documentElement.dataset['theme'] = theme;
	for (const time of document.querySelectorAll('time')) {
		if (!/^[\d:]*$/.test(time.textContent)) time.textContent = 'nov 19, 2025';
	}
	for (const code of document.querySelectorAll('code')) {
		if (code.textContent.startsWith('at:')) {
			code.textContent = 'at://did:plc:somebody/fm.plyr.track';
		}
	}
	await document.fonts.ready;
	const shown = [...document.images].filter(({ loading }) => loading !== 'lazy');
	await Promise.all(shown.map((image) => image.decode().catch(() => undefined)));
}
