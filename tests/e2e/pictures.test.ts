/**
 * How pages look, beside the pictures of them that were looked at and found good. Made anew, to be looked
 * at again, by: UPDATE_PICTURES=1 npm test e2e/pictures
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import { coverJpeg, type CoverName } from '../../dev/artwork/cover.ts';
import { differenceOf, kept } from './compare-pictures.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';

const FOLDER = path.join(import.meta.dirname, 'pictures');
const IS_UPDATED = process.env['UPDATE_PICTURES'] === '1';
/** A phone, a tablet, a laptop; each in one theme. */
const WINDOWS = [
	{ name: 'phone', width: 360, height: 740, theme: 'dark' },
	{ name: 'tablet', width: 768, height: 900, theme: 'light' },
	{ name: 'laptop', width: 1280, height: 860, theme: 'dark' }
];
const ALBUM = 'tidewater rooms';
const TRACKS: { title: string; cover?: CoverName; album?: string; tags?: string }[] = [
	{ title: 'low tide, first light', cover: 'tide', album: ALBUM },
	{ title: 'glass rain', cover: 'tide', album: ALBUM },
	{
		title: 'harbour lights after the last ferry has gone and nobody waits',
		cover: 'tide',
		album: ALBUM
	},
	{ title: 'lullaby for a lighthouse', cover: 'beam' },
	{ title: '\u0623\u063a\u0646\u064a\u0629 \u0627\u0644\u0628\u062d\u0631', cover: 'lamps' },
	{ title: 'without a picture' }
];

describe('the look of pages', () => {
	let site: MusicSite;
	let ids: number[] = [];

	before(async () => {
		site = await startMusicSite('amber lattice');
		ids = [];
		for (const { title, cover, album } of TRACKS) {
			const picture = cover && path.join(site.dir, `${cover}.jpg`);
			if (cover && picture) await writeFile(picture, await coverJpeg(cover));
			const fields = {
				title,
				description: 'slow chords over a distant sea.',
				...(album ? { album } : {})
			};
			const sound = {
				seconds: 3,
				hasPicture: picture !== undefined,
				...(picture ? { picture } : {})
			};
			ids.push((await site.publish(fields, sound)).id);
		}
		for (const id of ids.slice(0, 4)) {
			const liked = await site.alice.context.request.post(site.at(`/api/tracks/${id}/like`), {
				headers: { origin: site.product.url }
			});
			assert.ok(liked.ok(), await liked.text());
		}
	});
	after(() => site.close());

	const pages = (): Record<string, string> => ({
		home: '/',
		track: `/track/${ids[3] ?? 0}`,
		'track-without-picture': `/track/${ids[5] ?? 0}`,
		album: '/u/alice.test/album/tidewater-rooms',
		artist: '/u/alice.test',
		search: '/search?q=tide',
		liked: '/liked',
		profile: '/portal/profile',
		settings: '/settings',
		about: '/about',
		'not-found': '/nothing-here'
	});

	for (const { name: size, width, height, theme } of WINDOWS) {
		it(`is as it was on a ${size}, ${theme}`, async () => {
			const { page } = site.alice;
			await page.setViewportSize({ width, height });
			const differing: string[] = [];
			for (const [name, address] of Object.entries(pages())) {
				await page.goto(site.at(address), { waitUntil: 'networkidle' });
				const shot = await shoot(page, theme);
				const file = path.join(FOLDER, `${name}-${size}.webp`);
				if (IS_UPDATED) {
					await mkdir(FOLDER, { recursive: true });
					await writeFile(file, await kept(shot));
					continue;
				}
				// kept as the other one is: that alone changes what is dark
				const difference = await differenceOf(await kept(shot), await readFile(file));
				if (difference !== null) differing.push(`${name} on a ${size}: ${difference}`);
			}
			assert.deepEqual(differing, []);
		});
	}
});

/** What is another one each time is covered: moments, and addresses of records. */
async function shoot(page: Page, theme: string): Promise<Buffer> {
	await page.evaluate((chosen) => (document.documentElement.dataset['theme'] = chosen), theme);
	return await page.screenshot({
		animations: 'disabled',
		mask: [page.locator('time'), page.locator('code')],
		maskColor: '#808080'
	});
}
