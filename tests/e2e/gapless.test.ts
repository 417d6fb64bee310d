import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import type { Continuity } from './continuity.ts';
import { type HidingBrowser, openHiding } from './hidden-tab.ts';
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

/** A busy machine drops sound anywhere: of a recording that has holes inside a piece another is made. */
const RECORDINGS = 3;

describe('an album of five pieces that were one tone, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let product: RunningProduct;
	let browser: Browser;
	let hiding: HidingBrowser;
	const albums = new Map<ToneFormat, string>();

	before(async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-gapless-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser({ isWhole: true });
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
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	for (const format of TONE_FORMATS) {
		const { name, isGapless } = format;

		/** Every recording has to be right at its joints; one of them is to have no holes elsewhere. */
		const hearWell = async (hear: (album: string) => Promise<Continuity>) => {
			const album = albums.get(format) ?? '';
			for (let left = RECORDINGS - 1; ; left -= 1) {
				const heard = await hear(album);
				assert.equal(problemOf(format, heard), null, JSON.stringify(heard));
				if (!dropOut(heard)) return heard;
				assert.ok(left > 0, `${dropOut(heard)}, ${RECORDINGS} times`);
			}
		};
		const seen = () => hearWell((album) => hearSeen(browser, album, format));
		const hidden = () => hearWell((album) => hearHidden(hiding, album, format));

		const how = isGapless ? 'without a gap' : 'with hardly any gap';
		it(`goes on ${how}, seen or hidden: ${name}`, async (test) => {
			// what is handed over by the page itself is not to wait for another browser
			const both = isGapless
				? await Promise.all([seen(), hidden()])
				: [await seen(), await hidden()];
			for (const [index, heard] of both.entries()) {
				const { gapMs, shiftMs } = worstJoint(heard);
				const where = index === 0 ? 'seen' : 'hidden';
				test.diagnostic(`${where}: at most ${gapMs} ms, ${shiftMs.toFixed(2)} ms out of step`);
			}
		});
	}
});
