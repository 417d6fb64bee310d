import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import type { Continuity } from './continuity.ts';
import { type HidingBrowser, openHiding } from './hidden-tab.ts';
import {
	ELEMENTS,
	HANDED_OVER,
	measureNextTrack,
	type NextTrack,
	type Pair,
	publishPair,
	TAB
} from './next-track.ts';
import {
	dropOut,
	hearHidden,
	hearSeen,
	problemOf,
	publishTone,
	TONE_FORMATS,
	type ToneFormat,
	worstJoint
} from './one-tone.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { HEARS_ITSELF } from './tab-sound.ts';

/** A busy machine drops sound anywhere: of a recording that has holes inside a piece another is made. */
const RECORDINGS = 3;
const HAND_OFFS = 4;
/** The longest silence, and the longest stretch in which both are heard. */
const HAND_OFF_MS = 60;

describe('one track after another, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let hiding: HidingBrowser;
	const albums = new Map<ToneFormat, string>();
	const pairs: Pair[] = [];

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-gapless-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser({ isWhole: true, arguments: HEARS_ITSELF });
		cleanups.push(() => browser.close());
		hiding = await openHiding();
		cleanups.push(() => hiding.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice of one tone');
		const publish = async (format: ToneFormat) => {
			albums.set(format, await publishTone(alice, product.url, format, dir));
		};
		await Promise.all(TONE_FORMATS.map(publish));
		for (const [which, kind] of HANDED_OVER.entries()) {
			pairs.push(await publishPair(alice, product.url, [kind, kind], which, dir));
		}
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	for (const format of TONE_FORMATS) {
		/** Every recording has to be right at its joints; one of them is to have no holes elsewhere. */
		const hearWell = async (hear: (album: string) => Promise<Continuity>) => {
			const album = albums.get(format) ?? '';
			for (let left = RECORDINGS - 1; ; left -= 1) {
				const heard = await hear(album);
				assert.equal(problemOf(heard), null, JSON.stringify(heard));
				if (!dropOut(heard)) return heard;
				assert.ok(left > 0, `${dropOut(heard)}, ${RECORDINGS} times`);
			}
		};
		const seen = () => hearWell((album) => hearSeen(browser, album, format));
		const hidden = () => hearWell((album) => hearHidden(hiding, album, format));

		it(`goes on without a gap, as one tone in five pieces, seen or hidden: ${format.name}`, async (test) => {
			const both = await Promise.all([seen(), hidden()]);
			for (const [index, heard] of both.entries()) {
				const { gapMs, shiftMs } = worstJoint(heard);
				const where = index === 0 ? 'seen' : 'hidden';
				test.diagnostic(`${where}: at most ${gapMs} ms, ${shiftMs.toFixed(2)} ms out of step`);
			}
		});
	}

	for (const [which, { name }] of HANDED_OVER.entries()) {
		const isRight = (test: TestContext, where: string, { quietMs, bothMs }: NextTrack) => {
			test.diagnostic(
				`${where}: silent for ${quietMs.join(' ')} ms, both for ${bothMs.join(' ')} ms`
			);
			for (const [what, ms] of Object.entries({ silent: quietMs, both: bothMs })) {
				assert.ok(Math.max(...ms) <= HAND_OFF_MS, `${where}, ${what}: ${ms.join(' ')} ms`);
			}
		};

		it(`goes on with hardly any gap, seen or hidden: ${name}`, async (test) => {
			const pair = pairs[which] ?? assert.fail('it was not published');
			const seen = async () => {
				const { page, context } = await visit(browser);
				isRight(test, 'seen', await measureNextTrack(page, pair, HAND_OFFS, TAB));
				await context.close();
			};
			const hidden = async () => {
				const behind = await hiding.open();
				const hide = () => hiding.hide(behind);
				isRight(test, 'hidden', await measureNextTrack(behind, pair, HAND_OFFS, ELEMENTS, hide));
				await behind.close();
			};
			await Promise.all([seen(), hidden()]);
		});
	}
});
