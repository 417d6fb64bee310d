/**
 * How pages look, beside the pictures of them that were looked at and found good. Made anew, to be looked
 * at again, by: UPDATE_PICTURES=1 npm test e2e/pictures
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import { visit } from './browser.ts';
import { differenceOf, kept } from './compare-pictures.ts';
import { assertBeside, assertLevel, assertTitleRoom } from './layout.ts';
import { assertFits } from './look.ts';
import { GUEST, type ShownSite, startShownSite } from './shown-site.ts';
import { takePicture, type Theme, type WindowName, WINDOWS } from './take-picture.ts';

const FOLDER = path.join(import.meta.dirname, 'pictures');
const IS_UPDATED = process.env['UPDATE_PICTURES'] === '1';
/** Every page in these, and what everybody comes for in the others as well. */
const VIEWS: [WindowName, Theme][] = [
	['laptop', 'dark'],
	['tablet', 'light'],
	['phone', 'dark']
];
const MORE_VIEWS: [WindowName, Theme][] = [
	['laptop', 'light'],
	['phone', 'light']
];
const OFTEN = ['home', 'track', 'album', 'artist', 'search', 'portal'];

const viewsOf = (name: string) =>
	[...VIEWS, ...(OFTEN.includes(name) ? MORE_VIEWS : [])].toSorted(
		([one], [other]) => WINDOWS[other].width - WINDOWS[one].width
	);
const fileOf = (name: string, window: WindowName, theme: Theme) =>
	path.join(FOLDER, `${name}-${window}-${theme}.webp`);

