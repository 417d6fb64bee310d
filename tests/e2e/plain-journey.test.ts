import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { visit, type Visit } from './browser.ts';
import { look } from './look.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';
import { openProductDatabase } from './product-database.ts';
import { makeAudio } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const STEP_LIMIT_MS = 15_000;
const PUBLISH_LIMIT_MS = 60_000;
/** More than a page of the home page holds. */
const OTHERS = 40;

describe('the whole site in a browser without scripts', { timeout: 300_000 }, () => {
	let site: MusicSite;
	let tracks: TrackResponse[];
	let bob: Visit;
	let page: Page;
	let ownTrack: string;
	const step = stepsOf(() => page);

	before(async () => {
		site = await startMusicSite('alice of the low water');
		await addOthers(site);
		tracks = await Promise.all(
			['ebb', 'slack', 'flood'].map((title) =>
				site.publish({ title, album: 'tides', description: 'from https://example.org/sea' })
			)
		);
		const changed = await site.alice.context.request.patch(site.at(`/api/tracks/${first().id}`), {
			headers: { origin: site.product.url },
			data: { tags: ['ambient'] }
		});
		assert.ok(changed.ok(), await changed.text());
		bob = await visit(site.browser, {
			javaScriptEnabled: false,
			viewport: { width: 1280, height: 800 }
		});
		bob.context.setDefaultTimeout(STEP_LIMIT_MS);
		({ page } = bob);
	});
	after(() => site.close());

	const first = () => {
		const [track] = tracks;
		assert.ok(track);
		return track;
	};
	const main = () => page.getByRole('main');
	const header = () => page.getByRole('navigation', { name: 'site' });
	const pictureOf = (name: string) => look(page, `plain-${name}`, { isPlain: true });
	const titles = () =>
		page
			.getByRole('list', { name: /tracks$/ })
			.locator('a.title')
			.allInnerTexts();

	/** The file is there, and is sound. */
	async function assertPlays(): Promise<void> {
		const audio = page.locator('audio[controls]');
		assert.ok(await audio.isVisible());
		const source = await audio.getAttribute('src');
		const answer = await bob.context.request.get(new URL(source ?? '', page.url()).href, {
			headers: { range: 'bytes=0-999' }
		});
		assert.equal(answer.status(), 206);
		assert.match(answer.headers()['content-type'] ?? '', /^audio\//);
		assert.equal((await answer.body()).byteLength, 1000);
	}

	step('reads what is new, and what was before', async () => {
		await page.goto(site.at('/'));
		await pictureOf('home');
		const newest = await titles();
		assert.ok(newest.includes('ebb'));
		await page.getByRole('link', { name: 'earlier', exact: true }).click();
		await page.getByRole('heading', { name: 'earlier tracks' }).waitFor();
		const earlier = await titles();
		assert.equal(newest.length + earlier.length, OTHERS + tracks.length);
		assert.equal(new Set([...newest, ...earlier]).size, OTHERS + tracks.length, 'none twice');
		assert.equal(await page.getByRole('link', { name: 'earlier', exact: true }).count(), 0);
	});

	step('hears a track with what the browser has for it', async () => {
		await page.goto(site.at('/'));
		await main().getByRole('link', { name: 'ebb', exact: true }).first().click();
		await page.getByRole('heading', { name: 'ebb', level: 1 }).waitFor();
		await assertPlays();
		await pictureOf('track');
		assert.equal(
			await main()
				.getByRole('button', { name: /^(play|pause)/ })
				.count(),
			0
		);
		const link = main().getByRole('link', { name: 'https://example.org/sea' });
		assert.match((await link.getAttribute('rel')) ?? '', /nofollow.*noopener/);
	});

	step('goes on to its album, its artist and its tag', async () => {
		await main().getByRole('link', { name: 'tides', exact: true }).first().click();
		await page.getByRole('heading', { name: 'tides', level: 1 }).waitFor();
		await pictureOf('album');
		await main().getByRole('link', { name: 'alice of the low water' }).first().click();
		await page.getByRole('heading', { name: 'alice of the low water', level: 1 }).waitFor();
		await pictureOf('artist');
		await page.goto(site.at(`/track/${first().id}`));
		await main()
			.getByRole('link', { name: /ambient$/ })
			.click();
		await page.waitForURL(site.at('/tag/ambient'));
		await main().getByRole('link', { name: 'ebb', exact: true }).waitFor();
		await pictureOf('tag');
	});

	step('searches from every page', async () => {
		await page.getByRole('search').getByRole('searchbox', { name: 'search' }).fill('eb');
		await page.keyboard.press('Enter');
		await page.waitForURL(/\/search\?q=eb$/);
		await main().getByRole('link', { name: 'ebb', exact: true }).first().waitFor();
		await pictureOf('search');
		await main().getByRole('searchbox').fill('nothing like this');
		await main().getByRole('button', { name: 'search' }).click();
		await main().getByText('nothing is found for').waitFor();
	});

	step('is asked to sign in for a like, does so, and it is carried out', async () => {
		await page.goto(site.at(`/track/${first().id}`));
		await main().getByRole('button', { name: 'like ebb' }).first().click();
		await page.waitForURL(/\/login\?/);
		await pictureOf('login');
		await page.getByLabel('your handle').fill('bob.test');
		await page.getByRole('button', { name: 'sign in with atproto' }).click();
		await consentIn(bob, site, 'bob');
		await page.goto(site.at(`/track/${first().id}`));
		await main().getByRole('button', { name: 'like ebb', pressed: true }).first().waitFor();
		await page.getByRole('link', { name: '1 like' }).waitFor();
	});

	step('takes the like back, and gives it again', async () => {
		const like = main().getByRole('button', { name: 'like ebb' }).first();
		await like.click();
		await main().getByRole('button', { name: 'like ebb', pressed: false }).first().waitFor();
		await like.click();
		await main().getByRole('button', { name: 'like ebb', pressed: true }).first().waitFor();
		await header().getByRole('link', { name: 'liked' }).click();
		await main().getByRole('link', { name: 'ebb', exact: true }).waitFor();
		await pictureOf('liked');
	});

	step('makes a profile on the way to the first upload', async () => {
		await header().getByRole('link', { name: 'portal' }).click();
		await page.getByRole('heading', { name: 'your artist profile' }).waitFor();
		await pictureOf('first-profile');
		await page.getByLabel('artist name').fill('bob of the high water');
		await page.getByRole('button', { name: 'create profile' }).click();
		await page.getByRole('heading', { name: 'artist portal' }).waitFor();
		await pictureOf('portal');
	});

	step('uploads a file', async () => {
		const file = path.join(site.dir, 'surf.mp3');
		await makeAudio(file, { seconds: 3, frequencyHz: 777 });
		await page.getByRole('link', { name: 'upload music' }).click();
		await pictureOf('upload');
		await page.getByLabel('title').fill('surf');
		await page.getByLabel('audio file').setInputFiles(file);
		await page.getByLabel('i made this, or have the right to publish it').check();
		await page.getByRole('button', { name: 'upload', exact: true }).click();
		await page.waitForURL(/\/portal\?upload=/);
		const link = main().getByRole('link', { name: 'surf', exact: true });
		const endsAt = Date.now() + PUBLISH_LIMIT_MS;
		while (!(await link.isVisible())) {
			assert.ok(Date.now() < endsAt, 'it is published');
			await page.waitForTimeout(500);
			await page.reload();
		}
		await link.click();
		await page.waitForURL(/\/track\/\d+$/);
		ownTrack = page.url();
		await assertPlays();
		await pictureOf('own-track');
	});

	step('edits it', async () => {
		await main().getByRole('link', { name: 'edit', exact: true }).click();
		await pictureOf('edit');
		await page.getByLabel('title', { exact: true }).fill('surf at night');
		await page.getByLabel('tags', { exact: true }).fill('Field Recording, sea');
		await page.getByRole('button', { name: 'save', exact: true }).click();
		await page.waitForURL(ownTrack);
		await page.getByRole('heading', { name: 'surf at night', level: 1 }).waitFor();
		await main()
			.getByRole('link', { name: /field recording$/ })
			.waitFor();
	});

	step('deletes it', async () => {
		await main().getByRole('link', { name: 'delete', exact: true }).click();
		await page.getByRole('heading', { name: /^delete surf at night/ }).waitFor();
		await pictureOf('delete');
		await page.getByRole('button', { name: 'delete this track' }).click();
		await page.waitForURL(site.at('/portal'));
		const answer = await page.goto(ownTrack);
		assert.equal(answer?.status(), 410);
		await pictureOf('removed');
		await page.getByRole('link', { name: 'latest tracks' }).click();
		await page.getByRole('heading', { name: 'latest tracks' }).waitFor();
	});

	step('changes the settings', async () => {
		await header().getByRole('link', { name: 'settings' }).click();
		await pictureOf('settings');
		await page.getByLabel('light', { exact: true }).check();
		await page.getByLabel('always', { exact: true }).check();
		await page.getByRole('button', { name: 'save' }).click();
		await page.getByText('saved.').waitFor();
		assert.ok(await page.getByLabel('light', { exact: true }).isChecked());
		assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
		await pictureOf('settings-light');
	});

	step('signs out', async () => {
		await header().getByRole('button', { name: 'sign out' }).click();
		await header().getByRole('link', { name: 'sign in' }).waitFor();
		await page.goto(site.at('/portal'));
		assert.match(page.url(), /\/login\?return_to=%2Fportal$/);
		// what was refused on purpose is answered with its status
		assert.deepEqual(
			bob.complaints.filter((one) => !/status of 4\d\d/.test(one)),
			[]
		);
	});
});

/**
 * Goes through the pages of the person's own server, which need scripts, in a window of its own that
 * has what the plain one has: they are no pages of ours.
 */
async function consentIn(plain: Visit, site: MusicSite, name: string): Promise<void> {
	const { page, context } = plain;
	assert.ok(page.url().startsWith(site.product.network.pdsUrl), page.url());
	const other = await visit(site.browser, { storageState: await context.storageState() });
	await other.page.goto(page.url());
	await other.page.getByLabel('Password', { exact: true }).fill(`${name}-pass`);
	await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await other.page.getByRole('button', { name: 'Authorize', exact: true }).click();
	await other.page.waitForURL(`${site.product.url}/**`);
	await context.addCookies(await other.context.cookies());
	await other.context.close();
}

/** Tracks of as many others, with the sound of nobody. */
async function addOthers({ product }: MusicSite): Promise<void> {
	const database = await openProductDatabase(product);
	await database`
		insert into artists (did, handle, display_name)
		select 'did:plc:other' || n, 'other' || n || '.test', 'other ' || n
		from generate_series(1, ${OTHERS}::int) n`;
	await database`
		insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		values ('00000000000000aa', ${`${'00'.repeat(7)}aa${'00'.repeat(24)}`}, 'audio/none.mp3', 'mp3', 'audio/mpeg', 1)`;
	await database`
		insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id,
			created_at)
		select 'did:plc:other' || n, 'a', 'at://did:plc:other' || n || '/fm.plyr.dev.track/a', 'cid',
			'other track ' || n, '00000000000000aa', '00000000000000aa', now() - n * interval '1 minute'
		from generate_series(1, ${OTHERS}::int) n`;
	await database.end();
}
