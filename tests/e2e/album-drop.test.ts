import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright';
import { IN_ORDER, makeAlbumFolder } from './album-files.ts';
import { makeProfile, openBrowser, published, signIn, visit, type Visit } from './browser.ts';
import { drag, dropFiles } from './drag.ts';
import { look } from './look.ts';
import { listRecords } from './records.ts';
import { errorsOf, type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';
import { beginRelease, draftOpens, publish, ready, rowsOf, titlesOf } from './upload-pages.ts';

/** Of scripts, with gzip, for whoever opens the home page for the first time. */
const FIRST_VISIT_MAX_BYTES = 70_000;

describe('a folder that is dropped', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let dir: string;
	let browser: Browser;
	let alice: Visit;
	let page: Page;
	let did: string;

	const step = stepsOf(() => page);

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-e2e-files-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const early = path.join(dir, 'early version.wav');
		await makeAudio(early, { seconds: 3, frequencyHz: 90 });
		await makeAlbumFolder(path.join(dir, 'low water'), early);
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser);
		({ page } = alice);
		did = product.network.accounts.find(({ handle }) => handle === 'alice.test')?.did ?? '';
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice of the low water');
	});

	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	step('is not needed for a single: one file is chosen, looked at and published', async () => {
		await page.goto(`${product.url}/upload`);
		await look(page, 'upload');
		await beginRelease(page, product.url, [path.join(dir, 'early version.wav')]);
		await ready(page, 1);
		await publish(page);
		await page.getByRole('link', { name: /home$/ }).click();
		await published(page, 'early version');
	});

	step('becomes an album in the order of its tags, with its cover', async () => {
		await page.goto(`${product.url}/upload`);
		await dropFiles(page, [path.join(dir, 'low water')]);
		await draftOpens(page);
		await ready(page, 10);
		const usable = rowsOf(page).filter({ has: page.getByText('ready', { exact: true }) });
		const titles = await usable
			.getByRole('textbox', { name: /^title of track/ })
			.evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
		assert.deepEqual(titles, IN_ORDER);
		assert.equal(await page.getByLabel('album', { exact: true }).inputValue(), 'Low Water');
		assert.equal(await page.getByLabel('year').inputValue(), '2024');
		assert.equal(await page.getByLabel(/^tags of Low Tide/).inputValue(), 'ambient');
		const cover = page.getByRole('button', { name: 'replace cover' }).locator('img');
		await cover.evaluate((image: HTMLImageElement) => image.decode());
		await page.getByText('thanks.txt is not audio').waitFor();
		assert.equal(await page.getByText('.DS_Store').count(), 0);
	});

	step('explains what is broken, and shows the track that a file is already', async () => {
		const broken = rowsOf(page).filter({ hasText: 'quite broken.mp3' });
		await broken.getByText(/this is text, not audio/).waitFor();
		const twin = rowsOf(page).filter({ hasText: 'you have published this very file already' });
		const link = twin.getByRole('link', { name: 'early version' });
		assert.match((await link.getAttribute('href')) ?? '', /^\/track\/\d+$/);
		await page.getByRole('button', { name: 'publish 10 tracks' }).waitFor();
		await page.getByText('2 files are left out').waitFor();
		await look(page, 'draft');
		await twin.getByRole('button', { name: 'leave it out' }).click();
		await twin.waitFor({ state: 'detached' });
		await broken.getByRole('button', { name: 'remove: quite broken' }).click();
		await broken.waitFor({ state: 'detached' });
	});

	step('is reordered by the keyboard alone, said aloud, and the focus stays', async () => {
		const title = page.getByRole('textbox', { name: 'title of track 1', exact: true });
		await title.focus();
		await page.keyboard.press('Alt+ArrowDown');
		await page.getByText('Low Tide is now 2 of 10').waitFor({ state: 'attached' });
		const focused = await page.evaluate(() => (document.activeElement as HTMLInputElement).value);
		assert.equal(focused, 'Low Tide');
		assert.deepEqual((await titlesOf(page)).slice(0, 2), ['Harbour Lights', 'Low Tide']);
		await page.getByRole('spinbutton', { name: 'place of Seven Lanterns' }).fill('1');
		await page.keyboard.press('Tab');
		assert.equal((await titlesOf(page))[0], 'Seven Lanterns');
		await page.getByRole('button', { name: 'more about Sodium' }).press('Enter');
		await page.getByRole('button', { name: 'move up' }).press('Enter');
		await page.getByText('Sodium is now 3 of 10').waitFor({ state: 'attached' });
	});

	step('is reordered by dragging, and by the numbers in the files again', async () => {
		await drag(page, 'Save Point', 'Harbour Lights');
		assert.deepEqual((await titlesOf(page)).slice(0, 3), [
			'Seven Lanterns',
			'Save Point',
			'Harbour Lights'
		]);
		await page.getByRole('button', { name: 'order by disc and track number' }).click();
		assert.deepEqual(await titlesOf(page), IN_ORDER);
	});

	step('keeps what is typed through a reload, without a button to save', async () => {
		await page.getByRole('textbox', { name: 'title of track 6', exact: true }).fill('unnamed');
		await page.getByText('the same for all tracks').click();
		await page.getByLabel('tags', { exact: true }).fill('ambient, field recording');
		await page.getByRole('button', { name: 'apply tags to all' }).click();
		await page.getByText('saved', { exact: true }).waitFor();
		await page.reload();
		assert.equal((await titlesOf(page))[5], 'unnamed');
		assert.equal(await page.getByLabel('tags of unnamed').inputValue(), 'ambient, field recording');
	});

	step('asks for the rights before anything is published', async () => {
		await page.getByRole('button', { name: 'publish 10 tracks' }).click();
		await page.getByRole('alert').getByText('tick the box above').waitFor();
		await look(page, 'draft-without-rights');
		assert.equal((await listRecords(product, did, 'track')).length, 1);
	});

	step('is published while its artist goes elsewhere', async () => {
		await publish(page);
		await look(page, 'release-published');
		await page.getByRole('link', { name: /home$/ }).click();
		await published(page, 'Low Water');
		await page.goto(`${product.url}/portal`);
		await look(page, 'portal-after');
	});

	step('is an album in the repository, in the order that was shown, with its cover', async () => {
		const tracks = await listRecords(product, did, 'track');
		assert.equal(tracks.length, 11);
		const titleOf = new Map(tracks.map(({ uri, value }) => [uri, value['title']]));
		const list = await wholeAlbum(product, did, IN_ORDER.length);
		assert.equal(list.value['name'], 'Low Water');
		const items = itemsOf(list);
		const expected = IN_ORDER.map((title) => (title === 'untagged' ? 'unnamed' : title));
		assert.deepEqual(
			items.map(({ subject }) => titleOf.get(subject.uri)),
			expected
		);
		const pictures = [list.value['imageUrl'], tracks[0]?.value['imageUrl']];
		for (const picture of pictures) assert.equal((await fetch(String(picture))).status, 200);
	});

	step(
		'costs a listener nothing: none of what uploads is loaded with a page of music',
		async () => {
			const listener = await visit(browser);
			const scripts: Promise<string>[] = [];
			listener.page.on('response', (response) => {
				if (response.url().endsWith('.js')) scripts.push(response.text());
			});
			await listener.page.goto(product.url, { waitUntil: 'networkidle' });
			const texts = await Promise.all(scripts);
			const loaded = texts.join('\n');
			assert.ok(loaded.length > 0);
			const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
			assert.ok(bytes <= FIRST_VISIT_MAX_BYTES, `${bytes} bytes of scripts with gzip`);
			assert.doesNotMatch(loaded, /tus-resumable|webkitGetAsEntry|api\/releases|EventSource/i);
			await listener.context.close();
		}
	);

	step('leaves no page that breaks its own rules', () => {
		// broken files are answered with 400: that is not the page's fault
		const ours = alice.complaints.filter(
			(complaint) => complaint.startsWith(product.url) && !complaint.includes('400')
		);
		assert.equal(ours.join('\n'), '', errorsOf(product));
		return Promise.resolve();
	});
});

type Listed = Awaited<ReturnType<typeof listRecords>>[number];

const itemsOf = ({ value }: Listed) => value['items'] as { subject: { uri: string } }[];

/** The record of the only album: it is written once more a moment after the last of its tracks. */
async function wholeAlbum(product: RunningProduct, did: string, count: number): Promise<Listed> {
	const giveUpAt = Date.now() + 30_000;
	for (;;) {
		const [list] = await listRecords(product, did, 'list');
		if (list && itemsOf(list).length === count) return list;
		if (Date.now() > giveUpAt) assert.fail(JSON.stringify(list));
		await sleep(500);
	}
}
