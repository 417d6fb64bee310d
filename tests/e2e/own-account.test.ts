import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { look } from './look.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const TOKEN = /^plyr_[\w-]{59}$/;

describe('what is one’s own', { timeout: 240_000 }, () => {
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

	const isSignedOut = (page: Page) =>
		page.getByRole('navigation').getByRole('link', { name: 'sign in' }).waitFor();

	for (const javaScriptEnabled of [true, false]) {
		const how = javaScriptEnabled ? 'with' : 'without';
		it(`is found at the settings: sign-ins and tokens, ${how} scripts`, async () => {
			const here = await visit(browser, { javaScriptEnabled: true });
			await signIn(here.page, product.url, 'alice');
			if (new URL(here.page.url()).pathname === '/profile/setup') {
				await makeProfile(here.page, 'alice of her own');
			}
			const state = await here.context.storageState();
			const { page, context, complaints } = await visit(browser, {
				javaScriptEnabled,
				storageState: state
			});
			await page.goto(`${product.url}/settings`);
			await page.getByRole('link', { name: 'tokens for programs' }).click();
			const name = `my player ${how}`;
			await page.getByLabel('name', { exact: true }).fill(name);
			await page.getByRole('radio', { name: /^write/ }).check();
			await page.getByLabel('how long').selectOption('30 days');
			await page.getByRole('button', { name: 'make a token' }).click();
			const token = (await page.locator('code.token').textContent()) ?? '';
			assert.match(token, TOKEN);
			// what was chosen stays, and the next one needs a name of its own
			const isKept = await page.getByRole('radio', { name: /^write/ }).isChecked();
			assert.equal(isKept, javaScriptEnabled);
			assert.equal(await page.getByLabel('name', { exact: true }).inputValue(), '');
			await look(page, `tokens-${how}`, { isPlain: !javaScriptEnabled });
			const headers = { authorization: `Bearer ${token}` };
			const me = `${product.url}/api/auth/me`;
			assert.equal((await fetch(me, { headers })).status, 200);
			// the same name again is said beside what was typed
			await page.getByLabel('name', { exact: true }).fill(name);
			await page.getByRole('button', { name: 'make a token' }).click();
			await page.getByText(`you have a token called ${name}`).waitFor();
			await page.getByRole('button', { name: `revoke ${name}` }).click();
			await page.getByRole('button', { name: `revoke ${name}` }).waitFor({ state: 'detached' });
			assert.equal((await fetch(me, { headers })).status, 401);

			const other = await visit(browser);
			await signIn(other.page, product.url, 'alice');
			await page.goto(`${product.url}/settings/sign-ins`);
			await look(page, `sign-ins-${how}`, { isPlain: !javaScriptEnabled });
			assert.equal(await page.getByText('this one').count(), 1);
			await page.getByRole('button', { name: 'sign out everywhere else' }).click();
			await page
				.getByRole('button', { name: 'sign out everywhere else' })
				.waitFor({ state: 'detached' });
			// the tab that is open there notices by itself
			await isSignedOut(other.page);
			assert.deepEqual(
				complaints.filter((one) => !/40[19]/.test(one)),
				[]
			);
			for (const each of [here.context, context, other.context]) await each.close();
		});
	}

	it('may be taken along, and deleted, and kept after all', async () => {
		const { page, context } = await visit(browser, { acceptDownloads: true });
		await signIn(page, product.url, 'bob');
		await makeProfile(page, 'bob of his own');
		await page.goto(`${product.url}/settings`);
		await page.getByRole('link', { name: 'take everything with you' }).click();
		await look(page, 'export');
		const saved = page.waitForEvent('download');
		await page.getByRole('button', { name: 'save everything' }).click();
		const download = await saved;
		assert.match(download.suggestedFilename(), /^bob\.test \d{4}-\d\d-\d\d\.zip$/);
		assert.equal(await download.failure(), null);

		await page.getByRole('link', { name: 'settings' }).first().click();
		await page.getByRole('link', { name: 'delete this account' }).click();
		await look(page, 'delete-account');
		await page.getByLabel(/^type bob\.test/).fill('bob');
		await page.getByRole('button', { name: 'delete my account' }).click();
		await page.getByRole('alert').getByText('type bob.test to say').waitFor();
		await page.getByRole('radio', { name: /^delete my records/ }).check();
		await page.getByLabel(/^type bob\.test/).fill('bob.test');
		await page.getByRole('button', { name: 'delete my account' }).click();
		await page.getByText('your account is hidden').first().waitFor();
		await isSignedOut(page);
		assert.equal((await fetch(`${product.url}/u/bob.test`)).status, 410);

		await signIn(page, product.url, 'bob');
		await page.waitForURL(`${product.url}/settings/delete-account`);
		await look(page, 'delete-account-waiting');
		await page.getByRole('button', { name: 'keep my account' }).click();
		await page.waitForURL(`${product.url}/settings`);
		assert.equal((await fetch(`${product.url}/u/bob.test`)).status, 200);
		await context.close();
	});
});
