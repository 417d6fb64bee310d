import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Locator, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { visit, type Visit } from './browser.ts';
import { assertFocusSeen, enter, hasFocus, tabTo } from './keyboard.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';
import { stepsOf } from './steps.ts';

const STEP_LIMIT_MS = 15_000;
/** The last one is listed first. */
const TITLES = ['ebb', 'slack', 'flood', 'spring', 'neap'];

describe('the whole site by the keyboard alone', { timeout: 300_000 }, () => {
	let site: MusicSite;
	let tracks: TrackResponse[];
	let visitor: Visit;
	let page: Page;
	const step = stepsOf(() => page);

	before(async () => {
		site = await startMusicSite('alice of the low water');
		tracks = [];
		for (const title of TITLES) tracks.push(await site.publish({ title }, { seconds: 60 }));
		visitor = await visit(site.browser, { viewport: { width: 1280, height: 700 } });
		visitor.context.setDefaultTimeout(STEP_LIMIT_MS);
		await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
		({ page } = visitor);
	});
	after(() => site.close());

	const addressOf = (title: string) =>
		site.at(`/track/${tracks.find((track) => track.title === title)?.id}`);
	const main = () => page.getByRole('main');
	const bar = () => page.getByRole('region', { name: 'player' });
	const like = (title: string) =>
		main()
			.getByRole('button', { name: `like ${title}` })
			.first();
	const panel = () => page.getByRole('complementary', { name: 'queue' });
	const nextUp = () =>
		panel().getByRole('list', { name: 'next in queue' }).locator('.title').allInnerTexts();

	/** It has the focus in a moment, and one sees it. */
	async function focused(target: Locator, what: string): Promise<void> {
		await until(() => hasFocus(target), `${what} has the focus`);
		await assertFocusSeen(page);
	}

	async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
		const endsAt = Date.now() + STEP_LIMIT_MS;
		while (!(await isSo())) {
			if (Date.now() > endsAt) {
				const has = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
				assert.fail(`never: ${what}; the focus is on ${has}`);
			}
			await page.waitForTimeout(50);
		}
	}

	async function findByPalette(title: string): Promise<void> {
		const field = page.getByRole('combobox', { name: 'what are you looking for?' });
		// a page that was just opened may not listen yet
		await until(async () => {
			if (await field.isVisible()) return true;
			await page.keyboard.press('Control+k');
			await page.waitForTimeout(300);
			return false;
		}, 'the search is open');
		await focused(field, 'what is searched for');
		await page.keyboard.type(title);
		await page.getByRole('option', { name: title }).first().waitFor();
		await page.keyboard.press('ArrowDown');
		await until(
			async () => (await page.locator('[aria-selected="true"]').innerText()).includes(title),
			'the first is chosen'
		);
		await page.keyboard.press('Enter');
		await page.waitForURL(addressOf(title));
		await page.getByRole('dialog').waitFor({ state: 'detached' });
	}

	step('a visitor skips what every page begins with', async () => {
		await page.goto(site.at('/'));
		await page.waitForLoadState('networkidle');
		const skip = page.getByRole('link', { name: 'skip to content' });
		await tabTo(page, skip);
		const box = await skip.boundingBox();
		assert.ok(box && box.y >= 0, 'it can be seen while it has the focus');
		await page.keyboard.press('Enter');
		await until(() => hasFocus(main()), 'the content has the focus');
		await page.keyboard.press('Tab');
		assert.ok(
			await main().evaluate((content) => content.contains(document.activeElement)),
			'what comes next is in the content'
		);
		await assertFocusSeen(page);
	});

	step('closes the search, and is where they were', async () => {
		const button = main().getByRole('button', { name: 'play slack' });
		await tabTo(page, button);
		await page.keyboard.press('Control+k');
		await page.getByRole('dialog', { name: 'search' }).waitFor();
		await page.keyboard.press('Escape');
		await focused(button, 'the button of before');
	});

	step('finds a track by typing, and opens it', async () => {
		await findByPalette('flood');
		await page.getByRole('heading', { name: 'flood', level: 1 }).waitFor();
	});

	step('plays it, and pauses it, with the same button', async () => {
		await enter(page, main().getByRole('button', { name: 'play', exact: true }).first());
		await bar().waitFor();
		await focused(main().getByRole('button', { name: 'pause', exact: true }).first(), 'pause');
		await page.keyboard.press('Enter');
		await focused(main().getByRole('button', { name: 'play', exact: true }).first(), 'play');
		await page.keyboard.press('Enter');
	});

	step('shares it, and is where they were', async () => {
		const share = main().getByRole('button', { name: /^(share|copied!)$/ });
		await enter(page, share);
		const shared = page.getByRole('dialog', { name: /^share flood/ });
		await until(() => hasFocus(shared), 'the panel has the focus');
		await tabTo(page, shared.getByRole('button', { name: 'copy link' }));
		await page.keyboard.press('Enter');
		await until(
			async () =>
				(await page.evaluate(() => navigator.clipboard.readText())) === addressOf('flood'),
			'the link is copied'
		);
		await page.keyboard.press('Escape');
		await focused(share, 'the share button');
	});

	step(
		'reaches everything of the page with the player there, and all of it can be seen',
		async () => {
			await page.setViewportSize({ width: 1280, height: 400 });
			await page.goto(site.at('/'));
			await bar().waitFor();
			// each stop is looked at on the way
			await tabTo(page, page.getByRole('contentinfo').getByRole('link').last());
			await tabTo(page, main().getByRole('button', { name: 'play ebb' }), 'Shift+Tab');
			await page.setViewportSize({ width: 1280, height: 700 });
		}
	);

	step('puts tracks in the queue, changes their order, and closes it', async () => {
		await page.goto(site.at('/'));
		await bar().waitFor();
		for (const title of ['slack', 'ebb']) {
			const more = main().getByRole('button', { name: `more for ${title}` });
			await tabTo(page, more);
			await page.keyboard.press('Enter');
			await focused(page.getByRole('menuitem', { name: 'play next' }), 'the menu');
			await page.keyboard.press('ArrowDown');
			await page.keyboard.press('Enter');
			await focused(more, 'the button of the menu');
		}
		const queue = bar().getByRole('button', { name: 'queue' });
		await enter(page, queue);
		await until(() => hasFocus(panel()), 'the queue has the focus');
		await until(async () => (await nextUp()).join() === 'slack,ebb', 'both are in it');
		await tabTo(page, panel().getByRole('button', { name: 'move slack', exact: true }));
		await page.keyboard.press('Alt+ArrowDown');
		await until(async () => (await nextUp()).join() === 'ebb,slack', 'they have changed places');
		await focused(panel().getByRole('button', { name: 'move slack', exact: true }), 'the row');
		await page.keyboard.press('Escape');
		await panel().waitFor({ state: 'detached' });
		await focused(queue, 'the button of the queue');
	});

	step('is asked to sign in for a like, and is told why', async () => {
		await page.goto(addressOf('slack'));
		await enter(page, like('slack'));
		await page.waitForURL(/\/login\?/);
		await tabTo(page, page.getByLabel('your handle'));
		assert.deepEqual(visitor.complaints, []);
	});

	step('signed in, likes it and takes it back, and the focus stays', async () => {
		visitor = site.alice;
		({ page } = visitor);
		visitor.context.setDefaultTimeout(STEP_LIMIT_MS);
		await page.setViewportSize({ width: 1280, height: 700 });
		await page.goto(site.at('/'));
		await findByPalette('slack');
		await enter(page, like('slack'));
		await like('slack').and(page.locator('[aria-pressed="true"]')).waitFor();
		await focused(like('slack'), 'the like button');
		await page.keyboard.press('Enter');
		await like('slack').and(page.locator('[aria-pressed="false"]')).waitFor();
		await focused(like('slack'), 'the like button');
	});

	step('asks before a track is deleted, and keeps it', async () => {
		const link = page.getByRole('link', { name: 'delete', exact: true });
		await enter(page, link);
		await focused(page.getByRole('button', { name: 'keep it' }), 'the way back');
		await page.keyboard.press('Enter');
		await focused(link, 'the link');
	});

	step('changes the profile', async () => {
		const header = page.getByRole('navigation', { name: 'site' });
		await tabTo(page, header.getByRole('link', { name: 'portal' }), 'Shift+Tab');
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'artist portal' }).waitFor();
		await enter(page, page.getByRole('link', { name: 'edit profile' }));
		const name = page.getByLabel('artist name');
		await name.waitFor();
		await tabTo(page, name);
		await page.keyboard.press('Control+a');
		await page.keyboard.type('alice of the high water');
		await tabTo(page, page.getByLabel('bio'));
		await page.keyboard.type('long '.repeat(60));
		await enter(page, page.getByRole('button', { name: 'save profile' }));
		await page.getByRole('alert').waitFor();
		// no control: it has the focus so that one goes on from there, and no ring
		await until(() => hasFocus(page.getByRole('alert')), 'what is wrong has the focus');
		await tabTo(page, page.getByLabel('bio'));
		await page.keyboard.press('Control+a');
		await page.keyboard.type('short');
		await enter(page, page.getByRole('button', { name: 'save profile' }));
		await page.getByText('saved.').waitFor();
		assert.equal(await name.inputValue(), 'alice of the high water');
	});

	step('signs out', async () => {
		await enter(page, page.getByRole('button', { name: 'sign out' }));
		await page.getByRole('navigation').getByRole('link', { name: 'sign in' }).waitFor();
		await tabTo(page, main().getByRole('button', { name: 'play ebb' }));
		// what was refused on purpose is answered with its status
		assert.deepEqual(
			visitor.complaints.filter((one) => !/status of 4\d\d/.test(one)),
			[]
		);
	});
});
