import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright';
import { assertAccessible } from './axe.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { errorsOf, type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio, makePicture } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const TITLE = 'the long way round by the harbour wall, when the tide is out';
const SECONDS = 90;
const DESK = { width: 1280, height: 800 };
const TABLET = { width: 768, height: 1024 };
const PHONE = { width: 360, height: 740 };

describe('the player at hand, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let listener: Visit;
	let page: Page;
	let track: string;
	const step = stepsOf(() => page);

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-hands-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const files = ['a.mp3', 'b.mp3'].map((name) => path.join(dir, name));
		for (const [index, file] of files.entries()) {
			await makeAudio(file, { seconds: SECONDS, frequencyHz: 200 + 60 * index });
		}
		const picture = path.join(dir, 'cover.png');
		await makePicture(picture);
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the low water');
		for (const [index, file] of files.entries()) {
			const title = index === 0 ? 'ebb' : TITLE;
			const facts = { title, album: 'tides and other arrivals' };
			const { id } = await publishTrack(alice, product.url, file, facts, picture);
			track = `${product.url}/track/${id}`;
		}
		await alice.context.close();
		listener = await visit(browser, { viewport: DESK });
		({ page } = listener);
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const player = () => page.getByRole('region', { name: 'player' });
	const seek = () => player().getByRole('slider', { name: 'seek' });
	const position = async () => Number(await seek().inputValue());
	const large = () => page.getByRole('dialog', { name: 'now playing' });
	const keys = () => page.getByRole('dialog', { name: 'keys' });
	/** of what sounds: its speed, and whether its pitch stays */
	const rates = () =>
		page.locator('audio').evaluateAll((all: HTMLAudioElement[]) => {
			const sounding = all.find((one) => !one.paused);
			return [sounding?.playbackRate, sounding?.preservesPitch];
		});
	const isNear = async (second: number) => {
		const at = await position();
		assert.ok(Math.abs(at - second) < 3, `${at}, not ${second}`);
	};

	step('draws the track as it sounds, with what is played and what is there', async () => {
		const peaks = page.waitForResponse((answer) => answer.url().endsWith('/peaks'));
		await page.goto(track);
		await page.getByRole('main').getByRole('button', { name: 'play', exact: true }).click();
		const answer = await peaks;
		assert.equal((await answer.body()).length, 1800);
		assert.match(answer.headers()['cache-control'] ?? '', /immutable/);
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
		const drawn = player().locator('.waveform path');
		const bars = async () => ((await drawn.getAttribute('d')) ?? '').split('M').length - 1;
		for (let i = 0; i < 50 && (await bars()) < 50; i++) await page.waitForTimeout(100);
		assert.ok((await bars()) >= 50, `${await bars()} bars`);
		const widthOf = async (name: string) =>
			Number(await player().locator(`.waveform .${name}`).getAttribute('width'));
		await page.waitForTimeout(1_000);
		const [all, buffered, played] = await Promise.all(['all', 'buffered', 'played'].map(widthOf));
		assert.ok(all && buffered && played);
		assert.ok(played > 0 && played < buffered && buffered <= all, `${played} ${buffered} ${all}`);
	});

	step('tells the time at the pointer, and goes where it is pressed', async () => {
		const box = await seek().boundingBox();
		assert.ok(box && box.height >= 44);
		await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
		const told = player().locator('.hovered');
		assert.equal(await told.innerText(), '0:45');
		await page.mouse.down();
		await page.mouse.up();
		await isNear(45);
		await page.mouse.move(box.x, 0);
		assert.equal(await told.count(), 0);
		// what was pressed has the focus, and no use for space
		await page.keyboard.press('Space');
		await player().getByRole('button', { name: 'play', exact: true }).waitFor();
		await page.keyboard.press('Space');
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
	});

	step('moves by the keys of a slider', async () => {
		await seek().focus();
		const told: [string, number][] = [
			['Home', 0],
			['PageUp', 30],
			['ArrowRight', 35],
			['ArrowLeft', 30],
			['PageDown', 0]
		];
		for (const [key, second] of told) {
			await page.keyboard.press(key);
			await isNear(second);
		}
	});

	step('leads from the metadata to its pages', async () => {
		await page.goto(product.url);
		await page.getByRole('button', { name: `play ${TITLE}` }).click();
		await player().getByRole('link', { name: TITLE }).click();
		await page.waitForURL(track);
		await player().getByRole('link', { name: 'tides and other arrivals' }).click();
		await page.getByRole('heading', { name: 'tides and other arrivals' }).waitFor();
	});

	step('plays on, on the page it is on, when the next one does not come', async () => {
		const before = page.url();
		const { context } = listener;
		await context.route(`${product.url}/**`, (route) => route.abort('connectionrefused'));
		const isHeard = async () => !(await page.locator('audio').evaluateAll(areQuiet));
		const link = page.getByRole('banner').getByRole('link', { name: 'settings' });
		await link.click();
		const notice = page.getByText('that page did not come: the site does not answer');
		await notice.waitFor();
		assert.equal(page.url(), before);
		await page.goBack();
		await page.waitForTimeout(1_000);
		assert.equal(page.url(), before);
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
		await context.unroute(`${product.url}/**`);
		await link.click();
		await page.waitForURL(`${product.url}/settings`);
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
		assert.ok(await isHeard());
		await page.goBack();
		await page.waitForURL(before);
		assert.ok(await isHeard());
		forgetRefusals();
	});

	step('moves a long title only for who points at it, and never with reduced motion', async () => {
		const title = player().locator('.title span');
		const moves = () =>
			title.evaluate((span) => span.getAnimations().some((one) => one.playState === 'running'));
		await page.emulateMedia({ reducedMotion: 'no-preference' });
		await page.mouse.move(0, 0);
		assert.equal(await moves(), false);
		await title.hover();
		// the browser sees with its next picture what is pointed at
		while (!(await moves())) await page.waitForTimeout(20);
		await page.emulateMedia({ reducedMotion: 'reduce' });
		assert.equal(await moves(), false);
		await page.mouse.move(0, 0);
	});

	step('lists its keys, and gives the focus back', async () => {
		const link = player().getByRole('link', { name: TITLE });
		await link.focus();
		await page.keyboard.press('?');
		await keys().waitFor();
		await keys().getByRole('row', { name: 'space play or pause' }).waitFor();
		await page.keyboard.press('q');
		assert.equal(await page.getByRole('complementary', { name: 'queue' }).count(), 0);
		await page.keyboard.press('Escape');
		await keys().waitFor({ state: 'detached' });
		assert.ok(await hasFocus(link));
		await page.keyboard.press('?');
		await keys().waitFor();
		await look(page, 'player-keys');
		await keys().getByRole('button', { name: 'close the list of keys' }).click();
	});

	step('leaves up and down to who scrolls by keyboard', async () => {
		const volume = () => player().getByRole('slider', { name: 'volume' }).inputValue();
		const before = await volume();
		await page.setViewportSize({ ...DESK, height: 400 });
		await page.locator('h1').click();
		await page.keyboard.press('ArrowDown');
		await page.waitForFunction(() => scrollY > 0);
		assert.equal(await volume(), before);
		await page.keyboard.press('Shift+ArrowDown');
		assert.ok(Number(await volume()) < Number(before));
		const quieter = await volume();
		await player().getByRole('button', { name: 'previous' }).focus();
		await page.keyboard.press('ArrowUp');
		assert.ok(Number(await volume()) > Number(quieter));
		await page.setViewportSize(DESK);
	});

	step('plays faster with the same pitch, and remembers it for the artist', async () => {
		await tabTo(page, player().getByRole('button', { name: 'speed and sleep timer' }));
		await page.keyboard.press('Enter');
		const speed = player().getByLabel('speed', { exact: true });
		await speed.waitFor();
		await look(page, 'player-options');
		await speed.selectOption('1.5 ×');
		assert.deepEqual(await rates(), [1.5, true]);
		await page.keyboard.press('Escape');
		await speed.waitFor({ state: 'detached' });
		await page.goto(track);
		await page.getByRole('main').getByRole('button', { name: 'play', exact: true }).click();
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
		assert.deepEqual(await rates(), [1.5, true]);
	});

	step('goes to sleep at the end of the track', async () => {
		await player().getByRole('button', { name: 'speed and sleep timer' }).click();
		await player().getByLabel('sleep timer', { exact: true }).selectOption('15 minutes');
		await player()
			.getByText(/pauses in 1[45]:\d\d/)
			.waitFor();
		await player().getByLabel('sleep timer', { exact: true }).selectOption('end of this track');
		await player().getByText('pauses when this track ends').waitFor();
		await player().getByRole('button', { name: 'speed and sleep timer' }).click();
		await seek().focus();
		await page.keyboard.press('End');
		await player().getByRole('button', { name: 'play', exact: true }).waitFor();
		await page.waitForTimeout(1_000);
		assert.equal(await page.locator('audio').evaluateAll(areQuiet), true);
	});

	step('looks good beside a page, small, middle and large', async () => {
		await page.goto(product.url);
		await page.getByRole('button', { name: `play ${TITLE}` }).click();
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
		await seek().focus();
		await page.keyboard.press('PageUp');
		await page.waitForTimeout(500);
		await look(page, 'player-bar');
		for (const width of [769, 900, 961, 1_024, 1_130]) {
			await page.setViewportSize({ width, height: 800 });
			const height = await player().evaluate((bar: HTMLElement) => bar.offsetHeight);
			assert.ok(height < 90, `one row at ${width}: ${height} px`);
			const words = await player().locator('.words').boundingBox();
			assert.ok(words && words.width > 70, `room for the title at ${width}: ${words?.width} px`);
			await picture(`player-bar-${width}`);
		}
		await page.setViewportSize(TABLET);
		await assertAccessible(page);
		await picture('player-bar-768');
	});

	step('fills a phone when it is tapped, and closes with back, esc and a swipe', async () => {
		await page.setViewportSize(PHONE);
		const open = player().getByRole('button', { name: /now playing, open$/ });
		await open.click();
		await large().waitFor();
		await large().getByRole('link', { name: TITLE }).waitFor();
		await assertAccessible(page);
		await page.goBack();
		await large().waitFor({ state: 'detached' });
		assert.ok(await hasFocus(open));

		await page.keyboard.press('Enter');
		await large().waitFor();
		await page.keyboard.press('Space');
		await large().getByRole('button', { name: 'play', exact: true }).waitFor();
		await page.keyboard.press('Space');
		await large().getByRole('button', { name: 'pause', exact: true }).waitFor();
		await page.keyboard.press('Escape');
		await large().waitFor({ state: 'detached' });
		assert.ok(await hasFocus(open));
		assert.equal(page.url(), `${product.url}/`);

		await open.click();
		await large().waitFor();
		await swipeDown(page);
		await large().waitFor({ state: 'detached' });

		await open.click();
		await look(page, 'now-playing');
		await page.setViewportSize(TABLET);
		await picture('now-playing-768');
		await page.setViewportSize({ width: 740, height: 360 });
		await picture('now-playing-landscape');
		await page.setViewportSize(PHONE);
		await page.goBack();
	});

	step('says over it what happens, where it can be seen and pressed', async () => {
		const open = player().getByRole('button', { name: /now playing, open$/ });
		await open.click();
		await large().waitFor();
		await listener.context.route(`${product.url}/**`, (route) => route.abort('connectionrefused'));
		await large().getByRole('link', { name: TITLE }).click();
		await page.getByText('that page did not come').waitFor();
		await picture('now-playing-toast');
		await listener.context.unroute(`${product.url}/**`);
		await page.getByRole('button', { name: 'try again' }).click();
		await page.waitForURL(track);
		await large().waitFor({ state: 'detached' });
		await page.getByText('that page did not come').waitFor({ state: 'detached' });
		forgetRefusals();
		await page.goto(product.url);
		await page.getByRole('button', { name: `play ${TITLE}` }).click();
	});

	step('leads from there to the queue and to the page of the track', async () => {
		const open = player().getByRole('button', { name: /now playing, open$/ });
		await open.click();
		await large().getByRole('button', { name: 'queue' }).click();
		const panel = page.getByRole('complementary', { name: 'queue' });
		await panel.waitFor();
		await large().waitFor({ state: 'detached' });
		assert.ok(await hasFocus(panel));
		await page.keyboard.press('Escape');
		await panel.waitFor({ state: 'detached' });
		await open.click();
		await large().getByRole('link', { name: TITLE }).click();
		await page.waitForURL(track);
		await large().waitFor({ state: 'detached' });
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
	});

	step('has the queue over the page of a phone, and "back" or a link closes it', async () => {
		const panel = page.getByRole('complementary', { name: 'queue' });
		const open = player().getByRole('button', { name: 'queue', exact: true });
		await page.goto(product.url);
		await page.getByRole('button', { name: `play ${TITLE}` }).click();
		await open.click();
		await panel.waitFor();
		await page.goBack();
		await panel.waitFor({ state: 'detached' });
		assert.equal(page.url(), `${product.url}/`);
		await open.click();
		await panel.getByRole('link', { name: TITLE }).click();
		await page.waitForURL(track);
		await panel.waitFor({ state: 'detached' });
		await page.goBack();
		await panel.waitFor();
		await panel.getByRole('button', { name: 'close the queue' }).click();
		await panel.waitFor({ state: 'detached' });
		await page.waitForFunction(() => !JSON.stringify(history.state).includes('isQueueOpen'));
		assert.equal(page.url(), `${product.url}/`);
		await player().getByRole('button', { name: 'pause', exact: true }).waitFor();
		await page.setViewportSize(DESK);
	});

	step('breaks none of its own rules on the way', () => {
		assert.equal(listener.complaints.join('\n'), '', errorsOf(product));
		return Promise.resolve();
	});

	/** What the browser says itself where nobody answered. */
	function forgetRefusals(): void {
		const isNotOurs = (one: string) => !/CONNECTION_REFUSED|ERR_FAILED|Failed to fetch/.test(one);
		listener.complaints = listener.complaints.filter(isNotOurs);
	}

	async function picture(name: string): Promise<void> {
		const folder = process.env['SCREENSHOTS'];
		if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
	}
});

const areQuiet = (all: Element[]) => all.every((one) => (one as HTMLAudioElement).paused);

/** As a finger would, from the middle of the window. */
async function swipeDown(page: Page): Promise<void> {
	const { width, height } = page.viewportSize() ?? PHONE;
	const session = await page.context().newCDPSession(page);
	const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y: number) =>
		session.send('Input.dispatchTouchEvent', {
			type,
			touchPoints: type === 'touchEnd' ? [] : [{ x: width / 2, y }]
		});
	await touch('touchStart', height / 4);
	for (let step = 1; step <= 10; step++) await touch('touchMove', height / 4 + step * 20);
	await touch('touchEnd', height / 4 + 200);
	await session.detach();
}
