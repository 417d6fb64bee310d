import type { Locator, Page } from 'playwright';
import { alive } from './browser.ts';

const READ_LIMIT_MS = 60_000;

/** Chooses files on the upload page and comes to the draft they make. Returns its id. */
export async function beginRelease(page: Page, url: string, files: string[]): Promise<string> {
	await page.goto(`${url}/upload`);
	await chooseFiles(page, files);
	return await draftOpens(page);
}

/** Chooses files on the upload page, as soon as it listens. */
export async function chooseFiles(
	page: Page,
	files: Parameters<Locator['setInputFiles']>[0]
): Promise<void> {
	await alive(page);
	await page.getByLabel('files', { exact: true }).setInputFiles(files);
}

/** Waits for the page of a draft. Returns the id of its release. */
export async function draftOpens(page: Page): Promise<string> {
	await page.waitForURL(/\/upload\/[0-9a-f-]{36}$/);
	return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** The rows of a draft, in order. */
export const rowsOf = (page: Page): Locator => page.locator('main ol > li');

/** What stands in the title fields of a draft, in order. */
export const titlesOf = (page: Page): Promise<string[]> =>
	page
		.getByRole('textbox', { name: /^title of track/ })
		.evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));

/** Waits until so many files are here, read and ready. */
export async function ready(page: Page, count: number): Promise<void> {
	await rowsOf(page)
		.getByText('ready', { exact: true })
		.nth(count - 1)
		.waitFor({ timeout: READ_LIMIT_MS });
}

/** Says that one may, and publishes. Resolves when the page shows what is under way. */
export async function publish(page: Page): Promise<void> {
	await page.getByLabel('i made this, or have the right to publish it').check();
	await page.getByRole('button', { name: /^publish/ }).click();
	await page.getByRole('heading', { name: /(?:is|are) (?:being )?published|opens/ }).waitFor();
}
