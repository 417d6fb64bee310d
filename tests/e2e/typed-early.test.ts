import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { alive, ROUTED, visit, type Visit } from './browser.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';

const TEXT = 'typed early';
/** What is no text has other values. */
const VALUES: Record<string, string> = {
	accent_hex: '#4ade80',
	year: '1999',
	features: 'bob.test'
};
/** Not typed, or the same as another field of the page. */
const LEFT_ALONE = new Set(['accent_color', 'release_at', 'image', 'file']);

/** Opens a page whose scripts do not arrive. @returns how to let them through */
async function openWithoutScripts(page: Page, address: string): Promise<() => Promise<void>> {
	const held = Promise.withResolvers<null>();
	await page.route(/\/_app\/.*\.js$/, async (route) => {
		await held.promise;
		await route.continue();
	});
	await page.goto(address, { waitUntil: 'domcontentloaded' });
	return async () => {
		assert.equal(await page.locator('#svelte-announcer').count(), 0, 'nothing is alive yet');
		held.resolve(null);
		await alive(page);
		await page.waitForLoadState('networkidle');
		await page.unrouteAll({ behavior: 'wait' });
	};
}

/** Types into a field, or chooses something else. */
async function use(field: Locator, name: string): Promise<void> {
	const { tag, type } = await field.evaluate((element) => {
		return { tag: element.tagName, type: element.getAttribute('type') };
	});
	if (tag === 'SELECT') await field.selectOption({ index: 2 });
	else if (type === 'checkbox') await field.click();
	else if (type === 'radio') await field.check();
	else await field.fill(VALUES[name] ?? TEXT);
}

/** Uses every field of the page that can be seen. @returns their names */
async function useAll(page: Page): Promise<string[]> {
	const names: string[] = [];
	const kinds = ['input:not([type=file])', 'textarea', 'select'];
	for (const field of await page
		.getByRole('main')
		.locator(kinds.map((kind) => `${kind}[name]`).join())
		.all()) {
		const name = (await field.getAttribute('name')) ?? '';
		const isPlace = name.startsWith('position_');
		if (LEFT_ALONE.has(name) || isPlace || !(await field.isVisible())) continue;
		await use(field, name);
		names.push(name);
	}
	return [...new Set(names)];
}

/** What would be sent of these fields. */
const fieldsOf = (page: Page, names: string[]) =>
	page.evaluate((own) => {
		const forms = [...document.querySelectorAll<HTMLFormElement>('main form')];
		const entries = forms.flatMap((form) => [...new FormData(form)]);
		return own.map((name) => {
			const values = entries
				.filter(([key]) => key === name)
				.flatMap(([, value]) => (typeof value === 'string' ? [value] : []));
			return [name, ...values];
		});
	}, names);

