import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page, Request } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { visit } from './browser.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';

const SCRIPTS_MAX_BYTES = 70_000;
const STYLES_MAX_BYTES = 20_000;
const MAX_SHIFT = 0.02;
/** Who does not want anything to move gets other styles. */
const WINDOWS = [
	{ width: 360, reducedMotion: 'no-preference' },
	{ width: 360, reducedMotion: 'reduce' },
	{ width: 412, reducedMotion: 'no-preference' },
	{ width: 1280, reducedMotion: 'no-preference' }
] as const;
/** Longer than a page waits before it asks for anything that it does not need at once. */
const IDLE_MS = 2_500;

/** What the browser measured of a page: how far things moved, and the largest thing it drew. */
interface Drawn {
	shift: number;
	moved: string[];
	largest: { tag: string; isText: boolean; priority: string } | null;
}

/** Runs in the page, before anything of it. */
function watchDrawing(): void {
	const drawn: Drawn = { shift: 0, moved: [], largest: null };
	Object.assign(globalThis, { drawn });
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries()) {
			const { value, sources = [] } = entry as PerformanceEntry & {
				value: number;
				sources?: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
			};
			drawn.shift += value;
			for (const { node, previousRect: from, currentRect: to } of sources) {
				if (!(node instanceof Element)) continue;
				const [before, after] = [from, to].map(
					({ x, y, width, height }) => `${x} ${y} ${width}x${height}`
				);
				drawn.moved.push(
					`${Math.round(entry.startTime)} ms, ${before} -> ${after}: ${node.outerHTML.slice(0, 100)}`
				);
			}
		}
	}).observe({ type: 'layout-shift', buffered: true });
	new PerformanceObserver((list) => {
		const last = list.getEntries().at(-1) as
			(PerformanceEntry & { element: Element | null; url: string }) | undefined;
		if (!last?.element) return;
		const { element, url } = last;
		drawn.largest = {
			tag: element.outerHTML.slice(0, 200),
			isText: url === '',
			priority: element instanceof HTMLImageElement ? element.fetchPriority : 'none'
		};
	}).observe({ type: 'largest-contentful-paint', buffered: true });
}

/** Bytes of an answer's body as they travelled. */
const bytesOf = async (request: Request) => (await request.sizes()).responseBodySize;

describe('the first visit of a page, with nothing kept', () => {
	let site: MusicSite;
	let tracks: TrackResponse[];

	before(async () => {
		site = await startMusicSite('alice of the low water');
		tracks = await Promise.all(
			['ebb', 'slack', 'flood', 'spring', 'neap'].map((title) =>
				site.publish({ title, album: 'tides', description: 'written by the sea. '.repeat(20) })
			)
		);
	});
	after(() => site.close());

	const pages: Record<string, () => string> = {
		home: () => '/',
		track: () => `/track/${tracks[0]?.id}`,
		album: () => `/u/alice.test/album/${tracks[0]?.album?.slug}`,
		artist: () => '/u/alice.test',
		search: () => '/search?q=ebb'
	};

	/** What it took until nothing more came, and what was drawn. */
	async function open(path: string, { width, reducedMotion }: (typeof WINDOWS)[number]) {
		const { context, page, complaints } = await visit(site.browser, {
			viewport: { width, height: 800 },
			reducedMotion
		});
		const requests: Request[] = [];
		context.on('requestfinished', (request) => {
			// what the worker keeps for when there is no line comes out of what the page has
			if (!request.serviceWorker()) requests.push(request);
		});
		await page.addInitScript(watchDrawing);
		await page.goto(site.at(path));
		await settled(page);
		const drawn = await page.evaluate(() => (globalThis as unknown as { drawn: Drawn }).drawn);
		const sized = await Promise.all(
			requests
				.filter((request) => !/^(data|blob):/.test(request.url()))
				.map(async (request) => ({
					url: request.url(),
					kind: request.resourceType(),
					bytes: await bytesOf(request)
				}))
		);
		await context.close();
		assert.deepEqual(complaints, []);
		return { drawn, sized };
	}

	for (const [name, path] of Object.entries(pages)) {
		it(`loads little for ${name}, from here alone, and nothing moves`, async (test) => {
			// each has a browser's memory of its own, and waits most of the time
			const opened = await Promise.all(
				WINDOWS.map(async (window) => ({ window, ...(await open(path(), window)) }))
			);
			for (const { window, drawn, sized } of opened) {
				const where = `${name} at ${window.width} px, ${window.reducedMotion}`;
				const elsewhere = sized.filter(({ url }) => !url.startsWith(`${site.product.url}/`));
				assert.deepEqual(elsewhere, [], where);
				const sum = (kind: string) =>
					sized.filter((one) => one.kind === kind).reduce((all, { bytes }) => all + bytes, 0);
				test.diagnostic(
					`${where}: scripts ${sum('script')}, styles ${sum('stylesheet')}, ` +
						`largest ${drawn.largest?.tag.slice(0, 60)}, moved ${drawn.shift.toFixed(4)}`
				);
				assert.ok(sum('script') > 10_000, `${where} has scripts at all`);
				assert.ok(sum('script') <= SCRIPTS_MAX_BYTES, where);
				assert.ok(sum('stylesheet') > 1_000, `${where} has styles at all`);
				assert.ok(sum('stylesheet') <= STYLES_MAX_BYTES, where);
				assert.ok(
					drawn.shift < MAX_SHIFT,
					`${where} moves by ${drawn.shift}: ${drawn.moved.join('\n')}`
				);
				assert.ok(drawn.largest, `${where} draws something`);
				const { isText, priority, tag } = drawn.largest;
				assert.ok(
					isText || priority === 'high',
					`${where} shows first what it fetches late: ${tag}`
				);
			}
		});
	}

	it('asks for what plays when somebody moves, before they press', async () => {
		const { context, page } = await visit(site.browser);
		await page.goto(site.at(`/track/${tracks[0]?.id}`));
		await settled(page);
		const asked = page.waitForRequest(/\/_app\/immutable\/.*\.js$/);
		await page.mouse.move(100, 300);
		await asked;
		await context.close();
	});
});

async function settled(page: Page): Promise<void> {
	await page.waitForLoadState('networkidle');
	await page.waitForTimeout(IDLE_MS);
	await page.waitForLoadState('networkidle');
}
