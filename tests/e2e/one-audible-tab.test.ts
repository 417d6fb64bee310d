import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';

/** Of what is done at random in two tabs. */
const ROUNDS = Number(process.env['AUDIBLE_ROUNDS'] ?? 200);

/** Some time in which a tab was heard, in milliseconds since 1970. */
interface Heard {
	tab: number;
	fromMs: number;
	untilMs: number;
}

/** What the page is given beside its own. */
type Watched = typeof globalThis & {
	reportSound(isHeard: boolean, atMs: number): void;
	hearsKeys?: boolean;
};

/**
 * Runs in the page before anything of it: says whenever its sound begins or ends, and keeps in mind
 * that the page is alive, which it is when it listens to keys.
 */
function watchSound() {
	const page = globalThis as Watched;
	const listen = page.addEventListener.bind(page);
	page.addEventListener = (...args: Parameters<typeof listen>) => {
		if (args[0] === 'keydown') page.hearsKeys = true;
		listen(...args);
	};
	const elements = new Set<HTMLMediaElement>();
	let wasHeard = false;
	const look = () => {
		const isHeard = [...elements].some(
			({ paused, muted, ended, readyState }) => !paused && !muted && !ended && readyState >= 3
		);
		if (isHeard === wasHeard) return;
		wasHeard = isHeard;
		page.reportSound(isHeard, performance.timeOrigin + performance.now());
	};
	const watch = (element: HTMLMediaElement) => {
		if (elements.has(element)) return;
		elements.add(element);
		const events = ['playing', 'canplay', 'pause', 'ended', 'emptied', 'volumechange', 'waiting'];
		for (const event of events) element.addEventListener(event, look);
	};
	const proto = HTMLMediaElement.prototype;
	const play = Reflect.get<HTMLMediaElement, 'play'>(proto, 'play');
	const pause = Reflect.get<HTMLMediaElement, 'pause'>(proto, 'pause');
	proto.play = function () {
		watch(this);
		const playing = play.call(this);
		look();
		return playing;
	};
	proto.pause = function () {
		pause.call(this);
		look();
	};
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

describe('two tabs of one browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let context: BrowserContext;
	const heard: Heard[] = [];

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-tabs-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const file = path.join(dir, 'long.mp3');
		await makeAudio(file, { seconds: 60, frequencyHz: 220 });
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser({ isWhole: true });
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of one sound');
		await publishTrack(alice, product.url, file, { title: 'long' });
		await alice.context.close();
		({ context } = await visit(browser));
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	/** A tab, and how what is heard in it is written down. */
	class Tab {
		page: Page | undefined;
		#fromMs: number | null = null;
		readonly index: number;

		constructor(index: number) {
			this.index = index;
		}

		async open(): Promise<Page> {
			if (this.page) return this.page;
			const page = await context.newPage();
			await page.exposeFunction('reportSound', (isHeard: boolean, atMs: number) => {
				if (isHeard) this.#fromMs = atMs;
				else this.silent(atMs);
			});
			await page.addInitScript(watchSound);
			await page.goto(product.url);
			await alive(page);
			this.page = page;
			return page;
		}

		silent(atMs: number): void {
			if (this.#fromMs === null) return;
			heard.push({ tab: this.index, fromMs: this.#fromMs, untilMs: atMs });
			this.#fromMs = null;
		}

		/**
		 * What plays ends with its page, and so does its right to sound: another tab that waits for it is
		 * heard long before the new page is there, or playwright knows that this one is closed.
		 */
		async leave(how: 'reload' | 'close'): Promise<void> {
			const { page } = this;
			if (!page) return;
			if (how === 'reload') {
				await page.reload();
				this.silent(await page.evaluate(whenFormerPageEnded));
				await alive(page);
				return;
			}
			this.page = undefined;
			const closedAtMs = Date.now();
			await page.close();
			this.silent(closedAtMs);
		}

		isSounding(): boolean {
			return this.#fromMs !== null;
		}
	}

	const alive = (page: Page) => page.waitForFunction(() => 'hearsKeys' in globalThis);
	/** As a gesture, and at once: a click would wait for the next frame, which a tab behind has rarely. */
	const press = (page: Page) =>
		page
			.getByRole('button', { name: /^(play|pause) long$/ })
			.first()
			.evaluate((button: HTMLElement) => {
				button.click();
			});

	it(`never sound together, in ${ROUNDS} turns of play, pause, reload and close`, async () => {
		const tabs = [new Tab(0), new Tab(1)];
		const seed = Number(process.env['AUDIBLE_SEED'] ?? 7);
		const random = randomOf(seed);
		for (let round = 0; round < ROUNDS; round++) {
			const tab = tabs[Math.floor(random() * tabs.length)] ?? assert.fail();
			const page = await tab.open();
			const choice = random();
			if (choice < 0.8) await press(page);
			else await tab.leave(choice < 0.92 ? 'reload' : 'close');
			await sleep(random() * 80);
		}
		for (const tab of tabs) await tab.leave('close');
		const spans = heard.toSorted((a, b) => a.fromMs - b.fromMs);
		assert.ok(new Set(spans.map(({ tab }) => tab)).size === 2, 'both were heard');
		assert.ok(spans.length > ROUNDS / 8, `only ${spans.length} times was anything heard`);
		const together = spans.filter((span, index) =>
			spans.slice(0, index).some(({ tab, untilMs }) => tab !== span.tab && untilMs > span.fromMs)
		);
		assert.deepEqual(together, [], `seed ${seed}`);
	});

	it('hand the sound over: the one that was heard is paused where it was', async () => {
		const [first, second] = [new Tab(2), new Tab(3)];
		await press(await first.open());
		await until(() => first.isSounding());
		await press(await second.open());
		await until(() => second.isSounding() && !first.isSounding());
		const player = (await first.open()).getByRole('region', { name: 'player' });
		await player.getByRole('button', { name: 'play', exact: true }).waitFor();
		await press(await first.open());
		await until(() => first.isSounding() && !second.isSounding());
	});

	it('take the sound from a tab that gives no answer', async () => {
		const [stuck, other] = [new Tab(4), new Tab(5)];
		const page = await stuck.open();
		await page.evaluate(() => {
			BroadcastChannel.prototype.postMessage = () => undefined;
			void navigator.locks.request('plyr-sound', { steal: true }, () => new Promise(() => {}));
		});
		await press(await other.open());
		await until(() => other.isSounding());
	});
});

/** Runs in the page that was loaded anew. @returns ms since 1970 */
function whenFormerPageEnded(): number {
	const [navigation] = performance.getEntriesByType('navigation');
	const { unloadEventStart = 0 } = (navigation ?? {}) as Partial<PerformanceNavigationTiming>;
	return performance.timeOrigin + unloadEventStart;
}

async function until(isSo: () => boolean): Promise<void> {
	const endMs = Date.now() + 10_000;
	while (!isSo()) {
		assert.ok(Date.now() < endMs, 'it did not come to that');
		await sleep(20);
	}
}
