import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright';
import { openBrowser, visit } from './browser.ts';
import { look } from './look.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

describe('the description of the api', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	before(async () => {
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	it('is read by its contents, in both themes and on a small phone', async () => {
		const { context, page, complaints } = await visit(browser);
		await page.goto(`${product.url}/docs/api`);
		await page.getByRole('link', { name: 'GET /api/tracks/{id}', exact: true }).click();
		assert.equal(new URL(page.url()).hash, '#gettracksbyid');
		assert.ok(
			await page.getByRole('heading', { name: 'GET /api/tracks/{id}', exact: true }).isVisible()
		);
		await look(page, 'api-docs-dark');
		await page.evaluate(() => (document.documentElement.dataset['theme'] = 'light'));
		await look(page, 'api-docs-light');
		assert.deepEqual(complaints, []);
		await context.close();
	});

	it('needs no script, and leads to the one for programs', async () => {
		const { context, page } = await visit(browser, { javaScriptEnabled: false });
		await page.goto(`${product.url}/docs/api`);
		await look(page, 'api-docs-plain', { isPlain: true });
		await page.getByRole('link', { name: 'openapi.json', exact: true }).click();
		assert.match(await page.content(), /"openapi":\s*"3\.1\.0"/);
		await context.close();
	});
});
