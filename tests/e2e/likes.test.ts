import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';

describe('likes, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let bob: Visit;
	let track: TrackResponse;

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-likes-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const song = path.join(dir, 'low water.mp3');
		await makeAudio(song, { seconds: 30, frequencyHz: 210 });
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the low water and of many other waters');
		track = await publishTrack(alice, product.url, song, {
			title: 'low water, with a name that is longer than a small phone is wide'
		});
		await alice.context.close();
		bob = await visit(browser);
		await signIn(bob.page, product.url, 'bob');
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const buttonIn = (within: Locator): Locator =>
		within.getByRole('button', { name: `like ${track.title}` });
	const rowOf = (page: Page) => page.getByRole('list', { name: 'latest tracks' });
	const barOf = (page: Page) => page.getByRole('region', { name: 'player' });
	const isPressed = (button: Locator, pressed: boolean) =>
		button.and(button.page().locator(`[aria-pressed="${pressed}"]`)).waitFor();
	const told = (page: Page, text: string) =>
		page.getByRole('region', { name: 'notifications' }).getByText(text).waitFor();

	it('a listener without a profile likes a track, and it is so everywhere on the page', async () => {
		const { page } = bob;
		await page.goto(product.url);
		await rowOf(page)
			.getByRole('button', { name: `play ${track.title}` })
			.click();
		await isPressed(buttonIn(barOf(page)), false);
		const inRow = buttonIn(rowOf(page));
		await inRow.focus();
		await page.keyboard.press('Enter');
		await isPressed(inRow, true);
		await isPressed(buttonIn(barOf(page)), true);
		await told(page, `liked ${track.title}`);
		assert.match(await inRow.innerText(), /1$/);
		await look(page, 'likes-home');
		await page.getByRole('link', { name: track.title, exact: true }).first().click();
		await page.getByRole('link', { name: '1 like' }).waitFor();
		await isPressed(buttonIn(page.getByRole('main')), true);
		await look(page, 'likes-track');
		await page.getByRole('link', { name: '1 like' }).click();
		await page.getByRole('heading', { name: '1 like', level: 1 }).waitFor();
		// somebody finds out who that is, while nobody waits for it
		const liker = page.getByRole('link', { name: 'bob.test' });
		for (let times = 0; times < 20 && !(await liker.isVisible()); times++) {
			await page.waitForTimeout(500);
			await page.reload();
		}
		await liker.waitFor();
		await look(page, 'likes-likers');
		assert.deepEqual(bob.complaints, []);
	});

	it('finds it among what they like, and takes it back in the player', async () => {
		const { page } = bob;
		await page
			.getByRole('navigation', { name: 'site' })
			.getByRole('link', { name: 'liked' })
			.click();
		await page.getByRole('heading', { name: 'liked', level: 1 }).waitFor();
		await page.getByText('1 track', { exact: true }).waitFor();
		await look(page, 'likes-liked');
		await buttonIn(barOf(page)).click();
		await told(page, `unliked ${track.title}`);
		await isPressed(buttonIn(page.getByRole('list', { name: 'liked tracks' })), false);
		await page.reload();
		await page.getByText('you have not liked anything yet.').waitFor();
		await look(page, 'likes-none');
		assert.deepEqual(bob.complaints, []);
	});

	it('finds the button in the large view of the player on a phone, and sees it in both themes', async () => {
		const { page } = bob;
		await page.setViewportSize({ width: 360, height: 740 });
		await page.goto(product.url);
		await rowOf(page)
			.getByRole('button', { name: `play ${track.title}` })
			.click();
		await barOf(page).getByRole('button', { name: 'now playing, open' }).click();
		const large = page.getByRole('dialog', { name: 'now playing' });
		await buttonIn(large).click();
		await isPressed(buttonIn(large), true);
		await told(page, `liked ${track.title}`);
		await look(page, 'likes-large');
		await large.getByRole('button', { name: 'close' }).click();
		await page.evaluate(() => {
			document.documentElement.dataset['theme'] = 'light';
		});
		await look(page, 'likes-light');
		await buttonIn(rowOf(page)).click();
		await isPressed(buttonIn(rowOf(page)), false);
		await told(page, `unliked ${track.title}`);
		await page.setViewportSize({ width: 1100, height: 800 });
		assert.deepEqual(bob.complaints, []);
	});

	it('sees it as it was when it did not work, and why', async () => {
		const { page, context } = bob;
		await page.goto(product.url);
		const inRow = buttonIn(rowOf(page));
		await inRow.click();
		await told(page, `liked ${track.title}`);
		await context.setOffline(true);
		await inRow.click();
		await told(page, 'failed to update like: the server could not be reached');
		await isPressed(inRow, true);
		await context.setOffline(false);
		await inRow.click();
		await isPressed(inRow, false);
		await told(page, `unliked ${track.title}`);
		bob.complaints.length = 0;
	});

	it('is carried out all the same when a server dies at it and is started anew', async () => {
		const { page } = bob;
		const inRow = buttonIn(rowOf(page));
		const address = /\/api\/tracks\/\d+\/like$/;
		let tries = 0;
		await page.route(address, async (route) => {
			tries += 1;
			if (tries === 1) await route.abort('connectionreset');
			else if (tries === 2) await route.fulfill({ status: 502, body: '<h1>502 Bad Gateway</h1>' });
			else await route.continue();
		});
		const answered = page.waitForResponse((one) => address.test(one.url()) && one.ok());
		await inRow.click();
		await answered;
		await told(page, `liked ${track.title}`);
		await isPressed(inRow, true);
		assert.equal(tries, 3);
		await inRow.click();
		await told(page, `unliked ${track.title}`);
		await page.unroute(address);
		bob.complaints.length = 0;
	});

	it('shows what is liked and taken back elsewhere with the next page, without loading anew', async () => {
		const { page, context } = bob;
		const elsewhere = async (method: 'POST' | 'DELETE') => {
			const answer = await context.request.fetch(`${product.url}/api/tracks/${track.id}/like`, {
				method,
				headers: { origin: product.url }
			});
			assert.equal(answer.status(), 200);
		};
		const isEverywhere = async (pressed: boolean) => {
			await page.getByRole('contentinfo').getByRole('link', { name: 'about' }).click();
			await page.waitForURL('**/about');
			await page.getByRole('link', { name: /home$/ }).click();
			await isPressed(buttonIn(rowOf(page)), pressed);
			await isPressed(buttonIn(barOf(page)), pressed);
		};
		await page.goto(product.url);
		await page.evaluate(() => Object.assign(globalThis, { isTheSame: true }));
		await rowOf(page)
			.getByRole('button', { name: `play ${track.title}` })
			.click();
		await buttonIn(rowOf(page)).click();
		await told(page, `liked ${track.title}`);
		await isEverywhere(true);
		await elsewhere('DELETE');
		await isEverywhere(false);
		await elsewhere('POST');
		await isEverywhere(true);
		await buttonIn(barOf(page)).click();
		await told(page, `unliked ${track.title}`);
		await isEverywhere(false);
		assert.ok(await page.evaluate(() => 'isTheSame' in globalThis));
	});

	it('presses again and again, and the last press counts', async () => {
		const { page } = bob;
		const inRow = buttonIn(rowOf(page));
		for (let times = 0; times < 5; times++) await inRow.click();
		await isPressed(inRow, true);
		const liked = () =>
			page.evaluate(async (id) => {
				const answer = await fetch(`/api/tracks/${id}`);
				return ((await answer.json()) as { is_liked: boolean }).is_liked;
			}, track.id);
		for (let i = 0; i < 100 && !(await liked()); i++) await page.waitForTimeout(100);
		await page.waitForTimeout(500);
		assert.equal(await liked(), true);
		await page.reload();
		await isPressed(buttonIn(rowOf(page)), true);
		await buttonIn(rowOf(page)).click();
		await told(page, `unliked ${track.title}`);
	});

	it('a visitor’s like is carried out when they have signed in', async () => {
		const { page, context, complaints } = await visit(browser);
		await page.goto(`${product.url}/track/${track.id}`);
		await page.getByText('be the first to like this').waitFor();
		await buttonIn(page.getByRole('main')).click();
		await page.getByLabel('your handle').fill('carol.test');
		await page.getByRole('button', { name: 'sign in with atproto' }).click();
		await page.getByLabel('Password', { exact: true }).fill('carol-pass');
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		await page.getByRole('button', { name: 'Authorize', exact: true }).click();
		await page.waitForURL(`${product.url}/track/${track.id}`);
		await told(page, `liked ${track.title}`);
		await isPressed(buttonIn(page.getByRole('main')), true);
		await page.getByRole('link', { name: '1 like' }).waitFor();
		assert.deepEqual(complaints, []);
		await context.close();
	});

	it('works without scripts', async () => {
		const { context, page, complaints } = await visit(browser, {
			javaScriptEnabled: false,
			storageState: await bob.context.storageState()
		});
		await page.goto(product.url);
		await buttonIn(rowOf(page)).click();
		await page.waitForURL(`${product.url}/`);
		await isPressed(buttonIn(rowOf(page)), true);
		await page.goto(`${product.url}/liked`);
		await look(page, 'likes-plain', { isPlain: true });
		await buttonIn(page.getByRole('list', { name: 'liked tracks' })).click();
		await page.getByText('you have not liked anything yet.').waitFor();
		assert.deepEqual(complaints, []);
		await context.close();
	});
});
