import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { visit, type Visit } from './browser.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';
import { startOtherSite } from './other-site.ts';

describe('what a browser refuses to do for our pages', { timeout: 180_000 }, () => {
	let site: MusicSite;
	let stranger: Visit;
	let track: TrackResponse;
	before(async () => {
		site = await startMusicSite('alice of the low water');
		track = await site.publish({ title: 'low water', album: 'waters' });
		stranger = await visit(site.browser);
	});
	after(() => site.close());

	it('is to make markup or a script of a text, on pages and in players', async () => {
		const { page } = stranger;
		for (const address of ['/', `/track/${track.id}`, '/login', `/embed/track/${track.id}`]) {
			await page.goto(site.at(address));
			assert.deepEqual(await page.evaluate(tryWays), [], address);
		}
		// SvelteKit's scripts run all the same: this is a navigation without a load
		await page.goto(site.at('/'));
		await page.evaluate(() => Object.assign(globalThis, { isTheSame: true }));
		await page.getByRole('link', { name: 'low water', exact: true }).first().click();
		await page.waitForURL(`**/track/${track.id}`);
		assert.equal(await page.evaluate(() => 'isTheSame' in globalThis), true);
	});

	it('is not the service worker, nor what it keeps for when there is no network', async () => {
		const { page, context } = await visit(site.browser);
		await page.goto(site.at('/'));
		await page.evaluate(async () => {
			await navigator.serviceWorker.ready;
		});
		await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
		await page.goto(site.at('/about'));
		await context.setOffline(true);
		await page.goto(site.at('/costs'));
		assert.match(page.url(), /\/offline\?from=/);
		await context.close();
	});

	it('is to show them within a page of others, but for players', async () => {
		const other = await startOtherSite(
			[`/`, `/login`, `/embed/track/${track.id}`]
				.map((address) => `<iframe src="${site.at(address)}"></iframe>`)
				.join('')
		);
		const { page, context } = await visit(site.browser);
		await page.goto(other.url, { waitUntil: 'networkidle' });
		const titles = await Promise.all(page.frames().map((frame) => frame.title()));
		assert.equal(titles.filter((title) => /low water/.test(title)).length, 1, titles.join());
		const shown = page.frames().filter((frame) => frame.url().startsWith(site.product.url));
		assert.deepEqual(
			shown.map((frame) => new URL(frame.url()).pathname),
			[`/embed/track/${track.id}`]
		);
		await context.close();
		await other.close();
	});

	it('is to give what is not made for others to their pages, while pictures and music are', async () => {
		const picture = new URL(track.image_url ?? '').pathname;
		const other = await startOtherSite(
			`<img id="picture" src="${site.at(`${picture}?size=96`)}">
			<audio id="sound" src="${site.at(`/audio/${track.file_id}`)}" preload="auto"></audio>
			<script id="script" src="${site.at('/service-worker.js')}"></script>`
		);
		const { page, context } = await visit(site.browser);
		const refused: string[] = [];
		page.on('requestfailed', (request) => refused.push(new URL(request.url()).pathname));
		await page.goto(other.url, { waitUntil: 'load' });
		await page.waitForFunction(isLoaded);
		assert.deepEqual(refused, ['/service-worker.js']);
		await context.close();
		await other.close();
	});

	it('is not to show a picture, or play a file, that is opened by itself', async () => {
		const { page, complaints } = await visit(site.browser);
		await page.goto(track.image_url ?? '');
		const width = () => page.evaluate(() => document.querySelector('img')?.naturalWidth ?? 0);
		assert.ok((await width()) > 0);
		await page.goto(site.at('/icon.svg'));
		assert.equal(await page.evaluate(() => document.documentElement.localName), 'svg');
		await page.goto(site.at(`/audio/${track.file_id}`));
		await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) > 0);
		assert.deepEqual(complaints, []);
	});
});

/** Runs in a page: which ways to markup and scripts are open. */
async function tryWays(): Promise<string[]> {
	// what is run from outside may evaluate texts, until it lets go
	await new Promise((resolve) => setTimeout(resolve, 0));
	const open: string[] = [];
	const attempt = (name: string, act: () => unknown) => {
		try {
			act();
			open.push(name);
		} catch {
			// refused, as it should be
		}
	};
	const element = document.createElement('div');
	const script = document.createElement('script');
	attempt('innerHTML', () => (element.innerHTML = '<b>x</b>'));
	attempt('insertAdjacentHTML', () => element.insertAdjacentHTML('beforeend', '<b>x</b>'));
	attempt('eval', () => (0, eval)('1'));
	attempt('a script of a text', () => (script.textContent = 'globalThis.isHacked = 1'));
	attempt('a script of an address', () => (script.src = 'data:text/javascript,1'));
	attempt('a frame of a text', () => (document.createElement('iframe').srcdoc = '<b>x</b>'));
	attempt('a policy of theirs', () =>
		(
			globalThis as unknown as { trustedTypes: { createPolicy(name: string, of: object): void } }
		).trustedTypes.createPolicy('theirs', {})
	);
	attempt('a handler', () => element.setAttribute('onclick', 'globalThis.isHacked = 1'));
	return open;
}

/** Runs in a page. */
function isLoaded(): boolean {
	const picture = document.querySelector('img');
	const sound = document.querySelector('audio');
	return (picture?.naturalWidth ?? 0) > 0 && (sound?.readyState ?? 0) > 0;
}
