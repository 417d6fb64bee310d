import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, CDPSession, Locator, Page } from 'playwright';
import { addToEnd, playNow } from '#lib/queue/change-queue.ts';
import { stateToJson } from '#lib/queue/queue-json.ts';
import { emptyQueue } from '#lib/queue/queue-state.ts';
import { assertAccessible } from './axe.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { enter, hasFocus, tabTo } from './keyboard.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { errorsOf, type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const TITLES = ['ebb', 'slack', 'flood'];
const SECONDS = 30;
const MANY = 9_999;
/** 60 in a second. */
const FRAME_MS = 16.7;
/** As many as are scrolled through. */
const FEW = 900;
const clock = { now: Date.now, newId: () => crypto.randomUUID(), random: Math.random };

describe('the queue, put together by hand', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let listener: Visit;
	let page: Page;
	let album: string;
	let trackIds: number[];
	const step = stepsOf(() => page);

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-queue-'));
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
		trackIds = [];
		for (const [index, file] of files.entries()) {
			const track = await publishTrack(alice, product.url, file, {
				title: TITLES[index] ?? '',
				album: 'tides'
			});
			trackIds.push(track.id);
			album = `${product.url}/u/alice.test/album/${track.album?.slug}`;
		}
		await alice.context.close();
		listener = await visit(browser, { viewport: { width: 1280, height: 800 }, hasTouch: true });
		({ page } = listener);
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const playerOf = (on: Page) => on.getByRole('region', { name: 'player' });
	const panelOf = (on: Page) => on.getByRole('complementary', { name: 'queue' });
	const panel = () => panelOf(page);
	const itemsOf = (on: Page) =>
		panelOf(on).getByRole('list', { name: 'next in queue' }).getByRole('listitem');
	const titlesOf = (on: Page) => itemsOf(on).locator('.title').allInnerTexts();
	const row = (index: number) => itemsOf(page).nth(index);
	const toast = (text: string) =>
		page.getByRole('region', { name: 'notifications' }).getByText(text, { exact: true });
	const undo = () => page.getByRole('button', { name: 'undo' });

	async function until(is: () => Promise<boolean>, what: string): Promise<void> {
		const giveUpAt = Date.now() + 15_000;
		while (!(await is())) {
			if (Date.now() > giveUpAt) assert.fail(`never: ${what}`);
			await page.waitForTimeout(50);
		}
	}
	async function listed(titles: string[], on = page): Promise<void> {
		const giveUpAt = Date.now() + 15_000;
		for (;;) {
			const found = await titlesOf(on);
			if (JSON.stringify(found) === JSON.stringify(titles)) return;
			if (Date.now() > giveUpAt) assert.deepEqual(found, titles);
			await on.waitForTimeout(50);
		}
	}

	async function put(name: string, where: 'play next' | 'add to queue'): Promise<void> {
		await page.getByRole('button', { name: `more for ${name}` }).click();
		await page.getByRole('menuitem', { name: where }).click();
	}

	step('is begun from a row, by the keyboard, and nothing sounds', async () => {
		await page.goto(product.url);
		await enter(page, page.getByRole('button', { name: 'more for ebb' }));
		await until(() => hasFocus(page.getByRole('menuitem', { name: 'play next' })), 'in the menu');
		await assertAccessible(page);
		await page.keyboard.press('Escape');
		await page.getByRole('menu').waitFor({ state: 'detached' });
		assert.ok(await hasFocus(page.getByRole('button', { name: 'more for ebb' })));
		await page.keyboard.press('Enter');
		await until(() => hasFocus(page.getByRole('menuitem', { name: 'play next' })), 'in it again');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Enter');
		await toast('ebb is in the queue').waitFor();
		await playerOf(page).getByRole('link', { name: 'ebb', exact: true }).waitFor();
		await playerOf(page).getByRole('button', { name: 'play', exact: true }).waitFor();
		assert.equal(await page.locator('audio').count(), 0);
	});

	step(
		'takes a track behind everything, another next, and an album; and takes it back',
		async () => {
			await put('slack', 'add to queue');
			await put('flood', 'play next');
			await toast('flood plays next').waitFor();
			await page.keyboard.press('q');
			await panel().waitFor();
			await listed(['flood', 'slack']);
			await page.goto(album);
			await listed(['flood', 'slack']);
			await put('tides', 'add to queue');
			await toast('tides is in the queue').waitFor();
			await listed(['flood', 'slack', ...TITLES]);
			await undo().click();
			await listed(['flood', 'slack']);
			await put('tides', 'add to queue');
			await listed(['flood', 'slack', ...TITLES]);
			await look(page, 'queue-panel');
		}
	);

	step('is open again with the next page, and leaves the focus where it was', async () => {
		await page.reload();
		await panel().waitFor();
		assert.ok(await page.evaluate(() => document.activeElement === document.body));
	});

	step('is moved by keys, said aloud, and the focus stays', async () => {
		await tabTo(page, panel().getByRole('button', { name: 'move flood', exact: true }).first());
		await page.keyboard.press('Alt+ArrowDown');
		await panel().getByText('flood is now 2 of 5').waitFor({ state: 'attached' });
		await listed(['slack', 'flood', ...TITLES]);
		assert.ok(await hasFocus(row(1).getByRole('button', { name: 'move flood', exact: true })));
		await page.keyboard.press('Alt+Home');
		await listed(['flood', 'slack', ...TITLES]);
		await page.keyboard.press('Enter');
		await row(0).getByRole('button', { name: 'move flood down' }).press('Enter');
		await listed(['slack', 'flood', ...TITLES]);
		await row(1).getByRole('button', { name: 'move flood up' }).press('Enter');
		await row(0).getByRole('button', { name: 'move flood', exact: true }).press('Enter');
	});

	step('leads to the page of who made it, and is moved from that link as well', async () => {
		const artist = (index: number) =>
			row(index).getByRole('link', { name: 'alice of the low water' });
		assert.equal(await artist(0).getAttribute('href'), '/u/alice.test');
		await tabTo(page, artist(0));
		await page.keyboard.press('Alt+ArrowDown');
		await panel().getByText('flood is now 2 of 5').waitFor({ state: 'attached' });
		assert.ok(await hasFocus(artist(1)));
		await page.keyboard.press('Alt+ArrowUp');
		await listed(['flood', 'slack', ...TITLES]);
		await assertAccessible(page);
		await page.keyboard.press('Enter');
		await page.waitForURL('**/u/alice.test');
		await listed(['flood', 'slack', ...TITLES]);
		await playerOf(page).getByRole('button', { name: 'play', exact: true }).waitFor();
		assert.equal(await page.locator('audio').count(), 0, 'nothing sounds');
		await page.goto(album);
		await listed(['flood', 'slack', ...TITLES]);
	});

	step('plays from anywhere in a row but the name of who made it', async () => {
		const other = await visit(browser, { viewport: { width: 1280, height: 800 } });
		await other.page.goto(album);
		await other.page.getByRole('main').getByRole('button', { name: 'more for tides' }).click();
		await other.page.getByRole('menuitem', { name: 'add to queue' }).click();
		await playerOf(other.page).getByRole('link', { name: 'ebb', exact: true }).waitFor();
		await other.page.keyboard.press('q');
		await listed(['slack', 'flood'], other.page);
		const box = await itemsOf(other.page).nth(1).boundingBox();
		assert.ok(box);
		// beside the name, below the title
		await other.page.mouse.click(box.x + box.width * 0.8, box.y + box.height - 4);
		await playerOf(other.page).getByRole('link', { name: 'flood', exact: true }).waitFor();
		await playerOf(other.page).getByRole('button', { name: 'pause' }).waitFor();
		await other.context.close();
	});

	step('is shuffled by a key, and comes back into its order', async () => {
		const before = await titlesOf(page);
		await page.keyboard.press('s');
		await panel().getByRole('button', { name: 'shuffle', pressed: true }).waitFor();
		const after = await titlesOf(page);
		assert.notDeepEqual(after, before);
		assert.deepEqual(after.toSorted(), before.toSorted());
		await page.keyboard.press('s');
		await panel().getByRole('button', { name: 'shuffle', pressed: false }).waitFor();
		await listed(before);
	});

	step('gives up a row, the focus is on the next, and it can be taken back', async () => {
		await row(1).getByRole('button', { name: 'remove slack' }).press('Enter');
		await panel().getByText('slack is removed').waitFor({ state: 'attached' });
		await listed(['flood', ...TITLES]);
		await until(
			() => hasFocus(row(1).getByRole('button', { name: 'remove ebb' })),
			'the focus is on the next row'
		);
		await undo().press('Enter');
		await listed(['flood', 'slack', ...TITLES]);
	});

	step('is dragged with the mouse and with a finger', async () => {
		await dragTo(row(0), row(2), 'mouse');
		await listed(['slack', 'ebb', 'flood', 'slack', 'flood']);
		await dragTo(row(4), row(0), 'touch');
		await listed(['flood', 'slack', 'ebb', 'flood', 'slack']);
		await panel().getByText('flood is now 1 of 5').waitFor({ state: 'attached' });
	});

	async function dragTo(from: Locator, to: Locator, by: 'mouse' | 'touch'): Promise<void> {
		const start = await from.locator('button[title^="drag"]').boundingBox();
		const end = await to.boundingBox();
		assert.ok(start && end);
		const x = start.x + start.width / 2;
		const [startY, endY] = [start.y + start.height / 2, end.y + end.height / 2];
		if (by === 'mouse') {
			await page.mouse.move(x, startY);
			await page.mouse.down();
			await page.mouse.move(x, endY, { steps: 8 });
			await page.mouse.up();
			return;
		}
		const line = await page.context().newCDPSession(page);
		const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
			line.send('Input.dispatchTouchEvent', {
				type,
				touchPoints: y === undefined ? [] : [{ x, y }]
			});
		await touch('touchStart', startY);
		for (let part = 1; part <= 8; part++) {
			await touch('touchMove', startY + ((endY - startY) * part) / 8);
		}
		await touch('touchEnd');
		await line.detach();
	}

	/** Drags the second row behind the fourth, and lets something happen before it is let go. */
	async function dragWhile(happens: () => Promise<void>): Promise<void> {
		await page.bringToFront();
		const handle = row(1).locator('button[title^="drag"]');
		const [start, end] = [await handle.boundingBox(), await row(3).boundingBox()];
		assert.ok(start && end);
		const x = start.x + start.width / 2;
		await page.mouse.move(x, start.y + start.height / 2);
		await page.mouse.down();
		await page.mouse.move(x, end.y + end.height / 2, { steps: 8 });
		await happens();
		await page.mouse.up();
	}

	step('is the same in another tab at once, also without the server', async () => {
		const other = await listener.context.newPage();
		await other.goto(album);
		await panelOf(other).waitFor();
		await listed(['flood', 'slack', 'ebb', 'flood', 'slack'], other);
		await dragWhile(async () => {
			await itemsOf(other).nth(0).getByRole('button', { name: 'remove flood' }).click();
			await listed(['slack', 'ebb', 'flood', 'slack']);
		});
		await listed(['ebb', 'flood', 'slack', 'slack']);
		await other.getByRole('button', { name: 'undo' }).click();
		await listed(['flood', 'ebb', 'flood', 'slack', 'slack']);
		const moved = row(3).getByRole('button', { name: 'move slack', exact: true });
		await moved.press('Alt+ArrowUp');
		await listed(['flood', 'ebb', 'slack', 'flood', 'slack']);
		await page.keyboard.press('Alt+ArrowUp');
		await listed(['flood', 'slack', 'ebb', 'flood', 'slack']);
		await listener.context.setOffline(true);
		await row(0).getByRole('button', { name: 'remove flood' }).click();
		await listed(['slack', 'ebb', 'flood', 'slack'], other);
		await itemsOf(other)
			.nth(0)
			.getByRole('button', { name: 'move slack', exact: true })
			.press('Alt+End');
		await listed(['ebb', 'flood', 'slack', 'slack']);
		await listener.context.setOffline(false);
		assert.equal(await other.locator('audio').count(), 0);
		await other.close();
	});

	step('closes by escape, and gives the focus back', async () => {
		const button = playerOf(page).getByRole('button', { name: 'queue' });
		await button.click();
		await panel().waitFor({ state: 'detached' });
		await button.press('Enter');
		await until(() => hasFocus(panel()), 'the focus is in the panel');
		await page.keyboard.press('Escape');
		await panel().waitFor({ state: 'detached' });
		assert.ok(await hasFocus(button));
		await button.press('Enter');
		await panel().waitFor();
		await page.getByRole('heading', { level: 1 }).first().click();
		await page.keyboard.press('Escape');
		await panel().waitFor({ state: 'detached' });
		await button.press('Enter');
		await panel().getByRole('button', { name: 'clear' }).press('Enter');
		await until(() => hasFocus(panel()), 'the focus is in the panel');
		await undo().first().click();
		await listed(['ebb', 'flood', 'slack', 'slack']);
		await panel().focus();
		await page.keyboard.press('Escape');
		await panel().waitFor({ state: 'detached' });
	});

	step('comes behind what the account has, at the sign-in', async () => {
		const first = await visit(browser);
		await signIn(first.page, product.url, 'bob');
		await first.page.goto(album);
		await first.page.getByRole('button', { name: 'more for flood' }).click();
		await first.page.getByRole('menuitem', { name: 'add to queue' }).click();
		await playerOf(first.page).getByRole('link', { name: 'flood', exact: true }).waitFor();
		await first.page.keyboard.press('q');
		await signIn(page, product.url, 'bob');
		await playerOf(page).getByRole('link', { name: 'flood', exact: true }).waitFor();
		await page.keyboard.press('q');
		await listed(['ebb', 'ebb', 'flood', 'slack', 'slack']);
		await listed(['ebb', 'ebb', 'flood', 'slack', 'slack'], first.page);
		await first.context.close();
	});

	step('says on another device where this one is, and goes on there when asked to', async () => {
		const other = await visit(browser, { viewport: { width: 360, height: 740 } });
		await signIn(other.page, product.url, 'bob');
		await other.page.goto(album);
		// where there is little room all of it is a button
		await playerOf(other.page)
			.getByRole('button', { name: /^flood/ })
			.waitFor();
		await playerOf(page).getByRole('button', { name: 'play', exact: true }).click();
		await playerOf(page).getByRole('button', { name: 'pause' }).waitFor();
		await page.locator('h1').first().click();
		for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
		const offer = other.page.getByRole('button', { name: /^continue here at 0:(1[5-9]|2\d)$/ });
		await offer.waitFor();
		await playerOf(other.page).getByText('flood, on chrome on linux').waitFor();
		assert.equal(await other.page.locator('audio').count(), 0, 'nothing sounds there');
		await look(other.page, 'queue-elsewhere');
		await playerOf(page).getByRole('button', { name: 'pause' }).click();
		await offer.click();
		await playerOf(other.page).getByRole('button', { name: 'pause' }).waitFor();
		const at = await playerOf(other.page).getByRole('slider', { name: 'seek' }).inputValue();
		assert.ok(Number(at) >= 14, `goes on at ${at}`);
		await playerOf(other.page).getByRole('button', { name: 'pause' }).click();
		await other.context.close();
	});

	/** Fills the queue, and scrolls through it. @returns milliseconds of work a frame */
	async function scrollWork(line: CDPSession, count: number): Promise<number> {
		const ids = Array.from({ length: count }, (_, i) => trackIds[i % 3] ?? 0);
		const state = addToEnd(playNow(emptyQueue(), trackIds[0] ?? 0, null, clock), ids, clock);
		const answer = await listener.context.request.put(`${product.url}/api/queue/`, {
			headers: { origin: product.url },
			data: { state: stateToJson(state) }
		});
		assert.equal(answer.status(), 200);
		await panel().getByText(count.toLocaleString('en'), { exact: false }).waitFor();
		const worked = async () => {
			const { metrics } = await line.send('Performance.getMetrics');
			return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
		};
		await panel().evaluate((element) => element.scrollTo(0, 0));
		const before = await worked();
		const frames = await panel().evaluate(scrollThrough);
		const workMs = (1_000 * ((await worked()) - before)) / frames.length;
		const sorted = frames.toSorted((a, b) => a - b);
		const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
		process.stdout.write(
			`# ${count} rows: ${workMs.toFixed(1)} ms of work a frame; frames of ${at(0.5)} ms (median), ${at(0.95)} ms (p95)\n`
		);
		return workMs;
	}

	step('holds ten thousand, of which only those in sight are there', async () => {
		const line = await listener.context.newCDPSession(page);
		// the time of the processor: what else the machine does is not counted
		await line.send('Performance.enable', { timeDomain: 'threadTicks' });
		const few = await scrollWork(line, FEW);
		const many = await scrollWork(line, MANY);
		await line.detach();
		assert.ok((await itemsOf(page).count()) < 60);
		const ratio = many / few;
		process.stdout.write(`# ${MANY} rows beside ${FEW}: ${ratio.toFixed(2)} of the work\n`);
		assert.ok(many < FRAME_MS, `${many.toFixed(1)} ms of work a frame`);
		assert.ok(ratio < 1.5, `${ratio.toFixed(2)} times the work of a short queue`);
		await panel().evaluate((element) => element.scrollTo(0, element.scrollHeight));
		await panel().locator('li[aria-posinset="9999"]').waitFor();
		await look(page, 'queue-ten-thousand');
		const last = panel().locator('li[aria-posinset="9999"]');
		await last.getByRole('button', { name: /^remove/ }).click();
		await panel().getByText('9,998').waitFor();
	});

	step(
		'has a button on the page of an album and of an artist, which pauses what it plays',
		async () => {
			const other = await visit(browser, { viewport: { width: 1280, height: 800 } });
			const main = other.page.getByRole('main');
			const player = playerOf(other.page);
			const [play, pause] = ['play', 'pause'].map((name) =>
				main.getByRole('button', { name, exact: true })
			);
			assert.ok(play && pause);
			await other.page.goto(album);
			const share = main.getByRole('button', { name: 'share' });
			const before = await share.boundingBox();
			await play.click();
			await pause.waitFor();
			await player.getByRole('link', { name: 'ebb', exact: true }).waitFor();
			assert.deepEqual(await share.boundingBox(), before, 'nothing beside it moves');
			await main.getByRole('button', { name: 'play flood' }).click();
			await main.getByRole('button', { name: 'pause flood' }).waitFor();
			await pause.click();
			await player.getByRole('button', { name: 'play', exact: true }).waitFor();
			await play.click();
			await player.getByRole('button', { name: 'pause', exact: true }).waitFor();
			await player.getByRole('link', { name: 'flood', exact: true }).waitFor();
			await main.getByRole('link', { name: 'alice of the low water' }).click();
			await other.page.getByRole('list', { name: /^tracks of/ }).waitFor();
			await pause.click();
			await play.waitFor();
			await player.getByRole('button', { name: 'play', exact: true }).waitFor();
			assert.deepEqual(other.complaints, []);
			await other.context.close();
		}
	);

	step('complains about nothing', async () => {
		// while it was offline
		const complaints = listener.complaints.filter((one) => !one.includes('INTERNET_DISCONNECTED'));
		assert.deepEqual(complaints, [], errorsOf(product));
		await Promise.resolve();
	});
});

/** Runs in the page. @returns how long each frame took while it was scrolled fast, in ms */
async function scrollThrough(element: Element): Promise<number[]> {
	const frames: number[] = [];
	let before = performance.now();
	for (let i = 0; i < 120; i++) {
		element.scrollBy(0, 400);
		await new Promise((done) => requestAnimationFrame(done));
		const now = performance.now();
		frames.push(now - before);
		before = now;
	}
	return frames;
}
