import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import type { Browser, FrameLocator, Page } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit, type Visit } from './browser.ts';
import { tabTo } from './keyboard.ts';
import { look } from './look.ts';
import { type OtherSite, startOtherSite } from './other-site.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio, makePicture } from './sample-files.ts';
import { stepsOf } from './steps.ts';

const STEP_LIMIT_MS = 30_000;
const HOSTILE = `"><img src=x onerror=alert(1)> ]]> & مرحبا`;

describe('what is shared, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let alice: Visit;
	let page: Page;
	let blog: OtherSite;
	const tracks: TrackResponse[] = [];

	const step = stepsOf(() => page);
	const first = () => tracks[0]?.id ?? 0;

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-sharing-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const picture = path.join(dir, 'picture.png');
		await makePicture(picture);
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser();
		cleanups.push(() => browser.close());
		alice = await visit(browser, { viewport: { width: 1280, height: 800 } });
		alice.context.setDefaultTimeout(STEP_LIMIT_MS);
		await alice.context.grantPermissions(['clipboard-read', 'clipboard-write']);
		({ page } = alice);
		await signIn(page, product.url, 'alice');
		await makeProfile(page, 'alice of the low water');
		for (const [index, title] of ['low water', HOSTILE].entries()) {
			const file = path.join(dir, `${index}.mp3`);
			await makeAudio(file, { seconds: 6, frequencyHz: 200 + index * 60 });
			tracks.push(await publishTrack(alice, product.url, file, { title, album: 'tides' }, picture));
		}
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	const at = (more: string) => `${product.url}${more}`;
	const copied = () => page.evaluate(() => navigator.clipboard.readText());
	const panel = () => page.getByRole('dialog', { name: /^share / });
	const share = () => page.getByRole('button', { name: /share|copied/ });
	const playsOf = async (id: number) => {
		const answer = await alice.context.request.get(at(`/api/tracks/${id}`));
		return ((await answer.json()) as TrackResponse).play_count;
	};

	/** Of the audio element within a player: where it is, and whether anything was decoded. */
	const soundIn = (frame: FrameLocator) =>
		frame.locator('audio').evaluate((audio: HTMLAudioElement & Record<string, unknown>) => ({
			seconds: audio.currentTime,
			isHeard: !audio.paused && !audio.muted && audio.volume > 0,
			decodedBytes: Number(audio['webkitAudioDecodedByteCount'] ?? 0),
			src: new URL(audio.src).pathname
		}));

	const until = async (isSo: () => Promise<boolean>, what: string) => {
		const endsAt = Date.now() + STEP_LIMIT_MS;
		while (!(await isSo())) {
			assert.ok(Date.now() < endsAt, what);
			await page.waitForTimeout(100);
		}
	};

	step('a press on share copies the address and offers everything else', async () => {
		await page.goto(at(`/track/${first()}`));
		await share().click();
		await page.getByRole('button', { name: 'copied!' }).waitFor();
		assert.equal(await copied(), at(`/track/${first()}`));
		await panel().waitFor();
		await look(page, 'share-panel');
		await panel().getByRole('button', { name: 'copy embed code' }).click();
		const code = /^<iframe src="http[^"]+\/embed\/track\/\d+" title="low water by /;
		await until(async () => code.test(await copied()), 'the embed code is copied');
		await panel().getByRole('button', { name: 'copy at-uri' }).click();
		await until(async () => /^at:\/\/did:plc:/.test(await copied()), 'the at-uri is copied');
		const post = await panel().getByRole('link', { name: 'post on bluesky' }).getAttribute('href');
		const text = new URL(post ?? '').searchParams.get('text');
		assert.equal(text, `low water by alice of the low water ${at(`/track/${first()}`)}`);
		await page.keyboard.press('Escape');
		await panel().waitFor({ state: 'detached' });
	});

	step('the moment that plays can be shared, and a page that names one starts there', async () => {
		await page.goto(at(`/track/${first()}?t=0:03`));
		const play = page.getByRole('main').getByRole('button', { name: 'play from 0:03' });
		await play.click();
		const slider = page.getByRole('slider', { name: 'seek' }).first();
		await slider.waitFor();
		await until(
			async () =>
				Number(
					await slider.evaluate((one) => one.ariaValueNow ?? (one as HTMLInputElement).value)
				) >= 3,
			'it starts at the moment'
		);
		await page.getByRole('main').getByRole('button', { name: 'pause' }).click();
		await share().click();
		await panel()
			.getByRole('checkbox', { name: /^from 0:0[3-6]$/ })
			.check();
		await panel().getByRole('button', { name: 'copy link' }).click();
		await until(async () => /\?t=[3-6]$/.test(await copied()), 'with the moment');
		await page.keyboard.press('Escape');
	});

	step('says it when nothing can be copied', async () => {
		await page.goto(at('/u/alice.test/album/tides'));
		await page.evaluate(() => {
			navigator.clipboard.writeText = () => Promise.reject(new Error('no'));
		});
		await share().click();
		await page.getByText('failed to copy link').waitFor();
		assert.deepEqual(alice.complaints, []);
	});

	step(
		'a player sounds in a frame that may do nothing else, on another site, and is counted',
		async () => {
			const answer = await alice.context.request.get(
				at(`/oembed?url=${encodeURIComponent(at(`/track/${first()}`))}`)
			);
			const { html } = (await answer.json()) as { html: string };
			assert.match(html, /sandbox="allow-scripts allow-popups/);
			blog = await startOtherSite(html);
			cleanups.push(() => blog.close());
			const stranger = await visit(browser, { viewport: { width: 800, height: 600 } });
			page = stranger.page;
			await page.goto(blog.url);
			const frame = page.frameLocator('iframe');
			const before = await playsOf(first());
			await frame.getByRole('button', { name: 'play', exact: true }).click();
			await until(async () => {
				const { isHeard, seconds, decodedBytes } = await soundIn(frame);
				return isHeard && seconds > 0.5 && decodedBytes > 1000;
			}, 'it sounds');
			await frame.getByRole('button', { name: 'pause', exact: true }).waitFor();
			await until(async () => (await playsOf(first())) === before + 1, 'the play is counted');
			assert.deepEqual(stranger.complaints, []);
			assert.deepEqual(await stranger.context.cookies(), []);
			await stranger.context.close();
		}
	);

	step('a player of an album goes from track to track, by the keyboard alone', async () => {
		const listener = await visit(browser, { viewport: { width: 600, height: 450 } });
		page = listener.page;
		await page.goto(at('/embed/album/alice.test/tides?theme=dark'));
		await tabTo(page, page.getByRole('button', { name: 'play', exact: true }));
		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: 'pause', exact: true }).waitFor();
		await tabTo(page, page.getByRole('slider', { name: 'position' }));
		await page.keyboard.press('End');
		const second = page.getByRole('listitem').nth(1);
		await until(async () => (await second.getAttribute('aria-current')) === 'true', 'the next one');
		const audio = page.locator('audio');
		await until(
			() => audio.evaluate((one: HTMLAudioElement) => !one.paused && one.currentTime > 0.2),
			'sounds'
		);
		const link = second.getByRole('link');
		assert.equal(await link.innerText(), HOSTILE);
		assert.equal(await link.getAttribute('target'), '_blank');
		for (const theme of ['dark', 'light']) {
			for (const what of ['album/alice.test/tides', 'artist/alice.test', `track/${first()}`]) {
				const name = `embed-${what.split('/')[0]}-${theme}`;
				await page.goto(at(`/embed/${what}?theme=${theme}&accent=888888`));
				await look(page, name);
			}
		}
		await page.goto(at(`/embed/track/${first()}?compact=1`));
		await look(page, 'embed-compact');
		await page.goto(at(`/embed/track/${first()}?t=2`));
		await page.getByRole('button', { name: 'play', exact: true }).click();
		await until(
			() => audio.evaluate((one: HTMLAudioElement) => !one.paused && one.currentTime >= 2),
			'it starts at the moment'
		);
		assert.deepEqual(listener.complaints, []);
		const gone = await page.goto(at('/embed/track/99999'));
		assert.equal(gone?.status(), 404);
		await page.getByText('track not found').waitFor();
		await listener.context.close();
	});

	step(
		'without scripts there are the browser’s own controls, and the codes to copy by hand',
		async () => {
			const plain = await visit(browser, { javaScriptEnabled: false });
			page = plain.page;
			await page.goto(at(`/embed/track/${first()}`));
			assert.ok(await page.locator('audio[controls]').isVisible());
			assert.ok(await page.locator('#toggle').isHidden());
			await look(page, 'embed-plain', { isPlain: true });
			await page.goto(at(`/track/${first()}?t=3`));
			await page.locator('summary', { hasText: 'share' }).click();
			const code = page.getByRole('textbox', { name: 'embed code' });
			assert.match(await code.inputValue(), /^<iframe src="[^"]+\/embed\/track\/\d+"/);
			assert.match((await page.locator('audio').getAttribute('src')) ?? '', /#t=3$/);
			await plain.context.close();
			({ page } = alice);
		}
	);

	step('oembed is well-formed in both formats, whatever a track is called', async () => {
		const asked = encodeURIComponent(at(`/track/${tracks[1]?.id}`));
		const text = async (format: string) =>
			await (await alice.context.request.get(at(`/oembed?url=${asked}&format=${format}`))).text();
		const json = JSON.parse(await text('json')) as Record<string, string | number>;
		// no page of ours makes a document of a text
		await page.goto('about:blank');
		const fromXml = await page.evaluate(
			(xml) => {
				const document = new DOMParser().parseFromString(xml, 'text/xml');
				if (document.querySelector('parsererror')) return null;
				const elements = [...document.documentElement.children];
				return Object.fromEntries(elements.map((one) => [one.tagName, one.textContent]));
			},
			await text('xml')
		);
		const asText = Object.entries(json).map(([name, value]) => [name, String(value)]);
		assert.deepEqual(fromXml, Object.fromEntries(asText));
		assert.equal(json['title'], HOSTILE);
	});
});
