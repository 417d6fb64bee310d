import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright';
import { DEFAULT_PREFERENCES, type Preferences } from '#lib/preferences/preferences.ts';
import { preferencesToJson } from '#lib/preferences/preferences-json.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { makeProfile, openBrowser, signIn, visit } from './browser.ts';
import { loudnormOf, makeSound } from './loudness.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { allowRecorder, HEARS_ITSELF, recordTab, saveTabSound } from './tab-sound.ts';

const SECONDS = 3;
const TARGET_LUFS = -14;
const PEAK_MAX_DBTP = -1;
/** How far below it may be kept: what the meters of peaks differ by (EBU Tech 3341). */
const PEAK_TOLERANCE_DB = 0.5;
const TOLERANCE_LU = 1;

const sine = `sine=frequency=997:sample_rate=44100:duration=${SECONDS}`;
const pink = `anoisesrc=color=pink:seed=7:sample_rate=44100:duration=${SECONDS}`;
/** ffmpeg's sine has an eighth of full scale; on two channels it is as loud as its peak. */
const tone = (lufs: number) => ({ source: sine, filters: `volume=${lufs + 18.06}dB` });

/** What is played, and how loud it is. */
const SOUNDS: Record<string, { source: string; filters: string; lufs: number }> = {
	'tone at -30': { ...tone(-30), lufs: -30 },
	'tone at -20': { ...tone(-20), lufs: -20 },
	'tone at -10': { ...tone(-10), lufs: -10 },
	'tone at -6': { ...tone(-6), lufs: -6 },
	'noise at -30': { source: pink, filters: 'volume=-18.3dB', lufs: -30 }
};
/** A tone at -30 with a click of some milliseconds that comes near to full scale. */
const CLICK = {
	source: sine,
	filters: `asetnsamples=32,volume='if(between(t,1.5,1.503),8*0.8,${10 ** ((-30 + 18.06) / 20)})':eval=frame,asetnsamples=4096`
};

describe('music of different loudness, in a real browser', () => {
	const cleanups: (() => Promise<unknown>)[] = [];
	let dir: string;
	let product: RunningProduct;
	let browser: Browser;
	const tracks = new Map<string, TrackResponse>();

	const fileOf = (name: string) => path.join(dir, `${name.replaceAll(' ', '_')}.flac`);

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-level-'));
		cleanups.push(() => rm(dir, { recursive: true, force: true }));
		const sounds = Object.entries({ ...SOUNDS, click: CLICK });
		for (const [name, { source, filters }] of sounds) {
			await makeSound(fileOf(name), source, filters);
		}
		product = await startProduct();
		cleanups.push(() => product.stop());
		browser = await openBrowser({ isWhole: true, arguments: HEARS_ITSELF });
		cleanups.push(() => browser.close());
		const alice = await visit(browser);
		await signIn(alice.page, product.url, 'alice');
		await makeProfile(alice.page, 'alice, loud and quiet');
		for (const [name] of sounds) {
			tracks.set(name, await publishTrack(alice, product.url, fileOf(name), { title: name }));
		}
		await alice.context.close();
	});
	after(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});

	/** What comes out of the tab when somebody with these settings plays a track to its end. */
	async function hear(name: string, levelVolume: Preferences['levelVolume']) {
		const { context, page, complaints } = await visit(browser);
		const chosen = { ...DEFAULT_PREFERENCES, levelVolume, autoAdvance: false };
		const value = encodeURIComponent(JSON.stringify(preferencesToJson(chosen)));
		await context.addCookies([{ name: 'preferences', value, url: product.url }]);
		await allowRecorder(page);
		await page.addInitScript(() => localStorage.setItem('player_volume', '1'));
		await page.goto(`${product.url}/track/${tracks.get(name)?.id}`);
		await recordTab(page);
		await page.getByRole('main').getByRole('button', { name: 'play', exact: true }).click();
		const player = page.getByRole('region', { name: 'player' });
		await player.getByRole('button', { name: 'pause', exact: true }).waitFor();
		await player.getByRole('button', { name: 'play', exact: true }).waitFor();
		const recording = path.join(dir, `heard-${levelVolume}.wav`);
		await saveTabSound(page, recording);
		await context.close();
		// to be captured a tab asks for what ours may not have
		const ours = complaints.filter((complaint) => !complaint.includes('Permissions policy'));
		assert.deepEqual(ours, []);
		return await loudnormOf(recording);
	}

	it('is measured as another meter measures it, within 0.5 LU', async () => {
		for (const name of [...Object.keys(SOUNDS), 'click']) {
			const { lufs } = tracks.get(name)?.loudness ?? assert.fail('it was not measured');
			const other = await loudnormOf(fileOf(name));
			console.log(`${name}: measured ${lufs.toFixed(2)} LUFS, loudnorm ${other.lufs} LUFS`);
			assert.ok(Math.abs(lufs - other.lufs) <= 0.5, `${lufs} LUFS, not ${other.lufs}`);
		}
	});

	it('comes out equally loud, and never above -1 dBTP', async () => {
		const heard: number[] = [];
		for (const name of Object.keys(SOUNDS)) {
			const { lufs, truePeakDbtp } = await hear(name, 'track');
			console.log(`${name}, levelled: ${lufs} LUFS, peak ${truePeakDbtp} dBTP`);
			assert.ok(Math.abs(lufs - TARGET_LUFS) <= TOLERANCE_LU, `${name}: ${lufs} LUFS`);
			assert.ok(truePeakDbtp <= PEAK_MAX_DBTP, `${name}: ${truePeakDbtp} dBTP`);
			heard.push(lufs);
		}
		const spread = Math.max(...heard) - Math.min(...heard);
		console.log(`levelled they differ by ${spread.toFixed(2)} LU`);
		assert.ok(spread <= TOLERANCE_LU, `${spread} LU`);
	});

	it('is held back where its loudest moment would be too loud', async () => {
		const made = tracks.get('click')?.loudness ?? assert.fail('it was not measured');
		const { lufs, truePeakDbtp } = await hear('click', 'track');
		console.log(`click, as it was made: ${made.lufs} LUFS, peak ${made.true_peak_dbtp} dBTP`);
		console.log(`click, levelled: ${lufs} LUFS, peak ${truePeakDbtp} dBTP`);
		assert.ok(lufs < TARGET_LUFS - 6, `${lufs} LUFS`);
		assert.ok(truePeakDbtp <= PEAK_MAX_DBTP, `${truePeakDbtp} dBTP`);
		assert.ok(truePeakDbtp >= PEAK_MAX_DBTP - PEAK_TOLERANCE_DB, `${truePeakDbtp} dBTP`);
	});

	it('comes out as it was made when nobody wants it levelled', async () => {
		for (const [name, { lufs: made }] of Object.entries(SOUNDS)) {
			const { lufs } = await hear(name, 'off');
			console.log(`${name}, not levelled: ${lufs} LUFS`);
			assert.ok(Math.abs(lufs - made) <= TOLERANCE_LU, `${name}: ${lufs} LUFS`);
		}
	});
});
