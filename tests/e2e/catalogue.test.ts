import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { OtherProgram } from '../integration/other-program.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';

describe('a catalogue that needs attention, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let alice: Visit;
	let page: Page;
	let elsewhere: OtherProgram;
	let songs: TrackResponse[];

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-catalogue-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser);
		({ page } = alice);
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice');
		elsewhere = await OtherProgram.of('alice', product.network.pdsUrl);
		songs = [];
		for (const [n, title] of ['low water', 'high water', 'no water'].entries()) {
			const file = path.join(dir, `${title}.mp3`);
			await makeAudio(file, { seconds: 2, frequencyHz: 200 + n * 50 });
			songs.push(await publishTrack(alice, product.url, file, { title }));
		}
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const attention = () => page.getByRole('heading', { name: /tracks needing attention/ });

	it('is checked from the portal, by the keyboard alone, and is in order', async () => {
		await page.goto(`${product.url}/portal`);
		assert.equal(await attention().count(), 0);
		await page.getByRole('link', { name: 'check my catalogue' }).focus();
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'your catalogue' }).waitFor();
		await page.getByRole('button', { name: 'check my catalogue' }).focus();
		await page.keyboard.press('Enter');
		await page.getByText('everything is as it ought to be').waitFor();
		await look(page, 'catalogue-clean');
	});

	it('says on the portal what is wrong with each track', async () => {
		const [low, high, none] = songs;
		assert.ok(low && high && none);
		await elsewhere.delete(low);
		await elsewhere.edit(high, { title: 'high water (edit)', tags: ['tide'] });
		await rm(path.join(product.dataDir, 'storage', 'audio', `${none.file_id}.mp3`));
		await page.getByRole('button', { name: 'check my catalogue' }).click();
		await attention().waitFor();
		await look(page, 'catalogue-found');
		await page.goto(`${product.url}/portal`);
		await attention().getByText('3').waitFor();
		await page.getByText(/its record is not in your repository/).waitFor();
		await page.getByText(/something else than its page here: title, tags/).waitFor();
		await page.getByText(/its audio does not answer/).waitFor();
		await look(page, 'portal');
	});

	it('is repaired as its artist chooses, and asks before it writes over something', async () => {
		const item = page.getByRole('listitem').filter({ hasText: 'high water' }).first();
		await item.getByRole('radio', { name: /write ours/ }).check();
		await item.getByRole('button', { name: 'repair high water' }).click();
		assert.equal(new URL(page.url()).pathname, '/portal', 'the browser asks for the tick first');
		await item.getByRole('checkbox').check();
		await item.getByRole('button', { name: 'repair high water' }).focus();
		await page.keyboard.press('Enter');
		await page.waitForURL(/\/portal\/catalogue$/);
		await page.getByRole('heading', { name: 'high water' }).waitFor({ state: 'detached' });
		const [low, high] = songs;
		assert.ok(low && high);
		assert.equal((await elsewhere.read(high))['title'], 'high water');
		await page.getByRole('button', { name: 'repair low water' }).click();
		await page.getByRole('heading', { name: 'low water' }).waitFor({ state: 'detached' });
		assert.equal((await elsewhere.read(low))['title'], 'low water');
	});

	it('leads to where the file is sent again when there is no other copy', async () => {
		await page.getByRole('link', { name: 'send the file again for no water' }).click();
		await page.getByRole('heading', { name: /replace the audio of no water/ }).waitFor();
		assert.deepEqual(alice.complaints, []);
	});
});
