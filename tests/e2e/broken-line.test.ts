import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import { assertAccessible } from './axe.ts';
import { alive, published, toldPublished } from './browser.ts';
import { look } from './look.ts';
import type { RunningProduct } from './running-product.ts';
import { DENSE, makeAudio } from './sample-files.ts';
import { noteSending, openUploadLine, type UploadLine } from './upload-line.ts';
import {
	beginRelease,
	chooseFiles,
	draftOpens,
	publish,
	ready,
	rowsOf,
	titlesOf
} from './upload-pages.ts';

const MEGABYTE = 1e6;
/** of dense sound: 42.2 MB */
const DENSE_S = 55;
/** More than a megabyte has arrived, and most of it has not. */
const underWay = /(?:[3-9]|1\d)(?:\.\d)? MB of 42\.\d MB/;

describe('an upload on a bad line', () => {
	let site: UploadLine;
	let product: RunningProduct;
	let page: Page;
	let dir: string;

	before(async () => {
		site = await openUploadLine();
		({ product, page, dir } = site);
	});

	after(() => site.close());

	/** Some 40 MB of sound, sent at a pace at which something can happen on the way, on any machine. */
	async function beginUpload(name: string, frequencyHz: number): Promise<string> {
		const file = path.join(dir, name);
		await makeAudio(file, { seconds: DENSE_S, frequencyHz }, ...DENSE);
		await page.goto(`${product.url}/upload`);
		await site.setLine(false, 2 * MEGABYTE);
		await chooseFiles(page, file);
		await draftOpens(page);
		await rowsOf(page).getByText(underWay).waitFor();
		return file;
	}

	/** Opens the page where a track gets new audio. Returns the address of the track. */
	async function openReplacement(title: string): Promise<string> {
		await page.goto(product.url);
		await page.getByRole('link', { name: title, exact: true }).click();
		await page.getByRole('heading', { name: title, exact: true }).waitFor();
		const trackUrl = page.url();
		await page.goto(`${trackUrl}/replace`);
		await alive(page);
		await page.getByRole('link', { name: 'upload', exact: true }).waitFor();
		return trackUrl;
	}

	async function replaceWith(file: string): Promise<void> {
		await page.getByLabel('i made this, or have the right to publish it').check();
		await page.getByLabel('the new version').setInputFiles(file);
		await page.getByRole('button', { name: 'replace' }).click();
	}

	async function reload(words = 'it goes on where it stopped'): Promise<void> {
		await site.reload();
		await alive(page);
		await page.getByText(words).waitFor();
	}

	function assertWentOn({ offsets: [first = 0] }: { offsets: number[] }, sizeBytes: number): void {
		assert.ok(first > MEGABYTE && first < sizeBytes, `${first} of ${sizeBytes}`);
	}

	it('goes on by itself when the line is back, and never calls that a failure', async () => {
		await beginUpload('tunnel.wav', 120);
		await site.setLine(true, -1);
		await rowsOf(page).getByText('connection lost. it goes on by itself').waitFor();
		await assertAccessible(page);
		// slow enough that its page is left before the end, which is told elsewhere then
		await site.setLine(false, 2 * MEGABYTE);
		await publish(page);
		await page.getByRole('link', { name: /home$/ }).click();
		await page.getByRole('heading', { name: 'latest tracks' }).waitFor();
		await site.setLine(false, -1);
		await toldPublished(page, 'tunnel');
		assert.equal(await page.getByText('not published').count(), 0);
	});

	it('goes on where it stopped when the same file is chosen again after a reload', async () => {
		const file = await beginUpload('bridge.wav', 130);
		await page.getByLabel('title of track 1').fill('the long bridge');
		await page.getByText('saved', { exact: true }).waitFor();
		await reload();
		await assertAccessible(page);
		const sent = noteSending(page);
		await page.getByLabel('file for the long bridge').setInputFiles(file);
		await ready(page, 1);
		assertWentOn(sent, (await stat(file)).size);
		assert.deepEqual(await titlesOf(page), ['the long bridge']);
		await publish(page);
		await page.getByRole('link', { name: /home$/ }).click();
		await published(page, 'the long bridge');
	});

	it('goes on in the same draft when the file is brought to the upload page again', async () => {
		const file = await beginUpload('ferry.wav', 135);
		const releaseId = new URL(page.url()).pathname;
		await reload();
		await page.getByRole('link', { name: 'upload', exact: true }).click();
		await page.getByRole('link', { name: /ferry.*1 not all here/ }).waitFor();
		const sent = noteSending(page);
		await chooseFiles(page, file);
		await draftOpens(page);
		assert.equal(new URL(page.url()).pathname, releaseId);
		await ready(page, 1);
		assertWentOn(sent, (await stat(file)).size);
		assert.equal(await rowsOf(page).count(), 1);
	});

	it('waits as long as the server asks, says so, and goes on by itself', async () => {
		const sentence = 'you have uploaded 60 files within an hour';
		const headers = { 'retry-after': '3', 'content-type': 'application/json' };
		const body = JSON.stringify({ detail: sentence, code: 'too_many_requests', request_id: 'r' });
		let refusals = 0;
		await page.route('**/api/uploads/tus', async (route) => {
			refusals += 1;
			if (refusals > 1) await route.fallback();
			else await route.fulfill({ status: 429, headers, body });
		});
		const file = path.join(dir, 'queue.wav');
		await makeAudio(file, { seconds: 5, frequencyHz: 145 });
		await beginRelease(page, product.url, [file]);
		await rowsOf(page).getByText(sentence).waitFor();
		await ready(page, 1);
		assert.equal(refusals, 2);
		await page.unroute('**/api/uploads/tus');
	});

	it('keeps what is typed about a file that has not begun, and then whatever does not fit', async () => {
		const headers = { 'retry-after': '600', 'content-type': 'application/json' };
		const body = JSON.stringify({ detail: 'too often', code: 'too_many_requests' });
		await page.route('**/api/uploads/tus', (route) =>
			route.fulfill({ status: 429, headers, body })
		);
		const file = path.join(dir, 'signal.wav');
		await makeAudio(file, { seconds: 5, frequencyHz: 147 });
		await beginRelease(page, product.url, [file]);
		const title = page.getByLabel('title of track 1');
		await title.fill('typed early');
		await page.getByText('kept in this browser, and saved when').waitFor();
		await page.unroute('**/api/uploads/tus');
		await reload('one file has not begun to arrive');
		await page.getByText('signal.wav: what you typed is kept').waitFor();
		await assertAccessible(page);
		await page.getByLabel('files', { exact: true }).setInputFiles(file);
		await ready(page, 1);
		assert.deepEqual(await titlesOf(page), ['typed early']);
		await page.getByText('saved', { exact: true }).waitFor();

		const tooLong = '漢'.repeat(90);
		await title.fill(tooLong);
		await page.getByLabel('album', { exact: true }).fill('low water');
		await page.getByText(/everything is saved but one field/).waitFor();
		assert.equal(await title.getAttribute('aria-invalid'), 'true');
		// its name stays what it was
		await page.getByRole('textbox', { name: 'title of track 1', exact: true }).waitFor();
		const id = await title.getAttribute('aria-describedby');
		const why = await page.locator(`[id="${id}"]`).textContent();
		assert.match(why ?? '', /^not saved: .*the title is too long/);
		await assertAccessible(page);
		await page.reload();
		await page.getByText(/everything is saved but one field/).waitFor();
		assert.equal(await title.inputValue(), tooLong);
		assert.equal(await page.getByLabel('album', { exact: true }).inputValue(), 'low water');
		await title.fill('signal');
		await page.getByText('saved', { exact: true }).waitFor();
		assert.equal(await title.getAttribute('aria-invalid'), null);
	});

	it('keeps apart what was typed without a line and changed elsewhere since, and says it when its artist does', async () => {
		const title = page.getByLabel('title of track 1');
		const address = page.url();
		const release = `${product.url}/api/releases/${address.split('/').at(-1)}`;
		await site.setLine(true, -1);
		await title.fill('typed on the train');
		await page.getByText('not saved: the server does not answer').waitFor();
		// what a page sends while it goes away gets through a line that is only said to be cut
		await page.evaluate(() => {
			window.fetch = () => Promise.reject(new TypeError('no line'));
		});
		await page.goto('about:blank');
		await site.setLine(false, -1);
		const { tracks } = (await (await page.request.get(release)).json()) as {
			tracks: { upload: { upload_id: string }; fields: { title: string } }[];
		};
		assert.equal(tracks[0]?.fields.title, 'signal', 'nothing has got through');
		const changed = await page.request.patch(release, {
			headers: { origin: product.url },
			data: {
				tracks: [{ upload_id: tracks[0].upload.upload_id, fields: { title: 'typed at home' } }]
			}
		});
		assert.ok(changed.ok(), await changed.text());
		await page.goto(address);
		await page.getByText('kept in this browser: “typed on the train”').waitFor();
		assert.equal(await title.inputValue(), 'typed at home');
		await assertAccessible(page);
		await page.getByRole('button', { name: /^use it: title of/ }).click();
		await page.getByText('saved', { exact: true }).waitFor();
		assert.equal(await title.inputValue(), 'typed on the train');
		assert.equal(await page.getByText('kept in this browser').count(), 0);
		await page.reload();
		assert.equal(await title.inputValue(), 'typed on the train');
	});

	it('opens when its artist has said, also while the date is half typed or emptied', async () => {
		const date = page.getByLabel('release date (optional)');
		const day = new Date(Date.now() + 7 * 24 * 3600_000).toISOString().slice(0, 16);
		await date.fill(day);
		await date.blur();
		await page.getByText('saved', { exact: true }).waitFor();
		await page.getByLabel('i made this, or have the right to publish it').check();
		await page.getByRole('button', { name: /^publish/ }).click();
		await page.getByRole('heading', { name: /^opens by itself on/ }).waitFor();
		const opens = async () => {
			const answer = await page.request.get(`${product.url}/api${releasePath()}`);
			return (await answer.json()) as { status: string; release_at: string | null };
		};
		const releasePath = () => new URL(page.url()).pathname.replace('/upload/', '/releases/');
		const before = await opens();
		assert.ok(before.release_at);
		// one part of it deleted: the field is empty for anybody who asks
		await date.focus();
		await page.keyboard.press('Delete');
		await date.blur();
		await date.fill('');
		await date.blur();
		await page.waitForTimeout(1_500);
		const { status, release_at: releaseAt } = await opens();
		assert.deepEqual([status, releaseAt], ['published', before.release_at]);
		assert.equal(await date.inputValue(), day, 'the field says what holds');
		await page.getByRole('button', { name: 'open it now' }).click();
		await page.getByRole('heading', { name: /published$/ }).waitFor();
	});

	it('that is discarded in another tab does not begin anew in this one', async () => {
		await beginUpload('harbour.wav', 149);
		const sent = noteSending(page);
		const other = await page.context().newPage();
		other.on('dialog', (dialog) => void dialog.accept());
		await other.goto(page.url());
		await other.getByRole('button', { name: 'discard the draft' }).click();
		await other.waitForURL(/\/upload$/);
		await other.close();
		await page.getByText(/this draft was discarded in another tab or browser/).waitFor();
		await rowsOf(page).getByText('discarded').waitFor();
		assert.equal(await page.getByRole('button', { name: /^(publish|discard)/ }).count(), 0);
		await look(page, 'draft-discarded');
		await page.waitForTimeout(2_000);
		assert.equal(sent.begun, 0);
		await site.setLine(false, -1);
	});

	it('is still counted in the header when any page is loaded anew', async () => {
		const file = path.join(dir, 'long road.wav');
		await makeAudio(file, { seconds: 240, frequencyHz: 155 });
		await beginRelease(page, product.url, [file]);
		// every byte is there, and the server is at it
		await rowsOf(page).getByText('checking').waitFor();
		await page.goto(product.url);
		await page.getByRole('link', { name: 'uploading 1' }).waitFor();
		await page.getByRole('link', { name: 'upload', exact: true }).waitFor();
	});

	it('is told how it ends even where no stream of events gets through', async () => {
		await page.route('**/api/uploads/events', (route) => route.abort());
		const file = path.join(dir, 'wall.wav');
		await makeAudio(file, { seconds: 5, frequencyHz: 140 });
		await beginRelease(page, product.url, [file]);
		await ready(page, 1);
		await publish(page);
		await page.getByRole('link', { name: /home$/ }).click();
		await published(page, 'wall');
	});

	it('of new audio for a track goes on from the same file, and leads back to the track', async () => {
		await page.unroute('**/api/uploads/events');
		const trackUrl = await openReplacement('tunnel');
		const file = path.join(dir, 'tunnel, louder.wav');
		await makeAudio(file, { seconds: DENSE_S, frequencyHz: 160 }, ...DENSE);
		await site.setLine(false, 2 * MEGABYTE);
		await replaceWith(file);
		await page.getByText(underWay).waitFor();
		await page.getByRole('link', { name: 'uploading 1' }).waitFor();
		await assertAccessible(page);
		await reload('choose the same file again to go on where it stopped');
		await assertAccessible(page);
		const sent = noteSending(page);
		await replaceWith(file);
		await page.waitForURL(trackUrl, { timeout: 60_000 });
		assertWentOn(sent, (await stat(file)).size);
		await published(page, 'the new audio of tunnel');

		await openReplacement('tunnel');
		await site.setLine(false, 2 * MEGABYTE);
		await replaceWith(file);
		await page.getByText(/\d MB of 42\.\d MB/).waitFor();
		await page.getByRole('button', { name: 'stop' }).click();
		await page.getByRole('button', { name: 'replace' }).waitFor();
		assert.equal(await page.getByText('have arrived').count(), 0, 'nothing of it is kept');
		await site.setLine(false, -1);
		await replaceWith(file);
		await page.getByRole('alert').getByText('this is the file the track has already').waitFor();
		const other = path.join(dir, 'tunnel, softer.wav');
		await makeAudio(other, { seconds: 5, frequencyHz: 165 });
		await replaceWith(other);
		await page.getByRole('link', { name: /home$/ }).click();
		await published(page, 'the new audio of tunnel');
		assert.equal(new URL(page.url()).pathname, '/', 'whoever has left is not called back');
	});

	it('leaves the page and the sound alone when a link is followed without a line', async () => {
		await page.goto(product.url);
		await page.getByRole('button', { name: 'play wall' }).click();
		const player = page.getByRole('region', { name: 'player' });
		await player.getByRole('button', { name: 'pause' }).waitFor();
		await site.setLine(true, -1);
		await page.getByRole('link', { name: 'the long bridge', exact: true }).click();
		await page.getByText('you are offline: that page can be opened').waitFor();
		assert.equal(new URL(page.url()).pathname, '/');
		await player.getByRole('link', { name: 'wall' }).waitFor();
		await site.setLine(false, -1);
		await page.getByRole('link', { name: 'the long bridge', exact: true }).click();
		await page.getByRole('heading', { name: 'the long bridge' }).waitFor();
	});

	it('keeps what was written when the file turns out to be none, for another file', async () => {
		await page.goto(`${product.url}/upload`);
		await chooseFiles(page, {
			name: 'notes.wav',
			mimeType: 'audio/wav',
			buffer: Buffer.from('only words. '.repeat(2_000))
		});
		await draftOpens(page);
		await page.getByLabel('title of track 1').fill('worth keeping');
		await rowsOf(page)
			.getByText(/this is text, not audio/)
			.waitFor();
		await page.getByRole('button', { name: /^publish/, disabled: true }).waitFor();
		await assertAccessible(page);
		const file = path.join(dir, 'door.wav');
		await makeAudio(file, { seconds: 5, frequencyHz: 150 });
		await page.getByLabel('file for worth keeping').setInputFiles(file);
		await ready(page, 1);
		assert.deepEqual(await titlesOf(page), ['worth keeping']);
		await publish(page);
		await page.getByRole('heading', { name: 'worth keeping is published' }).waitFor();
		let loads = 0;
		page.on('request', (request) => (loads += request.url().includes('__data.json') ? 1 : 0));
		await page.waitForTimeout(3_000);
		assert.ok(loads <= 2, `a page on which nothing happens any more asked ${loads} times`);
	});
});
