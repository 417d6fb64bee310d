import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { didOf } from '../did-of.ts';
import { assertAccessible } from './axe.ts';
import { visit, type Visit } from './browser.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';

const REASON = 'somebody else wrote it';

describe('reports and takedowns, in a real browser', { timeout: 180_000 }, () => {
	let site: MusicSite;
	let operator: Visit;
	let stolen: TrackResponse;

	before(async () => {
		site = await startMusicSite('alice of the low water', (network) => ({
			ADMIN_DIDS: didOf(network, 'bob')
		}));
		operator = await site.signedIn('bob', undefined, { javaScriptEnabled: false });
		await site.publish({ title: 'what follows' }, { seconds: 20 });
		stolen = await site.publish({ title: 'stolen song' }, { seconds: 20 });
	});
	after(() => site.close());

	const hide = async () => {
		const { page } = operator;
		await page.goto(site.at('/admin'));
		await page.getByRole('link', { name: '1 thing reported' }).click();
		await page.getByText(/reported (once|2 times)/).waitFor();
		await page.getByLabel('reason, shown to everybody in its place').fill(REASON);
		await page.getByRole('button', { name: 'hide it' }).click();
		await page.getByText('nothing is reported').waitFor();
	};
	const restore = async () => {
		const { page } = operator;
		await page.goto(site.at('/admin/takedowns'));
		await page.getByRole('button', { name: 'show it again' }).first().click();
		await page.getByText('shown again since').first().waitFor();
	};
	const report = async (page: Page, reason: string) => {
		await page.goto(site.at(`/track/${stolen.id}`));
		await page.getByRole('link', { name: 'report this track' }).click();
		await page.getByRole('heading', { name: 'report stolen song' }).waitFor();
		await page.getByLabel(reason).check();
		await page.getByLabel('what whoever decides ought to know').fill('it is on my album of 1999');
		await page.getByRole('button', { name: 'send the report' }).click();
		await page.getByRole('heading', { name: 'thank you' }).waitFor();
	};

	it('somebody reports a track without scripts, and it is hidden by somebody without them', async () => {
		const reader = await visit(site.browser, { javaScriptEnabled: false });
		await report(reader.page, 'without their permission');
		await hide();
		const answer = await reader.page.goto(site.at(`/track/${stolen.id}`));
		assert.equal(answer?.status(), 410);
		await reader.page.getByRole('heading', { name: 'this was removed' }).waitFor();
		await reader.page.getByText(REASON).waitFor();
		await reader.page.goto(site.at('/'));
		assert.equal(await reader.page.getByText('stolen song').count(), 0);
		await reader.context.close();
	});

	it('its artist is told, objects, and it comes back', async () => {
		const { page } = site.alice;
		await page.goto(site.at('/portal'));
		await page.getByRole('link', { name: 'what, why, and what you can do' }).click();
		await page.getByText(REASON).waitFor();
		await assertAccessible(page);
		await page.getByLabel('why it should be shown again').fill('i wrote it in 1998');
		await page.getByRole('button', { name: 'object' }).click();
		await page.getByText('is with whoever runs this site').waitFor();
		await operator.page.goto(site.at('/admin/takedowns'));
		await operator.page.getByText('i wrote it in 1998').waitFor();
		await restore();
		const answer = await page.goto(site.at(`/track/${stolen.id}`));
		assert.equal(answer?.status(), 200);
	});

	it('a player that has it in its queue says why, and goes on', async () => {
		const [listener, other, reporter] = await Promise.all([
			visit(site.browser),
			visit(site.browser),
			visit(site.browser)
		]);
		const { page } = listener;
		const listOf = (on: Page) => on.getByRole('list', { name: /^tracks of/ });
		const barOf = (on: Page) => on.getByRole('region', { name: 'player' });
		for (const on of [page, other.page]) {
			await on.goto(site.at('/u/alice.test'));
			await listOf(on).getByText('stolen song').waitFor();
		}
		await listOf(page).getByRole('button', { name: 'play what follows' }).click();
		await page.getByRole('button', { name: 'more for stolen song' }).click();
		await page.getByRole('menuitem', { name: 'play next' }).click();
		await barOf(page).getByRole('link', { name: 'what follows' }).first().waitFor();
		// the same again would not count
		await report(reporter.page, 'pretends to be by somebody else');
		await hide();

		await listOf(other.page).getByRole('button', { name: 'play stolen song' }).click();
		const reason = 'whoever runs this site has taken this recording down';
		await other.page.getByText(reason).first().waitFor();
		await barOf(other.page).getByRole('link', { name: 'what follows' }).first().waitFor();

		await page.reload();
		await barOf(page).getByRole('button', { name: 'queue' }).first().click();
		await page.getByRole('link', { name: 'why?' }).first().click();
		await page.getByText(REASON).waitFor();
		for (const { context } of [listener, other, reporter]) await context.close();
		await restore();
	});

	it('explicit artwork is blurred until somebody chooses otherwise, with scripts or without', async () => {
		const marked = await site.alice.context.request.patch(site.at(`/api/tracks/${stolen.id}`), {
			headers: { origin: site.product.url },
			data: { is_explicit: true }
		});
		assert.ok(marked.ok(), await marked.text());
		for (const javaScriptEnabled of [true, false]) {
			const { page, context, complaints } = await visit(site.browser, { javaScriptEnabled });
			const blurOf = () =>
				page
					.getByRole('main')
					.locator('.cover img')
					.evaluate((image) => getComputedStyle(image).filter);
			await page.goto(site.at(`/track/${stolen.id}`));
			assert.match(await blurOf(), /blur/, 'as the server made it');
			if (javaScriptEnabled) await assertAccessible(page);
			await page.getByRole('link', { name: 'show explicit artwork' }).click();
			await page.getByLabel('show explicit artwork').check();
			if (!javaScriptEnabled) await page.getByRole('button', { name: 'save' }).last().click();
			await page.goto(site.at(`/track/${stolen.id}`));
			assert.equal(await blurOf(), 'none');
			assert.equal(
				await page.getByRole('link', { name: 'show explicit artwork' }).isVisible(),
				false
			);
			assert.deepEqual(complaints, []);
			await context.close();
		}
	});
});
