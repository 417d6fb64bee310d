import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright';
import type postgres from 'postgres';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { look } from './look.ts';
import { openProductDatabase } from './product-database.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';

describe('the plays of an artist, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let database: postgres.Sql;
	let browser: Browser;
	let alice: Visit;
	let track: TrackResponse;

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-plays-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const song = path.join(dir, 'low water.mp3');
		await makeAudio(song, { seconds: 2, frequencyHz: 210 });
		product = await startProduct();
		cleanups.push(() => product.stop());
		database = await openProductDatabase(product);
		cleanups.push(() => database.end());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser, { viewport: { width: 1280, height: 800 } });
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the low water');
		track = await publishTrack(alice, product.url, song, { title: 'low water' });
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	it('a listener’s browser reports a play, keeps its cookie to itself, and is known again', async () => {
		const { page, context } = await visit(browser);
		await page.goto(`${product.url}/track/${track.id}`);
		const report = () =>
			page.evaluate(async (id) => {
				const answer = await fetch(`/api/tracks/${id}/play`, {
					method: 'POST',
					keepalive: true,
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ played_seconds: 1.2 })
				});
				return (await answer.json()) as unknown;
			}, track.id);
		// nobody has listened for longer than they were here
		await page.waitForTimeout(1_200);
		assert.deepEqual(await report(), { play_count: 1, counted: true });
		assert.deepEqual(await report(), { play_count: 1, counted: false });
		assert.equal(await page.evaluate(() => document.cookie), '');
		await context.close();
	});

	it('the artist finds them from the portal, drawn and as tables', async () => {
		await database`
			insert into plays (track_id, listener_key, played_at)
			select ${track.id}, decode(md5(n::text), 'hex'), now() - make_interval(hours => (n * n) % 7000)
			from generate_series(1, 1500) n`;
		await database`update tracks set play_count = (select count(*) from plays)`;
		const { page } = alice;
		await page.goto(`${product.url}/portal`);
		await page.getByRole('link', { name: 'plays', exact: true }).click();
		await page.getByRole('heading', { name: 'plays', level: 1 }).waitFor();
		await page.getByRole('img', { name: /^plays by day/ }).waitFor();
		const table = page.getByRole('region', { name: 'plays by day, as a table' });
		assert.equal(await table.getByRole('row').count(), 31);
		await look(page, 'plays');
		await page.getByRole('link', { name: 'low water' }).click();
		await page.getByRole('heading', { name: 'plays of low water', level: 1 }).waitFor();
		await look(page, 'plays-of-track');
		assert.deepEqual(alice.complaints, []);
	});

	it('and takes them along', async () => {
		const download = alice.page.waitForEvent('download');
		await alice.page.getByRole('link', { name: 'csv, 12 months' }).click();
		assert.equal((await download).suggestedFilename(), 'plays.csv');
	});
});
