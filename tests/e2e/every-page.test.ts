import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import type postgres from 'postgres';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { assertAccessible } from './axe.ts';
import { didOf } from '../did-of.ts';
import { htmlFaults } from '../validators/html.ts';
import { visit, type Visit } from './browser.ts';
import { assertFits } from './look.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';
import { openedParts, refusedForms } from './opened-states.ts';
import {
	embeddedPages,
	errorPages,
	memberPages,
	musicPages,
	operatorPages,
	otherPages,
	type PageState,
	type Shown,
	type Who
} from './page-states.ts';
import { openProductDatabase } from './product-database.ts';
import { makeAudio } from './sample-files.ts';
import { beginRelease, ready } from './upload-pages.ts';

const WINDOWS = [
	{ width: 360, height: 740 },
	{ width: 1280, height: 800 }
];
/** As wide as a window of 1280 px where everything is four times as large. */
const ZOOMED = { width: 320, height: 640 };
const WIDE = 'w'.repeat(256);
const RIGHT_TO_LEFT = 'أغنية المطر الطويلة فوق المياه المنخفضة (نسخة حية)';
const NAME = 'أليس of the low water and of many other waters, by the sea';

const GROUPS = {
	'the pages of music': musicPages,
	'what is not about music': otherPages,
	'what is for who is signed in': memberPages,
	'reports, and the pages of whoever runs the site': operatorPages,
	'players in pages of others': embeddedPages,
	'where there is nothing': errorPages,
	'forms that came back': refusedForms,
	'what opens above a page': openedParts
};
const GROUP_LIMIT_MS = 240_000;

describe('every page, in both themes, signed out and in', { timeout: 600_000 }, () => {
	let site: MusicSite;
	let shown: Shown;
	const people = new Map<Who, Visit>();

	before(async () => {
		site = await startMusicSite(NAME, (network) => ({ ADMIN_DIDS: didOf(network, 'alice') }));
		people.set('alice', site.alice);
		people.set('nobody', await visit(site.browser));
		people.set('bob', await site.signedIn('bob', 'bob of the high water'));
		people.set('carol', await site.signedIn('carol'));
		shown = await publishAll(site);
		for (const { page } of people.values()) await followDevice(page, site);
	});
	after(() => site.close());

	/** Nothing is missed: what is no valid html; what axe says, and what does not fit, in every window and theme. */
	async function lookAt(
		state: PageState,
		{ page, complaints, warnings }: Visit,
		who: Who
	): Promise<string[]> {
		const found: string[] = [];
		const note = async (where: string, check: Promise<void>) => {
			await check.catch((cause: unknown) => {
				found.push(`${state.name}, ${who}, ${where}: ${(cause as Error).message}`);
			});
		};
		complaints.length = 0;
		warnings.length = 0;
		await page.setViewportSize(WINDOWS[0] ?? ZOOMED);
		const answer = await page.goto(site.at(state.path));
		assert.equal(answer?.status(), state.status ?? 200, `${state.name}, ${who}`);
		// of what is opened in a page, the page itself has been read
		if (!state.act) found.push(...(await htmlFaults(await answer.text(), `${state.name}, ${who}`)));
		await page.waitForLoadState('networkidle');
		for (const size of [...WINDOWS, ZOOMED]) {
			if (size.width > (state.maxWidth ?? Infinity)) continue;
			await page.setViewportSize(size);
			await state.act?.(page);
			const name = `${size.width} px`;
			await note(name, assertFits(page, name));
			if (size !== ZOOMED) {
				// how it is made is the same in both
				await page.emulateMedia({ colorScheme: 'dark' });
				await note(`${name}, dark`, assertAccessible(page));
				await keepPicture(page, `${state.name}-${who}-${size.width}-dark`);
				await page.emulateMedia({ colorScheme: 'light' });
				await note(`${name}, light`, assertAccessible(page, 'colors'));
				await keepPicture(page, `${state.name}-${who}-${size.width}-light`);
			}
			if (state.isClosed) await page.keyboard.press('Escape');
		}
		// what was refused on purpose is answered with its status
		found.push(...complaints.filter((one) => !/status of 4\d\d/.test(one)), ...warnings);
		return found;
	}

	it('is listed: no page is missing', () => {
		const routes = readdirSync('src/routes', { recursive: true, encoding: 'utf8' })
			// what stands in pages of others is made by no component
			.filter((name) => name.endsWith('+page.svelte') || /^embed\/.*\+server\.ts$/.test(name))
			.map((name) => path.dirname(name));
		const listed = Object.values(GROUPS)
			.flatMap((states) => states(shown))
			.flatMap(({ route }) => route ?? []);
		assert.deepEqual(listed.toSorted(), routes.toSorted());
	});

	it('follows the device in both themes', async () => {
		const { page } = site.alice;
		const ground = () =>
			page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
		await page.goto(site.at('/about'));
		await page.emulateMedia({ colorScheme: 'dark' });
		const dark = await ground();
		await page.emulateMedia({ colorScheme: 'light' });
		assert.notEqual(await ground(), dark);
	});

	for (const [group, states] of Object.entries(GROUPS)) {
		it(`can be read and used by everybody: ${group}`, { timeout: GROUP_LIMIT_MS }, async () => {
			// each goes from page to page in a window of their own: while one waits, another goes on
			const found = await Promise.all(
				[...people].map(async ([who, visitor]) => {
					const problems: string[] = [];
					for (const state of states(shown).filter((one) => one.who.includes(who))) {
						if (state.route === 'auth/permission') await takeGrantAway(site, who);
						const seen = lookAt(state, visitor, who).catch((cause: unknown) => [
							`${state.name}, ${who}: ${(cause as Error).message}`
						]);
						problems.push(...(await seen));
					}
					return problems;
				})
			);
			assert.deepEqual(found.flat(), []);
		});
	}

	it('is there in the few colors somebody has chosen for everything', async () => {
		const visitor = await visit(site.browser, { forcedColors: 'active' });
		const { page } = visitor;
		for (const address of ['/', `/track/${shown.track}`, '/settings']) {
			await page.goto(site.at(address));
			await assertAccessible(page, 'all but colors');
			const hidden = await page.evaluate(withoutEdge);
			assert.deepEqual(hidden, [], address);
			await keepPicture(page, `forced-colors-${address.replaceAll('/', '_')}`);
		}
		assert.deepEqual(visitor.complaints, []);
		await visitor.context.close();
	});
});

