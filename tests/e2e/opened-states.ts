import type { Page } from 'playwright';
import { BOTH, type PageState, type Shown } from './page-states.ts';

/** A form that came back. */
export const refusedForms = (shown: Shown): PageState[] => [
	{
		name: 'login refused',
		path: '/login',
		who: ['nobody'],
		act: async (page) => {
			await page.getByLabel('your handle').fill('not a handle');
			await page.getByRole('button', { name: 'sign in with atproto' }).click();
			await page.getByRole('alert').waitFor();
		}
	},
	{
		name: 'profile refused',
		path: '/portal/profile',
		who: ['bob'],
		act: async (page) => {
			await page.getByLabel('bio').fill('long '.repeat(60));
			await page.getByRole('button', { name: 'save profile' }).click();
			await page.getByLabel('bio').and(page.locator('[aria-invalid]')).waitFor();
		}
	},
	{
		name: 'track refused',
		path: `/track/${shown.track}/edit`,
		who: ['alice'],
		act: async (page) => {
			await page.getByLabel('tags', { exact: true }).fill('1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11');
			await page.getByRole('button', { name: 'save', exact: true }).click();
			await page.getByRole('alert').getByText('at most 10 tags').waitFor();
		}
	}
];

/** What opens above a page. */
export const openedParts = (shown: Shown): PageState[] => [
	{
		name: 'player',
		path: `/track/${shown.long}`,
		who: BOTH,
		act: async (page) => {
			await pressPlay(page);
		}
	},
	{
		name: 'now playing',
		path: `/track/${shown.long}`,
		who: ['nobody'],
		maxWidth: 360,
		act: async (page) => {
			if (await page.getByRole('dialog', { name: 'now playing' }).isVisible()) return;
			await pressPlay(page);
			await page
				.getByRole('region', { name: 'player' })
				.getByRole('button', { name: /now playing, open/ })
				.first()
				.click();
			await page.getByRole('dialog', { name: 'now playing' }).waitFor();
		}
	},
	{
		name: 'queue',
		path: '/',
		who: BOTH,
		act: async (page) => {
			const panel = page.getByRole('complementary', { name: 'queue' });
			if (await panel.isVisible()) return;
			await page
				.getByRole('button', { name: /^play / })
				.first()
				.click();
			await page.getByRole('region', { name: 'player' }).waitFor();
			await page.keyboard.press('q');
			await panel.waitFor();
		}
	},
	{
		name: 'search while typing',
		path: '/',
		who: BOTH,
		isClosed: true,
		act: async (page) => {
			await page.keyboard.press('Control+k');
			await page.getByRole('combobox', { name: 'what are you looking for?' }).fill('water');
			await page.getByRole('option').first().waitFor();
		}
	},
	{
		name: 'list of keys',
		path: '/',
		who: ['nobody'],
		isClosed: true,
		act: async (page) => {
			await page.keyboard.press('?');
			await page.getByRole('dialog').waitFor();
		}
	},
	...['track', 'album', 'artist'].map((what) => ({
		name: `share panel of ${what}`,
		path:
			{ track: `/track/${shown.long}`, album: `/u/alice.test/album/${shown.album}` }[what] ??
			'/u/alice.test',
		who: ['nobody'] as const,
		isClosed: true,
		act: async (page: Page) => {
			await page
				.getByRole('main')
				.getByRole('button', { name: /^(share|copied!)$/ })
				.click();
			await page.getByRole('dialog', { name: /^share / }).waitFor();
		}
	})),
	{
		name: 'menu',
		path: '/',
		who: BOTH,
		isClosed: true,
		act: async (page) => {
			await page
				.getByRole('button', { name: /^more for / })
				.first()
				.click();
			await page.getByRole('menuitem').first().waitFor();
		}
	},
	{
		name: 'question before a deletion',
		path: `/track/${shown.track}`,
		who: ['alice'],
		isClosed: true,
		act: async (page) => {
			await page.getByRole('link', { name: 'delete', exact: true }).click();
			await page.getByRole('dialog').waitFor();
		}
	}
];

async function pressPlay(page: Page): Promise<void> {
	const bar = page.getByRole('region', { name: 'player' });
	if (await bar.isVisible()) return;
	await page.getByRole('main').getByRole('button', { name: /^play/ }).first().click();
	await bar.waitFor();
}
