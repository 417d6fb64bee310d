import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page, Request } from 'playwright';
import type { ErrorReport } from '#lib/client-errors/error-report.ts';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio } from './sample-files.ts';

describe('what goes wrong in a browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let track: string;

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-errors-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of the broken strings');
		const file = path.join(dir, 'strings.wav');
		await makeAudio(file, { seconds: 20, frequencyHz: 220 });
		const { id } = await publishTrack(alice, product.url, file, { title: 'strings' });
		track = `${product.url}/track/${id}`;
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const isReport = (request: Request) => request.url().endsWith('/api/client-errors');
	const reportOf = (request: Request) => request.postDataJSON() as ErrorReport;

	async function answered(page: Page, happens: () => Promise<unknown>): Promise<Request> {
		const request = page.waitForRequest(isReport);
		await happens();
		const told = await request;
		assert.equal((await told.response())?.status(), 204);
		return told;
	}

	it('is told to the site, without an address, a name or a cookie', async () => {
		const { context, page } = await visit(browser);
		await page.goto(`${track}?secret=word`);
		await page.waitForLoadState('networkidle');
		const told = await answered(page, () =>
			page.evaluate(() => {
				setTimeout(() => {
					throw new TypeError('no such string in https://music.test/u/alice.test');
				});
			})
		);
		assert.deepEqual(reportOf(told), {
			kind: 'script',
			name: 'TypeError',
			message: 'no such string in address',
			place: '',
			route: '/(listen)/track/[id]',
			browser: 'chrome'
		});
		assert.equal((await told.allHeaders())['cookie'], undefined);
		await context.close();
	});

	it('is told when a recording does not play, with the reason', async () => {
		const { context, page } = await visit(browser);
		await page.route('**/audio/*', (route) => route.fulfill({ status: 404 }));
		await page.goto(track);
		const told = await answered(page, () =>
			page
				.getByRole('main')
				.getByRole('button', { name: /^play( strings)?$/ })
				.first()
				.click()
		);
		const { kind, name } = reportOf(told);
		assert.deepEqual([kind, name], ['playback', 'gone']);
		await context.close();
	});

	it('is nothing on a page that is well: not even the script for it is loaded', async () => {
		const { context, page, complaints } = await visit(browser);
		const scripts: string[] = [];
		page.on('response', (response) => {
			if (response.url().endsWith('.js')) {
				void response.text().then(
					(text) => scripts.push(text),
					() => undefined
				);
			}
		});
		await page.goto(track);
		await page.waitForLoadState('networkidle');
		assert.ok(scripts.length > 3, `${scripts.length} scripts`);
		// the words only the script that tells of errors has
		assert.equal(scripts.filter((text) => text.includes('/api/client-errors')).length, 0);
		assert.deepEqual(complaints, []);
		await context.close();
	});
});