/** Runs in the page: what can be pressed, and neither has words nor an icon in another color than its ground. */
function withoutEdge(): string[] {
	return [...document.querySelectorAll('button, .button')]
		.filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
		.filter((one) => {
			const { color, backgroundColor } = getComputedStyle(one.querySelector('svg') ?? one);
			return color === backgroundColor;
		})
		.map((one) => one.outerHTML.slice(0, 120));
}

async function publishAll(site: MusicSite): Promise<Shown> {
	const publish = (fields: Record<string, string>, hasPicture = true) =>
		site.publish({ album: 'low water', ...fields }, { hasPicture });
	const [track, long, rightToLeft, explicit, unlisted, removed, hidden] = [
		await publish({ title: 'low water', description: 'see https://example.org/water\n\nand more' }),
		await publish({ title: WIDE, description: 'w'.repeat(3_000), album: 'W'.repeat(200) }, false),
		await publish({ title: RIGHT_TO_LEFT, description: RIGHT_TO_LEFT }),
		await publish({ title: 'explicit water' }),
		await publish({ title: 'unlisted water', album: '' }),
		await publish({ title: 'water under the bridge', album: '' }),
		await publish({ title: 'hidden water', album: '' })
	];
	const longTag = 'w'.repeat(32);
	await change(site, track.id, { tags: ['ambient', 'field recording'] });
	await change(site, long.id, { tags: [longTag, 'مطر', 'ambient'] });
	await change(site, explicit.id, { is_explicit: true });
	await change(site, unlisted.id, { is_unlisted: true });
	const database = await openProductDatabase(site.product);
	await database`update artists set shows_likes = true where handle = 'alice.test'`;
	await fillQueues(database, hidden, long);
	await database.end();
	for (const who of [site.alice, await site.signedIn('bob')]) {
		const liked = await who.context.request.post(site.at(`/api/tracks/${track.id}/like`), {
			headers: { origin: site.product.url }
		});
		assert.ok(liked.ok(), await liked.text());
	}
	const gone = await site.alice.context.request.delete(site.at(`/api/tracks/${removed.id}`), {
		headers: { origin: site.product.url }
	});
	assert.ok(gone.ok(), await gone.text());
	const begun = await site.alice.context.request.post(site.at('/api/releases'), {
		headers: { origin: site.product.url }
	});
	const { release_id: emptyDraft } = (await begun.json()) as { release_id: string };
	const files = await Promise.all(
		[`${'long '.repeat(30)}.mp3`, 'b.mp3'].map(async (name, index) => {
			const file = path.join(site.dir, name);
			await makeAudio(file, { seconds: 2, frequencyHz: 900 + 50 * index });
			return file;
		})
	);
	const draft = await beginRelease(site.alice.page, site.product.url, files);
	await ready(site.alice.page, files.length);
	return {
		...{ track: track.id, long: long.id, rightToLeft: rightToLeft.id, explicit: explicit.id },
		...{ unlisted: unlisted.id, removed: removed.id, album: track.album?.slug ?? '' },
		...{ hidden: hidden.id, draft, emptyDraft, longTag }
	};
}

