import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright';
import type postgres from 'postgres';
import type { SearchResponse } from '#lib/server/search/search-api.ts';
import { openBrowser, ROUTED, visit } from './browser.ts';
import { hasFocus } from './keyboard.ts';
import { look } from './look.ts';
import { openProductDatabase } from './product-database.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

describe('searching', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let database: postgres.Sql;
	let browser: Browser;
	before(async () => {
		product = await startProduct();
		cleanups.push(() => product.stop());
		database = await openProductDatabase(product);
		cleanups.push(() => database.end());
		await database.unsafe(CATALOGUE).simple();
		browser = await openBrowser();
		cleanups.push(() => browser.close());
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const field = (page: Page) => page.getByRole('dialog', { name: 'search' }).getByRole('combobox');

	it('is a page that works without scripts, from the header to the last page', async () => {
		const { context, page, complaints } = await visit(browser, { javaScriptEnabled: false });
		await page.goto(product.url);
		await page.getByRole('search', { name: 'site' }).getByRole('searchbox').fill('harbour');
		await page.keyboard.press('Enter');
		await page.waitForURL('**/search?q=harbour');
		assert.match(await page.title(), /^harbour - search - /);
		assert.match(await page.content(), /<meta name="robots" content="noindex"/);
		await page.getByText('more than 5 tracks, 1 album, 1 artist, 1 tag.').waitFor();
		assert.equal(await page.getByRole('list', { name: 'tracks' }).getByRole('listitem').count(), 5);
		assert.equal(await page.getByText('explicit', { exact: true }).count(), 1);
		const album = page.getByRole('link', { name: 'Harbour Album' });
		assert.match((await album.getAttribute('href')) ?? '', /\/u\/alice\.example\/album\/harbour$/);
		const artist = page
			.getByRole('list', { name: 'artists' })
			.getByRole('link', { name: 'Harbour Alice' });
		assert.match((await artist.getAttribute('href')) ?? '', /\/u\/alice\.example$/);
		const tag = page.getByRole('link', { name: 'harbour & sea 1 track' });
		assert.match((await tag.getAttribute('href')) ?? '', /\/tag\/harbour%20%26%20sea$/);
		await look(page, 'search-plain', { isPlain: true });

		await page.getByRole('link', { name: 'all tracks' }).click();
		assert.equal(await page.getByRole('listitem').count(), 20);
		await page.getByRole('link', { name: 'more tracks' }).click();
		// the last one has the word as its tag
		assert.equal(await page.getByRole('listitem').count(), 6);
		await page.getByRole('link', { name: 'Тихая ночь' }).waitFor();
		assert.equal(await page.getByRole('link', { name: 'more tracks' }).count(), 0);
		await page.getByRole('link', { name: 'the best' }).click();
		await page.getByRole('searchbox').fill('harbor');
		await page.getByRole('button', { name: 'search' }).click();
		await page.getByText('nothing is called “harbor”. closest to it').waitFor();
		await page.getByRole('searchbox').fill('<b>zzzz</b> qqqq');
		await page.getByRole('button', { name: 'search' }).click();
		await page.getByText('nothing is found for “<b>zzzz</b> qqqq”.').waitFor();
		await page.getByRole('link', { name: 'search everything' }).click();
		await page.getByRole('link', { name: 'qqqq' }).click();
		await page.getByText('nothing is found for “qqqq”.').waitFor();
		await page.goto(`${product.url}/search?q=+`);
		await page.getByRole('searchbox').waitFor();
		assert.equal((await page.goto(`${product.url}/search?q=x&kind=song`))?.status(), 422);
		assert.equal((await page.goto(`${product.url}/search?q=%00%F0harbour`))?.status(), 200);
		assert.deepEqual(
			complaints.filter((one) => !one.includes('422')),
			[]
		);
		await context.close();
	});

	it('opens over any page, and leads anywhere by the keyboard alone', async () => {
		const { context, page, complaints } = await visit(browser);
		await page.goto(product.url, { waitUntil: 'networkidle' });
		const settings = page.getByRole('link', { name: 'settings' });
		await settings.focus();
		await page.keyboard.press('/');
		await field(page).waitFor();
		assert.ok(await hasFocus(field(page)));
		assert.equal(await field(page).inputValue(), '', 'the slash itself is not typed');
		await page.keyboard.type('harbour');
		await page.getByRole('option').first().waitFor();
		await look(page, 'search-palette');
		await page.keyboard.press('Escape');
		await field(page).waitFor({ state: 'detached' });
		assert.ok(await hasFocus(settings), 'the focus is where it was');

		await page.keyboard.press('Control+k');
		await field(page).and(page.locator(':focus')).waitFor();
		await page.keyboard.type('harbour');
		const options = page.getByRole('option');
		await options.first().waitFor();
		assert.equal(await field(page).getAttribute('aria-activedescendant'), null);
		await page.keyboard.press('ArrowUp');
		assert.equal(await active(page), 'everything for “harbour”');
		await page.keyboard.press('ArrowDown');
		const first = await active(page);
		assert.match(first, /^Harbour 7/);
		await page.keyboard.press('Enter');
		await page.waitForURL('**/track/*');
		assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /^Harbour 7\b/);
		assert.equal(await page.getByRole('dialog').count(), 0);

		await page.keyboard.press('Control+k');
		await field(page).and(page.locator(':focus')).waitFor();
		await page.keyboard.type('тихая');
		await page.getByRole('option', { name: 'Тихая ночь' }).waitFor();
		await page.keyboard.press('Enter');
		await page.waitForURL('**/search?q=*');
		await page.getByRole('list', { name: 'tracks' }).getByText('Тихая ночь').waitFor();
		await look(page, 'search');
		await page.keyboard.press('?');
		await page.getByRole('cell', { name: 'search', exact: true }).waitFor();
		assert.deepEqual(complaints, []);
		await context.close();
	});

	it('keeps what it has while the next is on its way, asks for the last only, and says when it cannot', async () => {
		const { context, page } = await visit(browser, ROUTED);
		await page.goto(product.url, { waitUntil: 'networkidle' });
		const asked: string[] = [];
		await page.route('**/api/search/**', async (route) => {
			const q = new URL(route.request().url()).searchParams.get('q') ?? '';
			asked.push(q);
			if (q === 'harbour 1') await new Promise((resolve) => setTimeout(resolve, 800));
			await route.continue().catch(() => undefined);
		});
		await page.keyboard.press('/');
		await field(page).fill('harbour');
		await page.getByRole('option').first().waitFor();
		await field(page).fill('harbour 1');
		await page.waitForTimeout(300);
		assert.ok((await page.getByRole('option').count()) > 1, 'what was found last stays');
		await field(page).fill('тихая');
		await page.getByRole('option', { name: 'Тихая ночь' }).waitFor();
		await page.waitForTimeout(900);
		assert.equal(await page.getByRole('option').count(), 2, 'what came late is dropped');
		assert.deepEqual(asked, ['harbour', 'harbour 1', 'тихая']);
		await context.setOffline(true);
		await field(page).fill('anything');
		await page.getByText('you are offline').waitFor();
		assert.equal(await page.getByRole('option').count(), 2);
		await context.setOffline(false);
		for (const typed of ['artist:', 'tag:""']) {
			await field(page).fill('harbour');
			await page.getByRole('option').first().waitFor();
			await field(page).fill(typed);
			await page.getByText('type what you are looking for', { exact: true }).waitFor();
			assert.equal(await page.getByRole('option').count(), 0, 'nothing is for what is typed now');
			const path = `/search?q=${encodeURIComponent(typed)}`;
			const answer = await context.request.get(product.url + path);
			assert.equal(answer.status(), 200);
			assert.match(await answer.text(), /or look at the/, 'as the page has it');
		}
		await context.close();
	});

	it('leaves what is typed in fields alone', async () => {
		const { context, page } = await visit(browser);
		await page.goto(product.url, { waitUntil: 'networkidle' });
		const search = page.getByRole('search', { name: 'site' }).getByRole('searchbox');
		await search.focus();
		await page.keyboard.type('a/b');
		assert.equal(await search.inputValue(), 'a/b');
		assert.equal(await page.getByRole('dialog').count(), 0);
		await context.close();
	});

	it('answers programs, and lets caches keep what everybody sees', async () => {
		for (const path of ['/api/search/?q=harbour&limit=2', '/api/search?q=harbour&limit=2']) {
			const answer = await fetch(`${product.url}${path}`);
			assert.equal(answer.headers.get('cache-control'), 'public, max-age=60');
			const found = (await answer.json()) as SearchResponse;
			assert.deepEqual(
				found.tracks.map(({ title }) => title),
				['Harbour 7', 'Harbour 25']
			);
			assert.deepEqual(found.tags, [{ tag: 'harbour & sea', track_count: 1 }]);
			assert.equal(found.albums[0]?.artist_handle, 'alice.example');
			assert.equal(found.artists[0]?.display_name, 'Harbour Alice');
			const next = found.next_cursors.tracks ?? '';
			const more = await fetch(
				`${product.url}/api/search/?q=harbour&kind=track&limit=2&cursor=${next}`
			);
			assert.deepEqual(
				((await more.json()) as SearchResponse).tracks.map(({ title }) => title),
				['Harbour 24', 'Harbour 23']
			);
		}
		assert.equal((await fetch(`${product.url}/api/search/?q=`)).status, 422);
		assert.equal((await fetch(`${product.url}/api/search/?q=a&cursor=x`)).status, 422);
	});
});

