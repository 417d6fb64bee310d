import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright';
import { alive, makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { enter, hasFocus } from './keyboard.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';
import { beginRelease, draftOpens, publish, ready, rowsOf } from './upload-pages.ts';

const STEP_LIMIT_MS = 30_000;

describe('what the upload page refuses', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let alice: Visit;
	let page: Page;
	let dir: string;
	let song: string;

	const step = stepsOf(() => page);

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-refusals-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		song = path.join(dir, 'song.mp3');
		await makeAudio(song, { seconds: 2, frequencyHz: 180 });
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser, { viewport: { width: 1280, height: 800 } });
		alice.context.setDefaultTimeout(STEP_LIMIT_MS);
		({ page } = alice);
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice');
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const problem = () => page.getByRole('alert');
	const files = () => page.getByLabel('files', { exact: true });
	const fileNamed = (name: string, words: string) => ({
		name,
		mimeType: 'text/plain',
		buffer: Buffer.from(words)
	});

	step('is what cannot be music: it is named, with the reason', async () => {
		await page.goto(`${product.url}/upload`);
		await alive(page);
		await files().setInputFiles([fileNamed('notes.txt', 'words'), fileNamed('silence.mp3', '')]);
		await problem().getByText('there is nothing to publish in what you dropped').waitFor();
		await page.getByText(/^notes\.txt/).waitFor();
		await page.getByText('is empty').waitFor();
		assert.ok(await hasFocus(problem()));
		await look(page, 'upload-nothing');
	});

	step('is not called a failure of the file when the server cannot be asked', async () => {
		await page.route('**/api/releases', (route) => route.abort());
		await files().setInputFiles(song);
		await problem().getByText('the upload could not begin. check the connection').waitFor();
		await look(page, 'upload-not-begun');
		await page.unroute('**/api/releases');
	});

	step('is what there is no room for, in the words of the server', async () => {
		const detail = 'there is no room left for this file: 2 GB of 2 GB are used';
		await page.route('**/api/uploads/tus', (route) =>
			route.fulfill({
				status: 413,
				contentType: 'application/json',
				body: JSON.stringify({ detail, code: 'storage_full', request_id: 'r' })
			})
		);
		await files().setInputFiles(song);
		await draftOpens(page);
		await rowsOf(page).getByText(detail).waitFor();
		await look(page, 'upload-no-room');
		await page.unroute('**/api/uploads/tus');
	});

	step('is a file that is a track already: it is told apart from what is under way', async () => {
		const published = path.join(dir, 'published.mp3');
		const fresh = path.join(dir, 'fresh.mp3');
		await makeAudio(published, { seconds: 2, frequencyHz: 190 });
		await makeAudio(fresh, { seconds: 2, frequencyHz: 195 });
		const track = await publishTrack(alice, product.url, published, { title: 'ebb' });
		await beginRelease(page, product.url, [published, fresh]);
		await rowsOf(page).getByText('you have published this very file already').waitFor();
		await ready(page, 1);
		await publish(page);
		await page.goto(`${product.url}/portal`);
		const refused = page.getByRole('region', { name: 'not published', exact: true });
		await refused.getByText('you have published this very file already').waitFor();
		const link = refused.getByRole('link', { name: 'open the track there is' });
		// as the browser follows it: the server writes where it is from here
		const leadsTo = await link.evaluate((one) => (one as HTMLAnchorElement).href);
		assert.equal(leadsTo, `${product.url}/track/${track.id}`);
		const underWay = page.getByRole('region', { name: 'under way' });
		assert.equal(await underWay.getByText('very file').count(), 0);
		assert.equal(await page.locator('main').getByText('very file').count(), 1);
	});

	step('is said without scripts too', async () => {
		const storageState = await alice.context.storageState();
		const plain = await visit(browser, { javaScriptEnabled: false, storageState });
		await plain.page.goto(`${product.url}/upload`);
		await look(plain.page, 'upload-plain', { isPlain: true });
		await plain.page.getByLabel('title').fill('slow “tide”');
		await plain.page.getByLabel('description').fill('one line\n<and> another');
		await plain.page.getByLabel('audio file').setInputFiles(fileNamed('song.mp3', ''));
		await plain.page.getByRole('checkbox', { name: /^i made this/ }).check();
		await enter(plain.page, plain.page.getByRole('button', { name: 'upload', exact: true }));
		await plain.page.getByRole('alert').getByText('this file is empty').waitFor();
		assert.equal(await plain.page.getByLabel('title').inputValue(), 'slow “tide”');
		assert.equal(
			await plain.page.getByLabel('description').inputValue(),
			'one line\n<and> another'
		);
		await plain.page.getByText('choose the file again').waitFor();
		await look(plain.page, 'upload-plain-problem', { isPlain: true });
		await plain.context.close();
	});
});