async function change(site: MusicSite, id: number, values: Record<string, unknown>): Promise<void> {
	const answer = await site.alice.context.request.patch(site.at(`/api/tracks/${id}`), {
		headers: { origin: site.product.url },
		data: values
	});
	assert.ok(answer.ok(), await answer.text());
}

/** Something of each kind whoever runs the site has to look at. */
async function fillQueues(
	database: postgres.Sql,
	hidden: TrackResponse,
	reported: TrackResponse
): Promise<void> {
	const { atproto_record_uri: uri, artist_did: did } = hidden;
	await database`
		with made as (
			insert into takedowns (kind, subject, did, ground, reason, made_by)
			values ('track', ${uri}, ${did}, 'legal', ${`${RIGHT_TO_LEFT} ${WIDE}`}, 'command line') returning id)
		insert into counter_notices (takedown_id, did, statement, contact)
			select id, ${did}, ${`it is mine\n${WIDE}`}, ${WIDE} from made`;
	await database`
		with made as (
			insert into reported_subjects (kind, subject, did, report_count)
			values ('track', ${reported.atproto_record_uri}, ${reported.artist_did}, 2) returning id)
		insert into reports (subject_id, reason, details, contact, reporter_key)
			select id, reason, ${`it is mine\n${WIDE}`}, ${RIGHT_TO_LEFT}, 'x'
			from made, unnest(array['copyright', 'other']) reason`;
	await database`
		insert into operator_actions (who, action, subject, why)
		values (${did}, 'taken_down', ${uri}, ${WIDE})`;
	await database`
		insert into pgboss.job (name, data, state, retry_count, retry_limit, output, policy)
		values ('deliveries', '{"deliveryId":"x"}', 'failed', 3, 3, ${JSON.stringify({ message: WIDE })}::text::jsonb, 'standard')`;
	await database`
		insert into uploads (id, artist_did, rkey, status, stage, message, error_code, error, file_name,
			fields, findings, size_bytes)
		values (gen_random_uuid(), ${did}, 'none', 'failed', 'received', 'it failed', 'broken_audio', ${WIDE},
			'none.mp3', '{}', '{}', 1000)`;
}

/** From now on the theme is the one of the device, which is changed without loading anything. */
async function followDevice(page: Page, site: MusicSite): Promise<void> {
	await page.goto(site.at('/settings'));
	await page.getByRole('button', { name: 'save' }).waitFor({ state: 'detached' });
	await page.getByLabel('as the device').check();
	await page.waitForLoadState('networkidle');
	await page.reload();
	assert.ok(await page.getByLabel('as the device').isChecked());
}

/** What remains is to ask for it again. */
async function takeGrantAway({ product }: MusicSite, name: string): Promise<void> {
	const did = product.network.accounts.find(({ handle }) => handle === `${name}.test`)?.did ?? '';
	const database = await openProductDatabase(product);
	await database`delete from oauth_sessions where did = ${did}`;
	await database.end();
}

async function keepPicture(page: Page, name: string): Promise<void> {
	const folder = process.env['SCREENSHOTS'];
	if (!folder) return;
	const file = path.join(folder, `${name.replaceAll(/[^\w-]+/g, '-')}.png`);
	await page.screenshot({ path: file, fullPage: true });
}
