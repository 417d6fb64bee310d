import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { makeProfile, openBrowser, signIn, type Visit, visit } from './browser.ts';
import { look } from './look.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const BIO = 'songs about weather. https://example.org/tides';

describe('the profile of an artist', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let alice: Visit;
	let folder: string;
	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'plyr-profile-'));
		cleanups.push(() => rm(folder, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser);
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});
	const step = stepsOf(() => alice.page);
	const save = { name: 'save profile' };

	step('is reached from the portal, and changed with a picture', async () => {
		const { page } = alice;
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice');
		await page.getByRole('link', { name: 'portal' }).click();
		await page.getByRole('link', { name: 'edit profile' }).click();
		await page.getByLabel('artist name').fill('Alice of the Tides');
		await page.getByLabel('bio').fill(BIO);
		const image = await sharp({
			create: { width: 400, height: 300, channels: 3, background: '#2a6f97' }
		})
			.jpeg()
			.toBuffer();
		await page
			.getByLabel('picture')
			.setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: image });
		await look(page, 'profile-form');
		await page.getByRole('button', save).click();
		await page.getByText('saved.').waitFor();
		assert.equal(await page.getByLabel('artist name').inputValue(), 'Alice of the Tides');
		await page.getByRole('img', { name: 'your present picture' }).waitFor();
	});

	step('shows on the artist’s page, by a link from a track', async () => {
		const { page } = alice;
		const file = path.join(folder, 'tone.mp3');
		await makeAudio(file, { seconds: 4, frequencyHz: 220 });
		const fields = { title: 'low tide' };
		const track = await publishTrack(alice, product.url, file, fields);
		const tagged = await alice.context.request.patch(`${product.url}/api/tracks/${track.id}`, {
			headers: { origin: product.url },
			data: { tags: ['field recording', 'water'] }
		});
		assert.ok(tagged.ok());
		await page.goto(`${product.url}/track/${track.id}`);
		await page.getByRole('link', { name: '#water' }).click();
		await page.getByRole('heading', { level: 1, name: '#water' }).waitFor();
		await page.getByRole('link', { name: '#field recording' }).waitFor();
		await look(page, 'tag');
		await page.goto(`${product.url}/track/${track.id}`);
		await page.getByRole('main').getByRole('link', { name: 'Alice of the Tides' }).click();
		await page.getByRole('heading', { level: 1, name: 'Alice of the Tides' }).waitFor();
		const link = page.getByRole('link', { name: 'https://example.org/tides' });
		assert.match((await link.getAttribute('rel')) ?? '', /nofollow/);
		await page.getByRole('img', { name: 'picture of Alice of the Tides' }).waitFor();
		await look(page, 'artist');
		await page.getByRole('link', { name: /home$/ }).click();
		const row = page.getByRole('main').getByRole('listitem').filter({ hasText: 'low tide' });
		// a link in a row leads somewhere, and nothing plays
		await row.first().getByRole('link', { name: 'Alice of the Tides' }).click();
		await page.getByRole('list', { name: /^tracks of/ }).waitFor();
		assert.equal(await page.getByRole('region', { name: 'player' }).count(), 0);
		await page.getByRole('button', { name: 'play', exact: true }).click();
		await page.getByRole('button', { name: 'pause low tide' }).waitFor();
	});

	step(
		'says what is wrong beside the field, without a script, and keeps what was typed',
		async () => {
			const { context } = alice;
			const plain = await visit(browser, {
				javaScriptEnabled: false,
				storageState: await context.storageState()
			});
			const { page } = plain;
			await page.goto(`${product.url}/portal/profile`);
			await page.getByLabel('bio').fill('long '.repeat(60));
			await page.getByLabel('nobody but me').check();
			await page.getByRole('button', save).click();
			const bio = page.getByLabel('bio');
			assert.equal(await bio.getAttribute('aria-invalid'), 'true');
			assert.equal(await bio.inputValue(), 'long '.repeat(60));
			assert.ok(await page.getByLabel('nobody but me').isChecked());
			await look(page, 'profile-refused', { isPlain: true });
			await bio.fill('short');
			await page.getByLabel('show what i like on my page').check();
			await page.getByRole('button', save).click();
			await page.getByText('saved.').waitFor();
			await page.getByRole('link', { name: 'your page' }).click();
			await page.getByText('short', { exact: true }).waitFor();
			await page.getByRole('link', { name: 'what Alice of the Tides likes' }).click();
			await page.getByText('nothing yet.').waitFor();
			await look(page, 'artist-likes', { isPlain: true });
			await page.getByRole('main').getByRole('link', { name: 'Alice of the Tides' }).click();
			await page.getByRole('link', { name: 'low tide' }).first().click();
			await page.getByRole('link', { name: /^download/ }).waitFor();
			await look(page, 'artist-plain', { isPlain: true });
			await plain.context.close();
		}
	);

	step('tells listeners that there is no download, and where to read about the site', async () => {
		const stranger = await visit(browser);
		const { page } = stranger;
		await page.goto(product.url);
		await page.getByRole('main').getByRole('link', { name: 'low tide' }).click();
		await page.getByText('the artist does not offer downloads').waitFor();
		for (const name of ['about', 'terms', 'privacy', 'costs']) {
			await page
				.getByRole('navigation', { name: 'about this site' })
				.getByRole('link', { name })
				.click();
			await page.waitForURL(`${product.url}/${name}`);
			await look(page, name);
		}
		await page.goto(`${product.url}/u/nobody.test`);
		await page.getByRole('heading', { name: 'nothing here' }).waitFor();
		await look(page, 'error-404');
		assert.deepEqual(
			stranger.complaints.filter((one) => !one.includes('404')),
			[]
		);
		await stranger.context.close();
	});
});
