import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const TITLES = ['dew', 'mist', 'drizzle'] as const;
/** What comes next is loaded in the last twenty. */
const SECONDS = 40;
const SMALLER_LIMIT_MS = 60_000;

describe('who wants to use little data, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let page: Page;
	let complaints: string[];
	let album: string;
	const tracks: TrackResponse[] = [];
	/** ids of the sounds that were asked for since it was looked last */
	const asked = new Set<string>();
	const step = stepsOf(() => page);

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-reduced-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the small rain');
		for (const [index, title] of TITLES.entries()) {
			const file = path.join(dir, `${title}.wav`);
			await makeAudio(file, { seconds: SECONDS, frequencyHz: 200 + 60 * index });
			const { id } = await publishTrack(alice, product.url, file, { title, album: 'rain' });
			tracks.push(await withSmaller(id));
		}
		album = `${product.url}/u/alice.test/album/${tracks[0]?.album?.slug}`;
		await alice.context.close();
		({ page, complaints } = await visit(browser));
		page.context().on('request', (request) => {
			const [, id] = /\/audio\/([0-9a-f]{16})$/.exec(request.url()) ?? [];
			if (id !== undefined) asked.add(id);
		});
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	async function withSmaller(id: number): Promise<TrackResponse> {
		const end = Date.now() + SMALLER_LIMIT_MS;
		while (Date.now() < end) {
			const answer = await fetch(`${product.url}/api/tracks/${id}`);
			const track = (await answer.json()) as TrackResponse;
			if (track.smaller_file_id !== null) return track;
			await sleep(200);
		}
		assert.fail('there is no smaller file');
	}

	const large = (index: number) => tracks[index]?.file_id ?? '';
	const small = (index: number) => tracks[index]?.smaller_file_id ?? '';
	const player = () => page.getByRole('region', { name: 'player' });
	const seek = () => player().getByRole('slider', { name: 'seek' });
	const position = async () => Number(await seek().inputValue());

	/** What was asked for; it is forgotten then. */
	function takeAsked(): string[] {
		const ids = [...asked];
		asked.clear();
		return ids;
	}

	async function reaches(second: number): Promise<void> {
		for (const end = Date.now() + 20_000; (await position()) < second;) {
			if (Date.now() > end) assert.fail(`it does not reach second ${second}`);
			await page.waitForTimeout(50);
		}
	}

	async function choose(label: 'always' | 'never'): Promise<void> {
		await page.getByRole('link', { name: 'settings' }).click();
		await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
		await page.getByLabel(label, { exact: true }).check();
	}

	const openAlbum = async () => {
		await page.goBack();
		await page.getByRole('heading', { name: 'rain' }).waitFor();
	};

	step('hears the whole file while nothing says otherwise', async () => {
		await page.goto(album);
		await page.getByRole('button', { name: 'play dew' }).click();
		await reaches(1);
		assert.deepEqual(takeAsked(), [large(0)]);
	});

	step('chooses otherwise, and what plays is not interrupted', async () => {
		const before = await position();
		await choose('always');
		await reaches(before + 2);
		assert.ok(!takeAsked().includes(small(0)));
	});

	step('hears smaller files from the next track on, and goes on from one to the next', async () => {
		await openAlbum();
		await player().getByRole('button', { name: 'next', exact: true }).click();
		await player().getByRole('link', { name: 'mist', exact: true }).waitFor();
		await reaches(1);
		assert.deepEqual(takeAsked(), [small(1)]);
		const sources = await page.evaluate(() =>
			[...document.querySelectorAll('audio')].map(({ src }) => src.replace(/:.*/, ''))
		);
		assert.ok(sources.includes('blob'), 'it can be joined without a gap');
		await seek().press('End');
		await player().getByRole('link', { name: 'drizzle', exact: true }).waitFor();
		await reaches(1);
		assert.deepEqual(takeAsked(), [small(2)]);
	});

	step('hears the whole file again after choosing so', async () => {
		await choose('never');
		await openAlbum();
		await page.getByRole('button', { name: 'play mist' }).click();
		await reaches(1);
		assert.deepEqual(takeAsked(), [large(1)]);
		await player().getByRole('button', { name: 'pause' }).click();
	});

	step('keeps the smaller files offline, which are heard whatever is chosen then', async () => {
		await choose('always');
		await openAlbum();
		takeAsked();
		await page.getByRole('button', { name: 'keep offline' }).click();
		await page.getByRole('button', { name: 'kept offline', pressed: true }).waitFor();
		assert.deepEqual(takeAsked().sort(), [small(0), small(1), small(2)].sort());
		await choose('never');
		await page.context().setOffline(true);
		for (const _choice of ['never', 'always']) {
			await page.goto(`${product.url}/offline`);
			await page.getByRole('button', { name: 'play dew' }).click();
			await reaches(1);
			await page.context().setOffline(false);
			await choose('always');
			await page.context().setOffline(true);
		}
		await page.context().setOffline(false);
		await page.goto(album);
		await page.getByRole('button', { name: 'remove from this device' }).click();
		await page.getByRole('button', { name: 'keep offline' }).waitFor();
		const left = await page.evaluate(
			async () => (await (await caches.open('kept-1')).keys()).length
		);
		assert.equal(left, 0);
	});

	step('hears what was kept before there was a smaller file, whatever is chosen', async () => {
		await choose('never');
		await openAlbum();
		await page.getByRole('button', { name: 'keep offline' }).click();
		await page.getByRole('button', { name: 'kept offline', pressed: true }).waitFor();
		const smaller = TITLES.map((_, index) => `/audio/${small(index)}`);
		await page.evaluate(async (addresses) => {
			const cache = await caches.open('kept-1');
			for (const address of addresses) await cache.delete(address);
			const kept = localStorage.getItem('kept_albums') ?? '';
			localStorage.setItem('kept_albums', kept.replace(/("smallerFileId":)"\w+"/g, '$1null'));
		}, smaller);
		await choose('always');
		await openAlbum();
		await page.waitForFunction(async (addresses) => {
			const cache = await caches.open('kept-1');
			const found = await Promise.all(addresses.map((address) => cache.match(address)));
			return found.every((answer) => answer !== undefined);
		}, smaller);
		await page.context().setOffline(true);
		await page.getByRole('button', { name: 'play mist' }).click();
		await reaches(1);
		await page.context().setOffline(false);
		await page.getByRole('button', { name: 'remove from this device' }).click();
		await page.getByRole('button', { name: 'keep offline' }).waitFor();
		const left = await page.evaluate(
			async () => (await (await caches.open('kept-1')).keys()).length
		);
		assert.equal(left, 0);
	});

	step('is nowhere complained about', () => {
		assert.deepEqual(
			complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')),
			[]
		);
		return Promise.resolve();
	});

	it('gets it on the page of a track without scripts, by what the browser asks for or was chosen', async () => {
		const address = `${product.url}/track/${tracks[0]?.id}`;
		const sourceFor = async (headers: Record<string, string>) => {
			const answer = await fetch(address, { headers });
			const [, id] = /<audio[^>]* src="\/audio\/([0-9a-f]{16})"/.exec(await answer.text()) ?? [];
			assert.match(answer.headers.get('vary') ?? '', /save-data/);
			return id;
		};
		assert.equal(await sourceFor({}), large(0));
		assert.equal(await sourceFor({ 'save-data': 'on' }), small(0));
		const plain = await visit(browser, {
			javaScriptEnabled: false,
			extraHTTPHeaders: { 'save-data': 'on' }
		});
		const shown = async () => {
			await plain.page.goto(address);
			return await plain.page.locator('audio').getAttribute('src');
		};
		assert.equal(await shown(), `/audio/${small(0)}`);
		for (const [label, id] of [
			['never', large(0)],
			['always', small(0)]
		] as const) {
			await plain.page.goto(`${product.url}/settings`);
			await plain.page.getByLabel(label, { exact: true }).check();
			await plain.page.getByRole('button', { name: 'save' }).last().click();
			await plain.page.getByText('saved.').waitFor();
			assert.equal(await shown(), `/audio/${id}`, label);
		}
		const answer = await plain.context.request.get(address);
		assert.equal(answer.headers()['cache-control'], 'private, no-cache');
		await plain.context.close();
	});
});
