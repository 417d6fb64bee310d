import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const TITLES = ['ebb', 'flood'];
const SECONDS = 6;

describe('an album away from the network, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let page: Page;
	let album: string;
	let tracks: TrackResponse[];
	const step = stepsOf(() => page);

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-offline-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the low water');
		tracks = [];
		for (const [index, title] of TITLES.entries()) {
			const file = path.join(dir, `${title}.mp3`);
			await makeAudio(file, { seconds: SECONDS, frequencyHz: 200 + 60 * index });
			tracks.push(await publishTrack(alice, product.url, file, { title, album: 'tides' }));
		}
		album = `${product.url}/u/alice.test/album/${tracks[0]?.album?.slug}`;
		await alice.context.close();
		({ page } = await visit(browser, { viewport: { width: 1280, height: 800 } }));
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const player = () => page.getByRole('region', { name: 'player' });
	const shown = (title: string) => player().getByRole('link', { name: title, exact: true });
	const seek = () => player().getByRole('slider', { name: 'seek' });
	const counts = async () => {
		const all = tracks.map(async ({ id }) => {
			const answer = await fetch(`${product.url}/api/tracks/${id}`);
			return ((await answer.json()) as TrackResponse).play_count;
		});
		return await Promise.all(all);
	};

	async function reaches(second: number): Promise<void> {
		const giveUpAt = Date.now() + 20_000;
		while (Number(await seek().inputValue()) < second) {
			if (Date.now() > giveUpAt) assert.fail(`it does not reach second ${second}`);
			await page.waitForTimeout(50);
		}
	}

	const keptScripts = () =>
		page.evaluate(async () => {
			const name = (await caches.keys()).find((one) => one.startsWith('shell-')) ?? '';
			const kept = await (await caches.open(name)).keys();
			return kept.filter(({ url }) => url.endsWith('.js')).length;
		});

	step('costs who keeps nothing one small page', async () => {
		await page.goto(album);
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		const few = await keptScripts();
		assert.ok(few > 0 && few < 50, `${few} scripts are kept`);
		await page.context().setOffline(true);
		await page.goto(`${product.url}/liked`);
		await page.getByText('nothing is kept in this browser yet').waitFor();
		await page.context().setOffline(false);
		for (const [from, leadsTo] of [
			['/liked', '/liked'],
			['/%09/elsewhere.example', '/']
		] as const) {
			await page.goto(`${product.url}/offline?from=${from}`);
			const link = page.getByRole('link', { name: 'try again' });
			assert.equal(await link.getAttribute('href'), leadsTo);
		}
	});

	step('is brought here by a button', async () => {
		const before = await keptScripts();
		await page.goto(album);
		await page.getByRole('button', { name: 'keep offline' }).click();
		// wherever somebody goes meanwhile
		await page.getByRole('link', { name: 'settings' }).click();
		await page.waitForURL(`${product.url}/settings`);
		await page.getByText('tides is kept offline').waitFor();
		await page.goBack();
		await page.getByRole('button', { name: 'kept offline', pressed: true }).waitFor();
		assert.ok((await keptScripts()) > 2 * before, 'the whole player is here');
		await look(page, 'album-kept');
		await page.reload();
		await page.getByRole('button', { name: 'kept offline', pressed: true }).waitFor();
	});

	step('is finished by a later page where it was broken off', async () => {
		const keptAudio = () =>
			page.evaluate(async () => {
				const kept = await (await caches.open('kept-1')).keys();
				return kept.map(({ url }) => url).filter((url) => url.includes('/audio/'));
			});
		const [first = ''] = await keptAudio();
		await page.evaluate(async (url) => (await caches.open('kept-1')).delete(url), first);
		assert.equal((await keptAudio()).length, TITLES.length - 1);
		await page.goto(product.url);
		await page.getByText('tides is kept offline').waitFor();
		assert.equal((await keptAudio()).length, TITLES.length);
	});

	const themeOf = () => page.evaluate(() => document.documentElement.dataset['theme']);

	step('looks as it was chosen, and forgets nothing of it', async () => {
		await page.goto(`${product.url}/settings`);
		await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
		await page.getByLabel('light', { exact: true }).check();
		await page.context().setOffline(true);
		await page.goto(album);
		await page.getByRole('heading', { name: 'kept offline', level: 1 }).waitFor();
		await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light');
		await page.context().setOffline(false);
		await page.getByRole('link', { name: 'settings' }).click();
		await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
		assert.ok(await page.getByLabel('light', { exact: true }).isChecked());
		await page.getByLabel('gapless').uncheck();
		await page.reload();
		assert.equal(await themeOf(), 'light');
		await page.getByLabel('dark', { exact: true }).check();
	});

	step('opens, and plays on, without a network', async () => {
		await page.context().setOffline(true);
		await page.goto(album);
		await page.getByRole('heading', { name: 'kept offline', level: 1 }).waitFor();
		await page.getByRole('link', { name: 'try again' }).waitFor();
		await page.getByRole('heading', { name: 'tides' }).waitFor();
		await look(page, 'offline');
		await page.getByRole('button', { name: 'play ebb' }).click();
		await reaches(3.5);
		await seek().press('End');
		await shown('flood').waitFor();
		await reaches(3.5);
		// a part of it that has not been asked for yet
		await seek().press('Home');
		await page.waitForTimeout(500);
		assert.ok(Number(await seek().inputValue()) < 3);
	});

	step('counts what was listened to when there is a network again', async () => {
		assert.deepEqual(await counts(), [0, 0]);
		await page.reload();
		await page.getByRole('heading', { name: 'tides' }).waitFor();
		await page.context().setOffline(false);
		await page.goto(album);
		for (let i = 0; i < 50 && (await counts()).includes(0); i++) await page.waitForTimeout(100);
		assert.deepEqual(await counts(), [1, 1]);
	});

	step('is taken away by a button, too', async () => {
		await page.getByRole('button', { name: 'remove from this device' }).click();
		await page.getByRole('button', { name: 'keep offline' }).waitFor();
		const left = await page.evaluate(
			async () => (await (await caches.open('kept-1')).keys()).length
		);
		assert.equal(left, 0);
		await page.goto(`${product.url}/offline`);
		await page.getByText('nothing is kept in this browser yet').waitFor();
	});
});
