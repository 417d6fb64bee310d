import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, BrowserContext, Page, Request } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

/** Half of it is a listen. */
const SECONDS = 8;
const NOT_ENOUGH_MS = 1_500;
const TABS = 10;
const REPLAYS = 25;

describe('the count of plays, by somebody who wants it higher', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let context: BrowserContext;
	let page: Page;
	let track: TrackResponse;
	let report: Request;
	const step = stepsOf(() => page);

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-honest-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const song = path.join(dir, 'low water.mp3');
		await makeAudio(song, { seconds: SECONDS, frequencyHz: 210 });
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the low water');
		track = await publishTrack(alice, product.url, song, { title: 'low water' });
		await alice.context.close();
		({ context, page } = await visit(browser));
		await page.goto(pageOfTrack());
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const pageOfTrack = () => `${product.url}/track/${track.id}`;
	const isReport = (request: Request) =>
		request.method() === 'POST' && new URL(request.url()).pathname.endsWith('/play');

	async function count(): Promise<number> {
		const answer = await fetch(`${product.url}/api/tracks/${track.id}`);
		return ((await answer.json()) as TrackResponse).play_count;
	}

	/** Presses the button of the page, whatever it would do. */
	const press = (tab: Page) =>
		tab
			.locator('main')
			.getByRole('button', { name: /^(play|pause)( low water)?$/ })
			.first()
			.click();

	const isHeard = (tab: Page) =>
		tab.waitForFunction(() =>
			[...document.querySelectorAll('audio')].some(
				({ paused, currentTime }) => !paused && currentTime > 0
			)
		);

	step('stays when the page is loaded again and again before it was listened to', async () => {
		for (let round = 0; round < 4; round++) {
			await press(page);
			await isHeard(page);
			await page.waitForTimeout(NOT_ENOUGH_MS);
			await page.goto(pageOfTrack());
		}
		assert.equal(await count(), 0);
	});

	step('stays when somebody jumps over most of it, to its end', async () => {
		await page.evaluate(() => localStorage.clear());
		await page.goto(pageOfTrack());
		await press(page);
		await isHeard(page);
		await page.waitForTimeout(500);
		const seek = page.getByRole('slider', { name: 'seek' });
		for (const key of ['ArrowLeft', 'End']) {
			await seek.press(key);
			await page.waitForTimeout(500);
		}
		await page.waitForFunction(() =>
			[...document.querySelectorAll('audio')].every(({ paused, ended }) => paused || ended)
		);
		assert.equal(await count(), 0);
	});

	step('goes up by one for who listens', async () => {
		const isReported = page.waitForRequest(isReport);
		await press(page);
		report = await isReported;
		assert.equal((await report.response())?.status(), 200);
		assert.equal(await count(), 1);
	});

	step('stays when the report is sent again, many times at once', async () => {
		const [headers, data] = [await report.allHeaders(), report.postData() ?? ''];
		const { cookie: _, ...withoutCookie } = headers;
		const forged = { ...withoutCookie, cookie: `listener=${'a'.repeat(22)}.${'b'.repeat(22)}` };
		const send = (given: Record<string, string>) =>
			fetch(report.url(), {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					origin: product.url,
					...pick(given, 'cookie')
				},
				body: data
			});
		const kinds = [await cookiesOf(context), forged, withoutCookie];
		const answers = await Promise.all(
			Array.from({ length: REPLAYS }, (_, n) => send(kinds[n % kinds.length] ?? {}))
		);
		for (const { status } of answers) assert.ok([200, 429].includes(status), `${status}`);
		assert.equal(await count(), 1);
	});

	step(`stays when ${TABS} tabs of one browser play it after one another`, async () => {
		const tabs = await Promise.all(Array.from({ length: TABS }, () => context.newPage()));
		await Promise.all(tabs.map((tab) => tab.goto(pageOfTrack())));
		for (const tab of tabs) {
			await tab.bringToFront();
			await press(tab);
			await isHeard(tab);
		}
		const last = tabs.at(-1) ?? assert.fail();
		const isReported = last.waitForRequest(isReport);
		await last.getByRole('slider', { name: 'seek' }).press('Home');
		// it was listened to in this tab once more: the server knows that this is too soon
		const answer = await (await isReported).response();
		assert.deepEqual(await answer?.json(), { play_count: 1, counted: false });
		assert.equal(await count(), 1);
	});

	step('stays for who opens pages and throws their cookies away, and reports at once', async () => {
		for (let n = 0; n < 5; n++) {
			const opened = await fetch(pageOfTrack());
			const [cookie = ''] = opened.headers.getSetCookie();
			assert.match(cookie, /^listener=/);
			const answer = await fetch(report.url(), {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					...{ origin: product.url, cookie: cookie.split(';')[0] ?? '' }
				},
				body: report.postData() ?? ''
			});
			assert.deepEqual(await answer.json(), { play_count: 1, counted: false });
		}
	});

	step('goes up once more for somebody else who listens', async () => {
		const other = await visit(browser);
		await other.page.goto(pageOfTrack());
		const isReported = other.page.waitForRequest(isReport);
		await press(other.page);
		const answer = await (await isReported).response();
		// at the same address, and no half a minute after the first one
		assert.deepEqual(await answer?.json(), { play_count: 2, counted: true });
		await other.context.close();
	});
});

const pick = (headers: Record<string, string>, name: string): Record<string, string> =>
	headers[name] === undefined ? {} : { [name]: headers[name] };

/** What the browser would send along, also what scripts cannot read. */
async function cookiesOf(context: BrowserContext): Promise<Record<string, string>> {
	const cookies = await context.cookies();
	return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}