describe('the look of pages', () => {
	let shown: ShownSite;
	let page: Page;

	before(async () => {
		shown = await startShownSite();
		({ page } = shown.site.alice);
		if (IS_UPDATED) await rm(FOLDER, { recursive: true, force: true });
		await mkdir(FOLDER, { recursive: true });
	});
	after(() => shown.site.close());

	const open = (address: string) => page.goto(shown.site.at(address), { waitUntil: 'networkidle' });

	it('is as it was, on a phone, a tablet and a laptop, dark and light', async () => {
		const differing: string[] = [];
		for (const [name, address] of Object.entries(shown.pages)) {
			await page.setViewportSize(WINDOWS.laptop);
			await open(address);
			for (const [window, theme] of viewsOf(name)) {
				await page.setViewportSize(WINDOWS[window]);
				const picture = await takePicture(page, theme);
				const file = fileOf(name, window, theme);
				if (IS_UPDATED) {
					await writeFile(file, await kept(picture));
					continue;
				}
				const difference = await differenceOf(picture, await readFile(file));
				if (difference === null) continue;
				differing.push(`${path.basename(file)}: ${difference}`);
				await keepOther(path.basename(file, '.webp'), picture);
			}
		}
		assert.deepEqual(differing, []);
	});

	it('is kept of every page, and of no other', async () => {
		const files = Object.keys(shown.pages).flatMap((name) =>
			viewsOf(name).map(([window, theme]) => path.basename(fileOf(name, window, theme)))
		);
		assert.deepEqual((await readdir(FOLDER)).toSorted(), files.toSorted());
	});

	for (const window of ['phone', 'laptop'] as const) {
		it(`has rows that say who and how often, on a ${window}`, async () => {
			await page.setViewportSize(WINDOWS[window]);
			for (const address of ['/', '/portal', shown.pages['track'] ?? '', '/search?q=tide']) {
				await open(address);
				const row = page.getByRole('listitem').filter({ hasText: 'low tide, first light' });
				await assertLevel(row.locator('p'));
				await row.getByText('1 play', { exact: true }).waitFor();
			}
			for (const address of [
				'/',
				'/u/alice.test',
				shown.pages['album'] ?? '',
				'/search?q=harbour'
			]) {
				await open(address);
				const row = page.getByRole('listitem').filter({ hasText: 'harbour lights after' });
				const guest = row.getByText(`feat. ${GUEST}`);
				const [line, box] = [await row.locator('p').boundingBox(), await guest.boundingBox()];
				assert.ok(line && box && box.y + box.height <= line.y + line.height + 1, address);
			}
			await open('/embed/album/alice.test/tidewater-rooms');
			await assertLevel(page.locator('p.soft'));
		});
	}

	it('leaves no holes on a laptop, and room for names on a phone', async () => {
		await page.setViewportSize(WINDOWS.laptop);
		await open('/');
		const cards = page.getByRole('list', { name: 'loved lately' }).getByRole('listitem');
		await assertBeside(await cards.all(), { from: 8, to: 24 });
		await page.setViewportSize(WINDOWS.phone);
		await assertTitleRoom(page, 18);
		await open(shown.pages['track'] ?? '');
		const actions = page.getByRole('main').locator('.actions');
		await assertBeside(await actions.locator('button').all(), { from: 2, to: 12 });
		await open('/portal');
		const row = page.getByRole('listitem').filter({ hasText: 'glass rain' });
		const [edit, remove] = ['edit', 'delete'].map((name) => row.getByRole('link', { name }));
		assert.ok(edit && remove);
		await assertBeside([edit, remove], { from: 8, to: 24 });
	});

	it('fits a phone without scripts, with what is to be shared opened', async () => {
		const viewport = WINDOWS.phone;
		const plain = await visit(shown.site.browser, { javaScriptEnabled: false, viewport });
		await plain.page.goto(shown.site.at('/'));
		await assertTitleRoom(plain.page, 22);
		for (const name of ['track', 'album', 'artist']) {
			await plain.page.goto(shown.site.at(shown.pages[name] ?? ''));
			const share = plain.page.locator('summary', { hasText: 'share' });
			assert.match(await share.evaluate((one) => getComputedStyle(one).border), /^1px solid/);
			await share.click();
			await plain.page.getByLabel('embed code').waitFor();
			await assertFits(plain.page, name);
			const code = await plain.page.getByLabel('embed code').boundingBox();
			assert.ok(code && code.x >= 0 && code.x + code.width <= viewport.width, name);
		}
		await plain.context.close();
	});

	for (const window of ['phone', 'laptop'] as const) {
		it(`is another one without the least of it, on a ${window}`, async () => {
			// all of what is looked at is in sight
			await page.setViewportSize({ width: WINDOWS[window].width, height: 1400 });
			await open('/');
			await assertMissed(page, {
				heading: 'h1',
				title: 'li.row:first-child .title',
				'like button': 'li.row:first-child .state form button'
			});
			await open(shown.pages['track'] ?? '');
			await page.getByRole('main').getByRole('button', { name: 'play', exact: true }).click();
			const bar = page.getByRole('region', { name: 'player' });
			await bar.getByRole('button', { name: 'pause' }).first().click();
			await bar.getByRole('button', { name: 'play' }).first().waitFor();
			await assertMissed(page, {
				heading: 'h1',
				waveform: 'main .wave',
				'play button': 'main .play',
				'like button': 'main .actions form button',
				facts: 'main dl',
				'player bar': '[aria-label="player"]'
			});
		});
	}
});

/** Each of these is missed where it is not drawn, in both themes; and nothing is while everything is there. */
async function assertMissed(page: Page, parts: Record<string, string>): Promise<void> {
	for (const theme of ['dark', 'light'] as const) {
		const whole = await kept(await takePicture(page, theme));
		for (const [name, selector] of Object.entries(parts)) {
			const part = page.locator(selector).first();
			await part.evaluate((element: HTMLElement) => (element.style.visibility = 'hidden'));
			const without = await takePicture(page, theme);
			assert.notEqual(await differenceOf(without, whole), null, `${name}, ${theme}`);
			await part.evaluate((element: HTMLElement) => (element.style.visibility = ''));
		}
		assert.equal(await differenceOf(await takePicture(page, theme), whole), null, theme);
	}
}

/** With `SCREENSHOTS=<folder>`, what it is now. */
async function keepOther(name: string, picture: Buffer): Promise<void> {
	const folder = process.env['SCREENSHOTS'];
	if (folder) await writeFile(path.join(folder, `${name}.png`), picture);
}
