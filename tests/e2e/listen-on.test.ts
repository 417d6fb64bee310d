import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { errorsOf, type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const TITLES = ['ebb', 'slack', 'flood'];
const SECONDS = 4;

describe('pressing play and forgetting the page, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let listener: Visit;
	let page: Page;
	let album: string;
	const step = stepsOf(() => page);

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-listen-on-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const files = TITLES.map((title) => path.join(dir, `${title}.mp3`));
		for (const [index, file] of files.entries()) {
			await makeAudio(file, { seconds: SECONDS, frequencyHz: 200 + 60 * index });
		}
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the low water');
		for (const [index, file] of files.entries()) {
			const track = await publishTrack(alice, product.url, file, {
				title: TITLES[index] ?? '',
				album: 'tides'
			});
			album = `${product.url}/u/alice.test/album/${track.album?.slug}`;
		}
		await alice.context.close();
		listener = await visit(browser, { viewport: { width: 1280, height: 800 } });
		({ page } = listener);
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const player = () => page.getByRole('region', { name: 'player' });
	const button = (name: string) => player().getByRole('button', { name, exact: true });
	const panel = () => page.getByRole('complementary', { name: 'queue' });
	const shown = (title: string) => player().getByRole('link', { name: title, exact: true });
	const position = async () =>
		Number(await player().getByRole('slider', { name: 'seek' }).inputValue());
	const soundsBy = () =>
		page
			.locator('audio')
			.evaluateAll((all) => all.filter((one) => !(one as HTMLAudioElement).paused).length);

	async function reaches(second: number): Promise<void> {
		const giveUpAt = Date.now() + 20_000;
		while ((await position()) < second) {
			if (Date.now() > giveUpAt) assert.fail(`stopped at ${await position()}, before ${second}`);
			await page.waitForTimeout(50);
		}
	}

	step(
		'has what plays an album there before anybody presses play, unless data is saved',
		async () => {
			/** The scripts a browser has when somebody has opened the album and moved, and done nothing else. */
			const opened = async (preferences: object) => {
				const { context, page: fresh } = await visit(browser);
				const value = encodeURIComponent(JSON.stringify(preferences));
				await context.addCookies([{ name: 'preferences', value, url: product.url }]);
				const scripts = new Set<string>();
				fresh.on('request', (request) => {
					if (request.resourceType() === 'script') scripts.add(request.url());
				});
				await fresh.goto(album, { waitUntil: 'load' });
				await fresh.waitForTimeout(1_000);
				await fresh.mouse.move(5, 5);
				await fresh.waitForTimeout(1_000);
				return { context, page: fresh, scripts };
			};
			const soon = await opened({});
			const saving = await opened({ reduced_data: 'on' });
			const ahead = [...soon.scripts].filter((script) => !saving.scripts.has(script));
			assert.ok(ahead.length > 0, 'nothing is loaded ahead');
			assert.ok(saving.scripts.isSubsetOf(soon.scripts));
			await saving.page.getByRole('button', { name: 'play ebb' }).hover();
			const giveUpAt = Date.now() + 10_000;
			while (!ahead.every((script) => saving.scripts.has(script))) {
				assert.ok(Date.now() < giveUpAt, 'a pointer does not bring them');
				await saving.page.waitForTimeout(50);
			}
			await Promise.all([soon.context.close(), saving.context.close()]);
		}
	);

	step('goes through the album by itself, one track after the other', async () => {
		await page.goto(album);
		await page.getByRole('button', { name: 'play ebb' }).click();
		for (const title of TITLES) {
			await shown(title).waitFor();
			await reaches(1);
			assert.equal(await soundsBy(), 1, title);
		}
		await button('play').waitFor();
		assert.equal(await soundsBy(), 0);
		assert.ok(await button('next').isDisabled());
	});

	step('counts each of them once, though it is played again later', async () => {
		const countsOf = async () => {
			const answer = await fetch(`${product.url}/api/tracks/`);
			const { tracks } = (await answer.json()) as {
				tracks: { title: string; play_count: number }[];
			};
			return TITLES.map((title) => tracks.find((track) => track.title === title)?.play_count);
		};
		for (let i = 0; i < 50 && (await countsOf()).includes(0); i++) await page.waitForTimeout(100);
		assert.deepEqual(await countsOf(), [1, 1, 1]);
		await page.getByRole('button', { name: 'play ebb' }).click();
		const isTold = page.waitForResponse((answer) => answer.url().endsWith('/play'));
		assert.deepEqual(await (await isTold).json(), { play_count: 1, counted: false });
		await button('next').click();
		await button('next').click();
		await shown('flood').waitFor();
	});

	step('goes back and on by the buttons, and starts nothing anew within the page', async () => {
		await button('previous').click();
		await shown('flood').waitFor();
		await button('previous').click();
		await shown('slack').waitFor();
		await button('pause').waitFor();
		await button('next').click();
		await shown('flood').waitFor();
		await button('pause').waitFor();
		assert.equal(await soundsBy(), 1);
	});

	step('lets one track fade into the next where somebody wants that', async () => {
		await page.goto(`${product.url}/settings`);
		await page.getByLabel('crossfade').selectOption('2 seconds');
		await page.goto(album);
		await page.getByRole('button', { name: 'play ebb' }).click();
		await reaches(0.5);
		const heard = await page.evaluate(async () => {
			const moments: number[][] = [];
			for (const until = performance.now() + 3_300; performance.now() < until;) {
				const all = [...document.querySelectorAll('audio')];
				moments.push(all.filter(({ paused }) => !paused).map(({ volume }) => volume));
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
			return moments;
		});
		const both = heard.filter(({ length }) => length === 2);
		const full = heard[0]?.[0] ?? 0;
		// 2 s, looked at every 50 ms, on a machine that may be busy
		assert.ok(both.length > 15 && both.length < 45, `${both.length} moments with both`);
		for (const [one = 0, other = 0] of both) {
			assert.ok(Math.abs(one + other - full) < 0.01, `${one} and ${other} of ${full}`);
		}
		assert.ok(both.some(([one = 0]) => one > 0.3 * full && one < 0.7 * full));
		await shown('flood').waitFor();
		await page.goto(`${product.url}/settings`);
		await page.getByLabel('crossfade').selectOption('off');
	});

	step('is at hand by keys, and leaves them to who types', async () => {
		await page.goto(album);
		await page.getByRole('button', { name: 'play ebb' }).click();
		await shown('ebb').waitFor();
		await page.locator('h1').click();
		await page.keyboard.press('Shift+ArrowRight');
		await shown('slack').waitFor();
		await page.keyboard.press('Shift+ArrowLeft');
		await shown('ebb').waitFor();
		await page.keyboard.press('Space');
		await button('play').waitFor();
		const volume = player().getByRole('slider', { name: 'volume' });
		const before = Number(await volume.inputValue());
		// where a page scrolls the arrows are its own, but not in the player
		await button('play').focus();
		await page.keyboard.press('ArrowDown');
		assert.ok(Number(await volume.inputValue()) < before);
		await page.keyboard.press('m');
		await player().getByRole('button', { name: 'mute', pressed: true }).waitFor();
		await page.keyboard.press('m');
		await page.keyboard.press('r');
		await button('repeat: all').waitFor();
		await page.keyboard.press('r');
		await page.keyboard.press('r');
		await button('repeat: off').waitFor();
	});

	step('shows what comes next, and is changed there, by the keyboard', async () => {
		await page.locator('h1').click();
		await page.keyboard.press('q');
		await panel().waitFor();
		await button('queue').and(page.locator('[aria-pressed="true"]')).waitFor();
		await panel().getByRole('heading', { name: 'next from tides' }).waitFor();
		const rows = panel().getByRole('listitem');
		await look(page, 'queue');
		assert.deepEqual(await panel().getByRole('listitem').count(), 2);
		await panel().getByRole('button', { name: 'clear' }).press('Enter');
		await panel().getByText('nothing follows.').waitFor();
		await page.getByRole('button', { name: 'undo' }).press('Enter');
		await rows.nth(1).waitFor();
		await panel()
			.getByRole('button', { name: /^play flood/ })
			.press('Enter');
		await shown('flood').waitFor();
		await panel().press('Escape');
		await panel().waitFor({ state: 'detached' });
	});

	step('is there again after a reload: paused where it was, and nothing is loaded', async () => {
		await reaches(1.5);
		await page.keyboard.press('Space');
		await button('play').waitFor();
		const at = await position();
		const asked: string[] = [];
		page.on('request', (request) => asked.push(new URL(request.url()).pathname));
		await page.reload();
		await shown('flood').waitFor();
		await button('play').waitFor();
		assert.ok(Math.abs((await position()) - at) < 0.5, `${await position()} instead of ${at}`);
		await page.waitForTimeout(500);
		assert.deepEqual(
			asked.filter((one) => /^\/audio\/[^/]+$/.test(one)),
			[]
		);
		assert.equal(await page.locator('audio').count(), 0);
		await look(page, 'queue-restored');
		await button('play').click();
		await reaches(at + 0.5);
		assert.equal(await soundsBy(), 1);
	});

	step('comes along at the sign-in, and to the other devices of the person', async () => {
		await signIn(page, product.url, 'bob');
		const trackIds = async () => {
			const answer = await listener.context.request.get(`${product.url}/api/queue/`);
			const { state } = (await answer.json()) as { state: { items: { track_id: number }[] } };
			return state.items.map((item) => item.track_id);
		};
		for (let i = 0; i < 100 && (await trackIds()).length === 0; i++) await page.waitForTimeout(100);
		assert.ok((await trackIds()).length > 0);
		const other = await listener.context.newPage();
		await other.goto(album);
		await other.getByRole('region', { name: 'player' }).getByText('flood').waitFor();
		await page.goto(album);
		await page.getByRole('button', { name: 'play ebb' }).click();
		await shown('ebb').waitFor();
		await other.getByRole('region', { name: 'player' }).getByText('ebb').waitFor();
		assert.equal(await other.locator('audio').count(), 0, 'nothing sounds there');
		await other.close();
	});

	step('complains about nothing', async () => {
		assert.deepEqual(listener.complaints, [], errorsOf(product));
		await Promise.resolve();
	});
});
