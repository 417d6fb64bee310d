import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator, Page, Route } from 'playwright';
import { makeProfile, openBrowser, published, signIn, visit, type Visit } from './browser.ts';
import { listRecords } from './records.ts';
import { errorsOf, type RunningProduct, startProduct } from './running-product.ts';
import { fileIdOf, makeAudio, makePicture } from './sample-files.ts';
import { beginRelease, draftOpens, publish, rowsOf, titlesOf } from './upload-pages.ts';

/** Long enough that no browser fetches all of it ahead: a jump has to ask for another range. */
const WAV_SECONDS = 180;
const AIFF_SECONDS = 20;
const COLLECTION = 'fm.plyr.dev.track';
const PUBLISH_LIMIT_MS = 60_000;

describe('the first path through the product, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let dir: string;
	let alice: Visit;
	const file = (name: string) => path.join(dir, name);

	// each step goes on where the one before ended: after a failure the rest would only time out
	let hasFailed = false;
	const step = (name: string, act: () => void | Promise<void>): void => {
		void it(name, async (test) => {
			if (hasFailed) {
				test.skip('an earlier step failed');
				return;
			}
			try {
				await act();
			} catch (cause) {
				hasFailed = true;
				test.diagnostic(`${alice.page.url()}\n${await alice.page.locator('body').innerText()}`);
				throw cause;
			}
		});
	};

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-e2e-files-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		await makeAudio(file('slow tide.wav'), { seconds: WAV_SECONDS, frequencyHz: 110 });
		await makeAudio(file('02 - glass_house.aiff'), { seconds: AIFF_SECONDS, frequencyHz: 165 });
		await makeAudio(file('dust.flac'), { seconds: 15, frequencyHz: 220 });
		await makePicture(file('cover.png'));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser({ isWhole: true });
		cleanups.push(() => browser.close());
		alice = await visit(browser);
	});

	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	step(
		"signs in through the pages of one's own server, and makes a profile the first time",
		async () => {
			const { page } = alice;
			await signIn(page, product.url, 'alice');
			await makeProfile(page, 'alice of the low water');
		}
	);

	step('uploads a wav and shows it going on until it is published', async () => {
		const { page } = alice;
		await page.getByRole('link', { name: 'upload', exact: true }).click();
		await page.getByLabel('files', { exact: true }).setInputFiles(file('slow tide.wav'));
		await draftOpens(page);
		assert.deepEqual(await titlesOf(page), ['slow tide']);
		await page.getByLabel('album', { exact: true }).fill('low water');
		await page.getByLabel('cover', { exact: true }).setInputFiles(file('cover.png'));
		await page.getByRole('button', { name: 'more about slow tide' }).click();
		await rowsOf(page).getByLabel('description').fill('one take,\non a rainy afternoon');
		await page.getByRole('link', { name: /uploading 1/ }).waitFor();
		await publish(page);
		await page.getByRole('heading', { name: 'low water is published' }).waitFor();
	});

	step('uploads an aiff, and going to another page meanwhile disturbs nothing', async () => {
		const { page } = alice;
		await beginRelease(page, product.url, [file('02 - glass_house.aiff')]);
		assert.deepEqual(await titlesOf(page), ['glass house']);
		await publish(page);
		await page.getByRole('link', { name: /home$/ }).click();
		await page.getByRole('heading', { name: 'latest tracks' }).waitFor();
		await published(page, 'glass house');
		// the list under the message has been fetched anew
		await page.getByRole('link', { name: 'glass house', exact: true }).waitFor();
	});

	step("finds both records in alice's own repository, with every field", async () => {
		const { did } = product.network.accounts.find(({ handle }) => handle === 'alice.test') ?? {};
		const records = await listRecords(product, did ?? '', 'track');
		const [wav, aiff] = ['slow tide', 'glass house'].map((title) =>
			records.find(({ value }) => value['title'] === title)
		);
		assert.equal(records.length, 2);
		const wavId = await fileIdOf(file('slow tide.wav'));
		const { createdAt, imageUrl, ...rest } = wav?.value ?? {};
		assert.deepEqual(rest, {
			$type: COLLECTION,
			title: 'slow tide',
			artist: 'alice of the low water',
			album: 'low water',
			description: 'one take,\non a rainy afternoon',
			duration: WAV_SECONDS,
			fileType: 'wav',
			audioUrl: `${product.url}/audio/${wavId}`
		});
		const ageMs = Date.now() - Date.parse(String(createdAt));
		assert.ok(ageMs > 0 && ageMs < 120_000, String(createdAt));
		const picture = await fetch(String(imageUrl));
		assert.equal(picture.headers.get('content-type'), 'image/jpeg');

		const { createdAt: aiffCreatedAt, audioUrl, ...aiffRest } = aiff?.value ?? {};
		assert.ok(Date.parse(String(aiffCreatedAt)) > Date.parse(String(createdAt)));
		assert.deepEqual(aiffRest, {
			$type: COLLECTION,
			title: 'glass house',
			artist: 'alice of the low water',
			duration: AIFF_SECONDS,
			fileType: 'mp3'
		});
		// what is streamed is not what was sent: no browser plays aiff
		const stream = await fetch(String(audioUrl));
		assert.equal(stream.headers.get('content-type'), 'audio/mpeg');
	});

	step('plays nothing before somebody asks for it', async () => {
		const { page } = alice;
		await page.goto(product.url);
		await page.waitForTimeout(500);
		assert.equal(await page.getByRole('region', { name: 'player' }).count(), 0);
		assert.equal(await page.locator('audio').count(), 0);
	});

	step('plays a track, and goes on where it is told by asking for that range', async () => {
		const { page } = alice;
		const ranges = watchRanges(page);
		// the queue is late: until the server has it, it is told of no place in it
		const late = async (route: Route) => {
			await page.waitForTimeout(2_500);
			await route.continue();
		};
		await page.route('**/api/queue/', late, { times: 1 });
		await page.getByRole('button', { name: 'play slow tide' }).click();
		const seek = page.getByRole('slider', { name: 'seek' });
		await reaches(seek, 3);
		assert.match((await seek.getAttribute('aria-valuetext')) ?? '', /^0:0\d of 3:00$/);

		await seek.focus();
		await page.keyboard.press('ArrowRight');
		await reaches(seek, 8);
		const box = await seek.boundingBox();
		assert.ok(box);
		await page.mouse.click(box.x + box.width * 0.9, box.y + box.height / 2);
		await reaches(seek, WAV_SECONDS * 0.85);
		const at = await seconds(seek);
		await reaches(seek, at + 1);
		assert.ok(
			ranges.some(({ status, start }) => status === 206 && start > 1_000_000),
			JSON.stringify(ranges)
		);
	});

	step('keeps playing while one goes from page to page', async () => {
		const { page } = alice;
		const seek = page.getByRole('slider', { name: 'seek' });
		await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
		await page.getByRole('link', { name: 'glass house', exact: true }).click();
		await page.getByRole('heading', { name: 'glass house' }).waitFor();
		await page.getByRole('link', { name: 'portal', exact: true }).click();
		await page.getByRole('heading', { name: 'artist portal' }).waitFor();
		const before = await seconds(seek);
		await reaches(seek, before + 1);
		assert.equal(await page.locator('html[data-same-page]').count(), 1);
		await page.getByRole('region', { name: 'player' }).getByText('slow tide').waitFor();
	});

	step(
		'pauses and goes on with the space bar, outside of everything that uses it itself',
		async () => {
			const { page } = alice;
			const player = page.getByRole('region', { name: 'player' });
			await page.locator('h1').click();
			await page.keyboard.press('Space');
			await player.getByRole('button', { name: 'play', exact: true }).waitFor();
			await page.getByRole('link', { name: 'upload', exact: true }).click();
			await sendUntilGone(page);
			await page.getByLabel('files', { exact: true }).setInputFiles(file('dust.flac'));
			await draftOpens(page);
			await page.getByLabel('title of track 1').focus();
			await page.keyboard.press('Space');
			assert.equal(await player.getByRole('button', { name: 'play', exact: true }).count(), 1);
			page.once('dialog', (dialog) => void dialog.accept());
			await page.getByRole('button', { name: 'discard the draft' }).click();
			await page.waitForURL(`${product.url}/upload`);
			await page.locator('h1').click();
			await page.keyboard.press('Space');
			await player.getByRole('button', { name: 'pause', exact: true }).waitFor();
		}
	);

	step('works up to the native player with JavaScript off', async () => {
		const cookies = await alice.context.cookies();
		const { context, page } = await visit(browser, { javaScriptEnabled: false });
		await context.addCookies(cookies);
		await page.goto(`${product.url}/upload`);
		await page.getByLabel('title').fill('dust');
		await page.getByLabel('audio file').setInputFiles(file('dust.flac'));
		await page.getByLabel('i made this, or have the right to publish it').check();
		await page.getByRole('button', { name: 'upload', exact: true }).click();
		await page.waitForURL(/\/portal\?upload=/);
		await refreshUntil(page, page.getByRole('link', { name: 'open the track' }));
		await page.getByRole('link', { name: 'open the track' }).click();
		const native = page.locator('audio[controls]');
		const box = await native.boundingBox();
		assert.ok(box);
		await page.mouse.click(box.x + box.height / 2, box.y + box.height / 2);
		await page.waitForTimeout(2_500);
		const played = await native.evaluate((audio: HTMLAudioElement) => audio.currentTime);
		assert.ok(played > 1, `${played} s`);
		await context.close();
	});

	step('signs out', async () => {
		const { context, page } = alice;
		await page.getByRole('button', { name: 'sign out' }).click();
		await page.getByRole('link', { name: 'sign in', exact: true }).waitFor();
		const cookies = await context.cookies(product.url);
		assert.deepEqual(
			cookies.filter(({ name }) => name === 'session_id'),
			[]
		);
	});

	step('has pages that break none of their own rules on the way', () => {
		const ours = alice.complaints.filter((complaint) => complaint.startsWith(product.url));
		assert.equal(ours.join('\n'), '', errorsOf(product));
	});
});