describe('what is typed before the scripts are there', { timeout: 300_000 }, () => {
	let site: MusicSite;
	let track: TrackResponse;
	let other: TrackResponse;
	let stranger: Visit;
	let newcomer: Visit;
	let draftId: string;

	before(async () => {
		site = await startMusicSite('alice of the low water');
		track = await site.publish({ title: 'ebb', album: 'tides' });
		other = await site.publish({ title: 'flood', album: 'tides' });
		stranger = await visit(site.browser);
		newcomer = await site.signedIn('bob');
		const begun = await site.alice.context.request.post(site.at('/api/releases'), {
			headers: { origin: site.product.url }
		});
		assert.ok(begun.ok(), await begun.text());
		draftId = ((await begun.json()) as { release_id: string }).release_id;
	});
	after(() => site.close());

	/** A window of the same person that has loaded nothing yet. */
	const nothingKept = async ({ context }: Visit) =>
		await visit(site.browser, {
			storageState: await context.storageState(),
			...ROUTED
		});

	const album = () => `/u/alice.test/album/${track.album?.slug}`;
	const forms: Record<string, { path: () => string; who?: () => Visit; fields: string[] }> = {
		'sign-in': { path: () => '/login', who: () => stranger, fields: ['handle'] },
		search: { path: () => '/search?q=ebb', who: () => stranger, fields: ['q'] },
		settings: {
			path: () => '/settings',
			who: () => stranger,
			fields: ['accent_hex', 'theme', 'auto_advance', 'gapless', 'crossfade_seconds']
		},
		'the first profile': {
			path: () => '/profile/setup',
			who: () => newcomer,
			fields: ['display_name', 'bio']
		},
		profile: {
			path: () => '/portal/profile',
			fields: ['display_name', 'bio', 'downloads', 'shows_likes']
		},
		'a track': {
			path: () => `/track/${track.id}/edit`,
			fields: ['title', 'album', 'description', 'tags', 'features', 'is_explicit', 'is_unlisted']
		},
		'an album': {
			path: () => `${album()}/edit`,
			fields: ['title', 'year', 'description', 'remove']
		},
		'a new album': {
			path: () => '/portal/albums/new',
			fields: ['title', 'year', 'description']
		},
		'a draft': { path: () => `/upload/${draftId}`, fields: ['album_title', 'year', 'description'] }
	};

	for (const [name, { path, who, fields }] of Object.entries(forms)) {
		it(`stays in the form of ${name}`, async () => {
			const { page } = await nothingKept(who?.() ?? site.alice);
			const letThrough = await openWithoutScripts(page, site.at(path()));
			// where there is more than the first thing to do
			for (const summary of await page.getByRole('main').locator('details > summary').all()) {
				if (await summary.isVisible()) await summary.click();
			}
			const names = await useAll(page);
			for (const field of fields) assert.ok(names.includes(field), `${field} in ${names.join()}`);
			const typed = await fieldsOf(page, names);
			await letThrough();
			assert.deepEqual(await fieldsOf(page, names), typed);
		});
	}

	it('puts a track of an album where its number says', async () => {
		const { page } = await nothingKept(site.alice);
		const letThrough = await openWithoutScripts(page, site.at(`${album()}/edit`));
		const place = (of: TrackResponse) => page.locator(`[name="position_${of.id}"]`);
		const first = (await place(track).inputValue()) === '1' ? track : other;
		await place(first).fill('2');
		await letThrough();
		assert.equal(await place(first).inputValue(), '2');
		assert.equal(await place(first === track ? other : track).inputValue(), '1');
	});

	it('is no press that is lost: play plays when the scripts are there, however often it was pressed', async () => {
		const { id } = await site.publish({ title: 'long wave' }, { seconds: 60 });
		const { page, complaints } = await nothingKept(stranger);
		for (const address of ['/', `/track/${id}`]) {
			const letThrough = await openWithoutScripts(page, site.at(address));
			const play = page.getByRole('main').getByRole('button', { name: /^play(?: long wave)?$/ });
			await play.click();
			await play.click();
			await letThrough();
			const player = page.getByRole('region', { name: 'player' });
			await player.getByRole('link', { name: 'long wave', exact: true }).waitFor();
			await player.getByRole('button', { name: 'pause' }).waitFor();
			const sounding = page
				.locator('audio')
				.evaluateAll((all) => all.some((one) => !(one as HTMLAudioElement).paused));
			assert.ok(await sounding, address);
		}
		assert.deepEqual(complaints, []);
	});

	it('comes with the form of a draft to its artist, and no press is lost until it is there', async () => {
		const { page } = await nothingKept(site.alice);
		const manifest = JSON.parse(
			readFileSync('.svelte-kit/output/client/.vite/manifest.json', 'utf8')
		) as Record<string, { file: string }>;
		const { file } = manifest['src/lib/releases/ReleaseEditor.svelte'] ?? {};
		assert.ok(file, 'the form is a part of its own');
		const held = Promise.withResolvers<null>();
		let isAskedFor = false;
		await page.route(`**/${file}`, async (route) => {
			isAskedFor = true;
			await held.promise;
			await route.continue();
		});
		await page.goto(site.at(`/upload/${draftId}`), { waitUntil: 'networkidle' });
		await alive(page);
		assert.ok(!isAskedFor, 'nobody has come to it yet');
		const asked = page.waitForEvent('dialog');
		await page.getByRole('button', { name: 'discard the draft' }).click();
		assert.ok(isAskedFor);
		held.resolve(null);
		const question = await asked;
		assert.match(question.message(), /discard this draft/);
		await question.dismiss();
		assert.equal(new URL(page.url()).pathname, `/upload/${draftId}`);
	});
});
