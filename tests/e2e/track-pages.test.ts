import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright';
import type postgres from 'postgres';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { OtherProgram } from '../integration/other-program.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { enter, hasFocus, tabTo } from './keyboard.ts';
import { look } from './look.ts';
import { openProductDatabase } from './product-database.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio, makePicture } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const FRIENDS = 9;
const STEP_LIMIT_MS = 30_000;

describe('the pages of a track, in a real browser, by the keyboard alone', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let database: postgres.Sql;
	let browser: Browser;
	let alice: Visit;
	let page: Page;
	let dir: string;
	let track: TrackResponse;

	const step = stepsOf(() => page);

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-track-pages-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const [song, picture] = [path.join(dir, 'low water.mp3'), path.join(dir, 'picture.png')];
		await Promise.all([
			makeAudio(song, { seconds: 2, frequencyHz: 210 }),
			makeAudio(path.join(dir, 'take two.mp3'), { seconds: 3, frequencyHz: 260 }),
			makePicture(picture)
		]);
		product = await startProduct();
		cleanups.push(() => product.stop());
		database = await openProductDatabase(product);
		cleanups.push(() => database.end());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser, { viewport: { width: 1280, height: 800 } });
		alice.context.setDefaultTimeout(STEP_LIMIT_MS);
		({ page } = alice);
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice of the low water');
		await database`
			insert into artists (did, handle, display_name)
			select 'did:plc:friend' || n, 'friend' || n || '.test', 'friend number ' || n
			from generate_series(1, ${FRIENDS}::int) n`;
		track = await publishTrack(alice, product.url, song, { title: 'low water' }, picture);
		await change({ tags: 'ambient, ambient dub, field recording' });
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const address = (more = '') => `${product.url}/track/${track.id}${more}`;
	const title = () => page.getByLabel('title', { exact: true });
	const tags = () => page.getByLabel('tags', { exact: true });
	const people = () => page.getByRole('combobox', { name: 'featured artists' });
	const save = () => page.getByRole('button', { name: 'save', exact: true });
	const problem = () => page.getByRole('alert');
	const activeOption = async () => {
		const id = await people().getAttribute('aria-activedescendant');
		return id === null ? null : await page.locator(`[id="${id}"]`).innerText();
	};

	/** As another window of the artist would. */
	async function change(fields: Record<string, string>): Promise<void> {
		const answer = await alice.context.request.patch(`${product.url}/api/tracks/${track.id}`, {
			headers: { origin: product.url },
			multipart: fields
		});
		assert.ok(answer.ok(), await answer.text());
	}

	async function now(): Promise<TrackResponse> {
		const answer = await alice.context.request.get(`${product.url}/api/tracks/${track.id}`);
		return (await answer.json()) as TrackResponse;
	}

	step('lead from the track to its form', async () => {
		await page.goto(address());
		await look(page, 'track');
		const edge = (name: string) =>
			page.locator(`meta[property="og:image:${name}"]`).getAttribute('content');
		assert.deepEqual([await edge('width'), await edge('height')], ['1200', '630']);
		await enter(page, page.getByRole('link', { name: 'edit', exact: true }));
		await page.getByRole('heading', { name: 'edit low water' }).waitFor();
		await look(page, 'track-edit');
	});

	step('offer the tags that tracks have already', async () => {
		const answer = await alice.context.request.get(`${product.url}/api/tags?q=%23AMB`);
		assert.deepEqual(await answer.json(), {
			tags: [
				{ tag: 'ambient', uses: 1 },
				{ tag: 'ambient dub', uses: 1 }
			]
		});
		assert.equal(answer.headers()['cache-control'], 'public, max-age=300');
		assert.equal((await alice.context.request.get(`${product.url}/api/tags`)).status(), 422);
		await tabTo(page, tags());
		assert.equal(await tags().getAttribute('role'), 'combobox');
		await page.keyboard.press('Control+a');
		await page.keyboard.type('live, AMB');
		await page.getByRole('option', { name: 'ambient', exact: true }).waitFor();
		await look(page, 'track-edit-tags');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Enter');
		assert.equal(await tags().inputValue(), 'live, ambient dub, ');
		await page.keyboard.type('amb');
		await page.getByRole('option', { name: 'ambient', exact: true }).waitFor();
		assert.equal(await page.getByRole('option').count(), 1, 'what is there is not offered again');
		await page.keyboard.press('Escape');
		assert.equal(await page.getByRole('option').count(), 0);
		assert.equal(await tags().getAttribute('aria-expanded'), 'false');
		assert.ok(await hasFocus(tags()));
	});

	step('find people while a handle is typed', async () => {
		await tabTo(page, people());
		await page.keyboard.type('frie');
		await page.getByRole('option').first().waitFor();
		assert.equal(await people().getAttribute('aria-expanded'), 'true');
		assert.equal(await activeOption(), null, 'nobody is chosen before somebody chooses');
		await page.keyboard.press('ArrowUp');
		const last = page.getByRole('option', { selected: true });
		const list = await page.getByRole('listbox', { name: 'people found' }).boundingBox();
		const shown = await last.boundingBox();
		assert.ok(list && shown && shown.y + shown.height <= list.y + list.height + 1);
		await look(page, 'track-edit-people');
		await page.keyboard.press('ArrowDown');
		assert.equal(await activeOption(), null, 'behind the last is what was typed itself');
		await page.keyboard.press('ArrowDown');
		assert.match((await activeOption()) ?? '', /@friend1\.test/);
		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: 'remove @friend1.test' }).waitFor();
		assert.ok(await hasFocus(people()));
	});

	step('give people up with Escape and Backspace, and say so', async () => {
		await page.keyboard.type('friend2');
		await page.getByRole('option').first().waitFor();
		await page.keyboard.press('Escape');
		assert.equal(await people().getAttribute('aria-expanded'), 'false');
		assert.equal(await people().inputValue(), 'friend2', 'what was typed stays');
		await page.keyboard.press('ArrowDown');
		await page.getByRole('option').first().waitFor();
		await page.keyboard.press('Escape');
		await page.keyboard.type('.test,');
		await page.getByRole('button', { name: 'remove @friend2.test' }).waitFor();
		await page.keyboard.press('Backspace');
		await page.getByText('@friend2.test is removed').waitFor({ state: 'attached' });
		assert.equal(await page.getByRole('button', { name: 'remove @friend2.test' }).count(), 0);
		await page.keyboard.type('zzzz');
		await page.getByText('nobody found. a whole handle can be typed').waitFor();
		await page.keyboard.press('Control+a');
	});

	step('keep the focus when there is room for nobody else', async () => {
		await page.keyboard.type([2, 3, 4, 5, 6, 7, 8, 9].map((n) => `friend${n}.test,`).join(''));
		await page.keyboard.type('nobody.test,');
		await page.getByText('that is all a track can name: 10').waitFor();
		assert.ok(await hasFocus(people()));
		await page.keyboard.press('Backspace');
		await page.getByText('handles, separated by commas; up to 10').waitFor();
		for (let n = 9; n > 1; n--) await page.keyboard.press('Backspace');
		await page.keyboard.type('nobody.test');
	});

	step('name whom nobody knows, and keep what was typed', async () => {
		const explicit = page.getByRole('checkbox', { name: /^explicit/ });
		await tabTo(page, explicit);
		await page.keyboard.press('Space');
		await enter(page, save());
		await problem()
			.getByText(/@nobody\.test/)
			.waitFor();
		assert.ok(await hasFocus(problem()), 'the reason has the focus');
		assert.equal(await people().getAttribute('aria-invalid'), 'true');
		assert.match((await people().getAttribute('aria-describedby')) ?? '', /^problem /);
		assert.ok(await explicit.isChecked());
		await look(page, 'track-edit-unresolved');
		const gone = page.getByRole('button', { name: 'remove @nobody.test' });
		await enter(page, gone);
		assert.ok(await hasFocus(people()), 'the focus goes on from the field');
		await enter(page, save());
		await page.waitForURL(address());
		const saved = await now();
		assert.deepEqual(
			saved.features.map(({ handle }) => handle),
			['friend1.test']
		);
		assert.deepEqual(saved.tags, ['amb', 'ambient dub', 'live']);
		assert.equal(saved.is_explicit, true);
	});

	step('show both versions when it was changed elsewhere, to choose with the arrows', async () => {
		await page.goto(address('/edit'));
		await change({ title: 'low water (from elsewhere)' });
		await tabTo(page, title());
		await page.keyboard.press('Control+a');
		await page.keyboard.type('low water (from here)');
		await page.keyboard.press('Enter');
		await problem().waitFor();
		assert.ok(await hasFocus(problem()));
		await look(page, 'track-edit-conflict');
		await tabTo(page, page.getByRole('radio', { name: /^yours/ }));
		await page.keyboard.press('ArrowDown');
		assert.ok(await hasFocus(page.getByRole('radio', { name: /saved elsewhere/ })));
		await enter(page, save());
		await page.waitForURL(address());
		assert.equal((await now()).title, 'low water (from elsewhere)');
	});

	step('say which field does not fit', async () => {
		await page.goto(address('/edit'));
		await tabTo(page, tags());
		await page.keyboard.press('Control+a');
		await page.keyboard.type(Array.from({ length: 11 }, (_, n) => `tag ${n}`).join(', '));
		await page.keyboard.press('Enter');
		await problem().getByText('a track has at most 10 tags').waitFor();
		assert.equal(await tags().getAttribute('aria-invalid'), 'true');
		await look(page, 'track-edit-field');
	});

	step('are forms like any other without scripts', async () => {
		const storageState = await alice.context.storageState();
		const plain = await visit(browser, { javaScriptEnabled: false, storageState });
		await plain.page.goto(address('/edit'));
		await look(plain.page, 'track-edit-plain', { isPlain: true });
		await plain.page.getByLabel('tags', { exact: true }).fill('Plain, #Words');
		await plain.page.getByLabel('featured artists').fill('friend3.test, nobody.test');
		await plain.page.getByRole('button', { name: 'save', exact: true }).click();
		await plain.page
			.getByRole('alert')
			.getByText(/@nobody\.test/)
			.waitFor();
		await plain.page.getByLabel('featured artists').fill('@friend3.test');
		await plain.page.getByRole('button', { name: 'save', exact: true }).click();
		await plain.page.waitForURL(address());
		const saved = await now();
		assert.deepEqual(saved.tags, ['plain', 'words']);
		assert.deepEqual(
			saved.features.map(({ handle }) => handle),
			['friend3.test']
		);
		await plain.context.close();
	});

	step('say when the sign-in has ended, and keep what was typed for after it', async () => {
		await page.goto(address('/edit'));
		await database`delete from oauth_sessions`;
		await tabTo(page, title());
		await page.keyboard.press('Control+a');
		await page.keyboard.type('typed with care');
		await page.keyboard.press('Enter');
		const signInLink = problem().getByRole('link', { name: 'sign in again in a new tab' });
		await signInLink.waitFor();
		await look(page, 'track-edit-sign-in');
		const opened = alice.context.waitForEvent('page');
		await enter(page, signInLink);
		const tab = await opened;
		await tab.getByLabel('your handle').fill('alice.test');
		await tab.getByRole('button', { name: 'sign in with atproto' }).click();
		await tab.getByLabel('Password', { exact: true }).fill('alice-pass');
		await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
		await tab.getByRole('button', { name: 'Authorize', exact: true }).click();
		await tab.waitForURL(address());
		await tab.close();
		await enter(page, save());
		await page.waitForURL(address());
		assert.equal((await now()).title, 'typed with care');
	});

	step('give the audio of before again', async () => {
		await page.goto(address('/replace'));
		await look(page, 'track-replace');
		const takeTwo = path.join(dir, 'take two.mp3');
		await publishTrack(alice, product.url, takeTwo, { replaces_track_id: String(track.id) });
		assert.notEqual((await now()).file_id, track.file_id);
		await page.goto(address());
		await enter(page, page.getByRole('link', { name: /replace the audio \(1 earlier\)/ }));
		await page.getByRole('heading', { name: 'earlier versions' }).waitFor();
		await look(page, 'track-revisions');
		await enter(page, page.getByRole('button', { name: /^restore/ }));
		await page.waitForURL(address());
		assert.equal((await now()).file_id, track.file_id);
	});

	step('say in plain words why it cannot be given', async () => {
		const elsewhere = await OtherProgram.of('alice', product.network.pdsUrl);
		await elsewhere.delete(track);
		await page.goto(address('/replace'));
		await enter(page, page.getByRole('button', { name: /^restore/ }));
		await problem()
			.getByText(/^the record of this track is not in your repository any more/)
			.waitFor();
		assert.ok(await hasFocus(problem()));
		await look(page, 'track-restore-problem');
	});

	step('ask before a track is deleted, and give the focus back to who keeps it', async () => {
		await page.goto(address());
		const link = page.getByRole('link', { name: 'delete', exact: true });
		const dialog = page.getByRole('dialog');
		await enter(page, link);
		await dialog.waitFor();
		assert.ok(await hasFocus(dialog.getByRole('button', { name: 'keep it' })));
		await look(page, 'track-delete-dialog');
		await page.keyboard.press('Escape');
		await dialog.waitFor({ state: 'hidden' });
		assert.ok(await hasFocus(link));
		await page.keyboard.press('Enter');
		await dialog.waitFor();
		await tabTo(page, dialog.getByRole('button', { name: 'delete this track' }), 'Shift+Tab');
		const keep = dialog.getByRole('button', { name: 'keep it' });
		await tabTo(page, keep);
		await page.keyboard.press('Enter');
		await dialog.waitFor({ state: 'hidden' });
		assert.ok(await hasFocus(link));
	});

	step('ask without scripts too, and say afterwards that it was removed', async () => {
		const storageState = await alice.context.storageState();
		const plain = await visit(browser, { javaScriptEnabled: false, storageState });
		await plain.page.goto(address());
		await plain.page.getByRole('link', { name: 'delete', exact: true }).click();
		await plain.page.getByRole('heading', { name: /^delete typed with care/ }).waitFor();
		await look(plain.page, 'track-delete', { isPlain: true });
		await enter(plain.page, plain.page.getByRole('button', { name: 'delete this track' }));
		await plain.page.waitForURL(`${product.url}/portal`);
		await plain.context.close();
		const answer = await page.goto(address());
		assert.equal(answer?.status(), 410);
		await look(page, 'track-removed');
	});

	step('complain about nothing', async () => {
		// what was refused on purpose is answered with its status
		const ours = alice.complaints.filter((complaint) => !/status of 4\d\d/.test(complaint));
		assert.deepEqual(ours, []);
		await Promise.resolve();
	});
});