const seconds = async (seek: Locator) => Number(await seek.inputValue());

/** Waits until the position shown to everybody has passed a second. */
async function reaches(seek: Locator, second: number): Promise<void> {
	const giveUpAt = Date.now() + 20_000;
	while ((await seconds(seek)) < second) {
		if (Date.now() > giveUpAt) assert.fail(`stopped at ${await seconds(seek)}, before ${second}`);
		await seek.page().waitForTimeout(100);
	}
}

/** Its file is still being sent when a draft is discarded: what is sent arrives when it is gone. */
async function sendUntilGone(page: Page): Promise<void> {
	const gone = Promise.withResolvers<null>();
	const send = async (route: Route) => {
		await gone.promise;
		// it may have been given up
		await route.continue().catch(() => undefined);
	};
	await page.route('**/api/uploads/tus/*', send, { times: 1 });
	const discard = async (route: Route) => {
		if (route.request().method() !== 'DELETE') {
			await route.fallback();
			return;
		}
		const response = await route.fetch();
		gone.resolve(null);
		await page.waitForTimeout(500);
		await route.fulfill({ response });
	};
	await page.route('**/api/releases/*', discard);
}

/** Which parts of recordings the browser was given. */
function watchRanges(page: Page): { status: number; start: number }[] {
	const ranges: { status: number; start: number }[] = [];
	page.on('response', (response) => {
		if (!new URL(response.url()).pathname.startsWith('/audio/')) return;
		const [, start] = /bytes (\d+)-/.exec(response.headers()['content-range'] ?? '') ?? [];
		ranges.push({ status: response.status(), start: Number(start ?? 0) });
	});
	return ranges;
}

/** Without scripts a person asks again. */
async function refreshUntil(page: Page, there: Locator): Promise<void> {
	const giveUpAt = Date.now() + PUBLISH_LIMIT_MS;
	while ((await there.count()) === 0) {
		if (Date.now() > giveUpAt) assert.fail(await page.locator('main').innerText());
		await page.waitForTimeout(500);
		await page.getByRole('link', { name: 'refresh' }).click();
	}
}