/** What Enter would open. */
async function active(page: Page): Promise<string> {
	const id = await page
		.getByRole('dialog', { name: 'search' })
		.getByRole('combobox')
		.getAttribute('aria-activedescendant');
	return (await page.locator(`[id="${id}"]`).innerText()).trim();
}

/** 25 tracks of one album; the seventh is played most. */
const CATALOGUE = `
	insert into artists (did, handle, display_name)
		values ('did:plc:alice', 'alice.example', 'Harbour Alice');
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || hash, 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 26) n) hashes;
	insert into albums (artist_did, slug, title) values ('did:plc:alice', 'harbour', 'Harbour Album');
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id,
			album_id, album_position, created_at, play_count, is_explicit)
		select 'did:plc:alice', 'r' || n, 'at://did:plc:alice/fm.plyr.track/r' || n, 'cid',
			case when n = 26 then 'Тихая ночь' else 'Harbour ' || n end, file, file,
			case when n < 26 then albums.id end, n, '2026-01-01'::timestamptz + n * interval '1 minute',
			case when n = 7 then 100 else 0 end, n = 7
		from albums, (select n, left(encode(sha256(n::text::bytea), 'hex'), 16) as file
			from generate_series(1, 26) n) numbered;
	insert into track_tags (track_id, tag) select id, 'harbour & sea' from tracks where rkey = 'r26'`;
