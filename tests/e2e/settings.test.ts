import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright';
import { DEFAULT_PREFERENCES } from '#lib/preferences/preferences.ts';
import { preferencesToJson } from '#lib/preferences/preferences-json.ts';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { look } from './look.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const DEFAULTS = preferencesToJson(DEFAULT_PREFERENCES);
const ONE_OF_EACH = ['#ffff00', '#000000', '#ef4444'];

/** How a page looks: its theme, its ground, and its accent, as they are drawn. */
const looksOf = (page: Page) =>
	page.evaluate(() => ({
		theme: document.documentElement.dataset['theme'],
		ground: getComputedStyle(document.documentElement).backgroundColor,
		accent: getComputedStyle(document.querySelector('.skip') ?? document.body).backgroundColor
	}));
const DARK = { theme: 'dark', ground: 'rgb(10, 10, 10)', accent: 'rgb(106, 159, 255)' };
const LIGHT_GROUND = 'rgb(251, 251, 249)';

describe('settings', () => {
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

	it('are a form that works without scripts, and every page is made with them', async () => {
		const { context, page, complaints } = await visit(browser, { javaScriptEnabled: false });
		await page.goto(product.url);
		await page.getByRole('link', { name: 'settings' }).click();
		await page.getByLabel('light', { exact: true }).check();
		await page.getByLabel('as a number').fill('F472B6');
		await page.getByLabel('crossfade').selectOption('3 seconds');
		await page.getByLabel('as a number').press('Enter');
		await page.getByText('saved.').waitFor();
		assert.ok(await page.getByLabel('light', { exact: true }).isChecked());
		assert.equal(await page.getByLabel('as a number').inputValue(), '#f472b6');
		assert.equal(await page.getByLabel('crossfade').inputValue(), '3');
		await look(page, 'settings-plain', { isPlain: true });
		await page.getByLabel('crossfade').selectOption('12 seconds');
		await page.getByRole('button', { name: 'save' }).click();
		assert.equal(await page.getByLabel('crossfade').inputValue(), '12');
		await page.getByRole('button', { name: 'green' }).click();
		assert.equal(await page.getByLabel('as a number').inputValue(), '#4ade80');
		await page.getByRole('link', { name: /home$/ }).click();
		const html = await page.content();
		assert.match(html, /<html[^>]* data-theme="light"/);
		assert.match(html, /<meta name="theme-color" content="#fbfbf9"/);
		assert.match(html, /<style>:root:root\{--dark-accent:#4ade80;/);
		const refused = await context.request.post(`${product.url}/settings`, {
			form: { accent_hex: 'red' },
			headers: { origin: product.url, accept: 'text/html' }
		});
		assert.equal(refused.status(), 422);
		assert.match(await refused.text(), /a color is written #rrggbb/);
		assert.deepEqual(complaints, []);
		await context.close();
	});

	it('count at once, in every tab, and before anything is drawn of the next page', async () => {
		const { context, page, complaints } = await visit(browser);
		await page.goto(product.url);
		assert.deepEqual(await looksOf(page), DARK);
		const other = await context.newPage();
		await other.goto(product.url);
		await page.getByRole('link', { name: 'settings' }).click();
		await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
		await page.getByLabel('light', { exact: true }).check();
		await page.getByRole('button', { name: 'pink' }).click();
		const light = await looksOf(page);
		assert.deepEqual([light.theme, light.ground], ['light', LIGHT_GROUND]);
		await other.waitForFunction(() => document.documentElement.dataset['theme'] === 'light');
		assert.deepEqual(await looksOf(other), light);
		await page.addInitScript(() => {
			const first = new MutationObserver(() => {
				const { dataset, style } = document.documentElement;
				Object.assign(globalThis, { first: [dataset['theme'], style.length] });
				first.disconnect();
			});
			first.observe(document, { childList: true, subtree: true });
		});
		await page.reload();
		const first = await page.evaluate(() => (globalThis as { first?: unknown }).first);
		assert.deepEqual(first, ['light', 0], 'by the page itself, and not by a script');
		assert.deepEqual(await looksOf(page), light);
		await page.getByLabel('as the device').check();
		assert.equal((await looksOf(page)).ground, LIGHT_GROUND);
		await page.emulateMedia({ colorScheme: 'dark' });
		assert.equal((await looksOf(page)).ground, DARK.ground);
		assert.deepEqual(complaints, []);
		await context.close();
	});

	it('can be read and used in both themes, whatever the accent', async () => {
		const { context, page } = await visit(browser);
		await page.goto(`${product.url}/settings`);
		await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
		for (const theme of ['light', 'dark']) {
			await page.getByLabel(theme, { exact: true }).check();
			for (const color of [...ONE_OF_EACH, DEFAULTS.accent_color]) {
				await page.getByLabel('as a number').fill(color);
				await look(page, `settings-${theme}-${color.slice(1)}`);
			}
			await page.setViewportSize({ width: 768, height: 1024 });
			const folder = process.env['SCREENSHOTS'];
			if (folder) await page.screenshot({ path: `${folder}/settings-${theme}-768.png` });
			const home = await context.newPage();
			await home.goto(product.url);
			await look(home, `home-${theme}`);
			await home.close();
		}
		await context.close();
	});

	it('go with an account, and stay in the browser of who signs out', async () => {
		const alice = await visit(browser);
		const { page, context } = alice;
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice of many colors');
		const api = `${product.url}/api/preferences`;
		assert.deepEqual(await (await context.request.get(api)).json(), DEFAULTS);
		await page.goto(`${product.url}/settings`);
		await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
		const saved = async (choose: () => Promise<void>) => {
			const answer = page.waitForResponse((one) => one.url().includes('/api/preferences'));
			await choose();
			assert.equal((await answer).status(), 200);
		};
		await saved(() => page.getByRole('button', { name: 'orange' }).click());
		await saved(() => page.getByLabel('auto-play next track').uncheck());
		const chosen = { ...DEFAULTS, accent_color: '#fb923c', auto_advance: false };
		assert.deepEqual(await (await context.request.get(`${api}/`)).json(), chosen);

		const elsewhere = await visit(browser);
		await signIn(elsewhere.page, product.url, 'alice');
		await elsewhere.page.goto(product.url);
		assert.equal((await looksOf(elsewhere.page)).accent, 'rgb(251, 146, 60)');
		const change = { data: { theme: 'light' }, headers: { origin: product.url } };
		const both = await elsewhere.context.request.patch(api, change);
		assert.deepEqual(await both.json(), { ...chosen, theme: 'light' });
		await page.reload();
		assert.equal((await looksOf(page)).ground, LIGHT_GROUND, 'the account knows it better');
		await page.getByRole('button', { name: 'sign out' }).click();
		await page.getByRole('link', { name: 'sign in' }).first().waitFor();
		assert.equal((await looksOf(page)).ground, LIGHT_GROUND);
		assert.equal((await context.request.get(api)).status(), 401);
		assert.deepEqual(
			alice.complaints.filter((one) => !one.includes('401')),
			[]
		);

		const wrong = {
			accent_color: ['red', '#12345', '#12345g', '#1234567', 7, null],
			theme: ['blue'],
			auto_advance: ['yes'],
			gapless: [1],
			crossfade_seconds: [-1, 13, 1.5, '3'],
			level_volume: ['loud'],
			reduced_data: [true],
			show_explicit_artwork: ['yes'],
			skip_explicit: [1]
		};
		for (const [field, values] of Object.entries(wrong)) {
			for (const value of values) {
				const body = { data: { [field]: value }, headers: { origin: product.url } };
				const answer = await elsewhere.context.request.post(`${api}/`, body);
				const said = (await answer.json()) as { detail: { field?: string } };
				assert.deepEqual([answer.status(), said.detail.field], [422, field], String(value));
			}
		}
		assert.deepEqual(await (await elsewhere.context.request.get(api)).json(), {
			...chosen,
			theme: 'light'
		});
		await elsewhere.context.close();
		await context.close();
	});
});
