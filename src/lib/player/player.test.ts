import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import type { Track } from '#lib/tracks/track.ts';
import { type Failure, failureReasons, SLOW_REASON } from './playback-failure.ts';
import type { Player as PlayerClass } from './player.svelte.ts';

const { Player } = await import('./player.svelte.ts');

const settled = () => new Promise((resolve) => setImmediate(resolve));

/**
 * An element whose events come when the test says so: no browser can be made to deliver them late.
 * It resets itself when a source is set, as HTML's load algorithm demands.
 */
class LateElement extends EventTarget {
	paused = true;
	ended = false;
	readyState = 0;
	error: { code: number } | null = null;
	duration = NaN;
	volume = 1;
	playbackRate = 1;
	buffered = { length: 0, start: () => 0, end: () => 0 };
	sources: string[] = [];
	plays: PromiseWithResolvers<null>[] = [];
	#currentTime = 0;

	get src() {
		return this.sources.at(-1) ?? '';
	}

	set src(value: string) {
		this.sources.push(value);
		Object.assign(this, { paused: true, ended: false, readyState: 0, error: null });
		this.playbackRate = 1;
		this.duration = NaN;
		this.#currentTime = 0;
	}

	get currentTime() {
		return this.#currentTime;
	}

	set currentTime(value: number) {
		assert.ok(this.readyState >= 1, 'a position was set on a source without metadata');
		this.#currentTime = value;
		this.ended = false;
	}

	play() {
		this.paused = false;
		const play = Promise.withResolvers<null>();
		this.plays.push(play);
		return play.promise;
	}

	pause() {
		this.paused = true;
	}

	load() {}

	remove() {}

	removeAttribute() {}

	say(event: string, facts: Partial<LateElement> = {}) {
		Object.assign(this, facts);
		this.dispatchEvent(new Event(event));
	}

	begin(duration: number) {
		this.say('loadedmetadata', { readyState: 1, duration });
		this.say('canplay', { readyState: 4 });
	}
}

const track = (id: number): Track => ({
	id,
	title: `piece ${id}`,
	artist: { did: 'did:plc:a', handle: 'alice.test', displayName: 'alice', avatarUrl: null },
	album: null,
	features: [],
	fileId: `file${id}`,
	fileType: 'mp3',
	contentType: 'audio/mpeg',
	codec: null,
	smallerFileId: null,
	durationMs: 30_000,
	loudness: null,
	imageUrl: null,
	thumbnailUrl: null,
	imagePlaceholder: null,
	imageColor: null,
	imageEdgePx: null,
	tags: [],
	isExplicit: false,
	isUnlisted: false,
	playCount: 0,
	likeCount: 0,
	isLiked: false,
	createdAt: '2025-11-19T00:00:00.000Z',
	recordUri: `at://did:plc:a/fm.plyr.track/${id}`
});

describe('the player', () => {
	let element: LateElement;
	let spare: LateElement;
	let silence: LateElement;
	let made: number;
	let answer: () => Promise<Failure>;
	let reported: Failure[];
	let player: PlayerClass;

	beforeEach(() => {
		element = new LateElement();
		spare = new LateElement();
		silence = new LateElement();
		made = 0;
		reported = [];
		answer = () => Promise.resolve('gone');
		player = new Player({
			createElement() {
				// the other one is made first
				return [spare, element, silence][made++] as unknown as HTMLAudioElement;
			},
			isOnline: () => true,
			closerFailure: () => answer(),
			report: (failure) => reported.push(failure)
		});
	});

	afterEach(() => player.dispose());

	describe('when tracks are to overlap', () => {
		/** Lets the first track come near its end, with the second one ready beside it. */
		async function nearTheEnd(upcoming: Track | null = track(2)) {
			player.transition = { isGapless: true, crossfadeSeconds: 4 };
			player.onEnded = () => player.play(track(2));
			player.play(track(1));
			element.begin(30);
			player.prepare(track(2));
			spare.begin(30);
			player.prepare(upcoming);
			await import('./crossfade.ts');
			await settled();
			element.currentTime = 26.5;
			element.say('timeupdate');
		}

		it('begins the next one before the end and gives way to it', async (t) => {
			t.mock.timers.enable({ apis: ['setInterval'] });
			let now = 1000;
			t.mock.method(performance, 'now', () => now);
			await nearTheEnd();
			assert.ok(player.has(track(2)));
			assert.equal(spare.plays.length, 1);
			assert.equal(spare.paused, false);
			assert.equal(element.paused, false, 'the former one is still heard');
			const full = element.volume;
			assert.equal(spare.volume, 0);
			now += 1750;
			t.mock.timers.tick(40);
			assert.ok(Math.abs(element.volume - full / 2) < 0.01, `${element.volume} of ${full}`);
			assert.ok(Math.abs(element.volume + spare.volume - full) < 1e-9);
			now += 1750;
			t.mock.timers.tick(40);
			assert.equal(spare.volume, full);
			assert.equal(element.paused, true);
		});

		it('only lets the next one be heard when anybody does anything meanwhile', async () => {
			await nearTheEnd();
			player.pause();
			assert.deepEqual([element.paused, spare.paused], [true, true]);
			assert.ok(player.has(track(2)));
			player.resume();
			assert.deepEqual([element.paused, spare.paused], [true, false]);
			assert.ok(spare.volume > 0);
		});

		it('lets a track end that nothing is to follow', async () => {
			await nearTheEnd(null);
			assert.ok(player.has(track(1)));
			assert.equal(spare.plays.length, 0);
		});
	});

	describe('when a track is handed over', () => {
		/** Lets the first track come to a place, on a machine on which a start is heard after 90 ms. */
		async function reach({ mock }: TestContext, seconds: number) {
			mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
			player.onEnded = () => player.playAnew(track(2));
			player.play(track(1));
			element.begin(30);
			player.prepare(track(2));
			spare.begin(30);
			await import('./crossfade.ts');
			await settled();
			silence.begin(2);
			silence.say('canplaythrough');
			silence.say('play');
			silence.say('playing');
			const beganAt = performance.now();
			mock.method(performance, 'now', () => beganAt + 1590);
			silence.currentTime = 1.5;
			mock.timers.tick(1500);
			element.currentTime = seconds;
			element.say('timeupdate');
		}

		it('begins the next one as long before the end as a start takes to be heard', async (t) => {
			await reach(t, 29.5);
			// no event tells of the moment: a clock does
			element.currentTime = 29.87;
			t.mock.timers.tick(365);
			assert.ok(player.has(track(1)));
			element.currentTime = 29.915;
			t.mock.timers.tick(50);
			assert.ok(player.has(track(2)));
			assert.deepEqual([element.paused, spare.paused], [false, false]);
			assert.equal(spare.volume, element.volume);
		});

		it('takes no notice of the end of the former one, which comes then', async (t) => {
			await reach(t, 29.95);
			let ends = 0;
			player.onEnded = () => (ends += 1);
			element.say('ended', { ended: true, paused: true });
			assert.deepEqual([player.track?.id, ends, spare.plays.length], [2, 0, 1]);
			// it is given what comes next as soon as it is free
			player.prepare(track(3));
			assert.equal(element.sources.length, 1);
			t.mock.timers.tick(40);
			player.prepare(track(3));
			assert.deepEqual(element.sources, ['/audio/file1', '/audio/file3']);
			assert.equal(spare.paused, false);
		});

		it('begins it in the end when nobody had looked before', async (t) => {
			await reach(t, 20);
			element.currentTime = 30;
			element.say('ended', { ended: true, paused: true });
			assert.deepEqual([player.track?.id, spare.plays.length], [2, 1]);
		});

		it('lets nothing of the former one be heard when it is paused, and goes on with the next', async (t) => {
			await reach(t, 29.95);
			player.pause();
			assert.deepEqual([element.paused, spare.paused], [true, true]);
			player.resume();
			assert.deepEqual([element.paused, spare.paused], [true, false]);
		});

		it('waits for no moment any more when it was paused before that', async (t) => {
			await reach(t, 29.5);
			player.pause();
			element.currentTime = 29.95;
			t.mock.timers.tick(1_000);
			assert.ok(player.has(track(1)));
			assert.equal(spare.plays.length, 0);
		});

		it('jumps in the next one, and goes on to a third one, without the former', async (t) => {
			await reach(t, 29.95);
			player.seekTo(12);
			assert.deepEqual([element.paused, spare.currentTime, element.currentTime], [true, 12, 29.95]);
			player.playAnew(track(3));
			assert.deepEqual([player.track?.id, spare.src], [3, '/audio/file3']);
			assert.equal(element.paused, true);
		});

		it('goes back from a jump before the moment as if there had been none', async (t) => {
			await reach(t, 29.5);
			player.seekTo(3);
			t.mock.timers.tick(1_000);
			assert.ok(player.has(track(1)));
			assert.equal(spare.plays.length, 0);
		});

		it('ends as ever when nothing is to follow any more, or something else is', async (t) => {
			await reach(t, 29.5);
			player.prepare(null);
			element.currentTime = 29.95;
			t.mock.timers.tick(1_000);
			assert.ok(player.has(track(1)));
			player.prepare(track(3));
			element.say('timeupdate');
			assert.ok(player.has(track(1)), 'it is not there yet');
			assert.equal(spare.src, '/audio/file3');
		});
	});

	it('makes no sound and no element before somebody asks for a track', () => {
		player.toggle();
		player.resume();
		player.seekTo(10);
		assert.equal(made, 0);
		assert.equal(player.status, 'idle');
	});

	it('asks the element to play within the gesture, not after it', () => {
		player.play(track(1));
		assert.equal(element.plays.length, 1);
		assert.equal(player.status, 'loading');
	});

	it('shows loading until there is sound, then playing, paused and ended', () => {
		player.play(track(1));
		element.begin(30);
		assert.equal(player.status, 'playing');
		element.say('waiting', { readyState: 2 });
		assert.equal(player.status, 'loading');
		element.say('playing', { readyState: 4 });
		player.toggle();
		assert.equal(player.status, 'paused');
		player.toggle();
		element.say('ended', { ended: true });
		assert.equal(player.status, 'ended');
	});

	it('keeps two elements for all tracks and loads a source only when the track changes', () => {
		player.play(track(1));
		player.pause();
		player.play(track(1));
		player.play(track(2));
		assert.equal(made, 2);
		assert.deepEqual(element.sources, ['/audio/file1', '/audio/file2']);
		assert.deepEqual(spare.sources, []);
	});

	it('loads the smaller file for who wants to use little data, from the next load on', () => {
		const [one, two] = [1, 2].map((id) => ({ ...track(id), smallerFileId: `small${id}` }));
		assert.ok(one && two);
		let isDataReduced = false;
		player.isDataReduced = () => isDataReduced;
		player.play(one);
		element.begin(30);
		isDataReduced = true;
		player.pause();
		player.play(one);
		player.prepare(two);
		player.play(track(3));
		player.play(one);
		assert.equal(player.track, one, 'what is shown of it is the same');
		isDataReduced = false;
		player.play(two);
		assert.deepEqual(spare.sources, ['/audio/small2']);
		player.play(one);
		assert.deepEqual(element.sources, ['/audio/file1', '/audio/file3', '/audio/small1']);
	});

	it('takes no notice of what the former source still says', async () => {
		player.play(track(1));
		element.begin(30);
		const [former] = element.plays;
		player.play(track(2));
		for (const late of ['pause', 'ended', 'error', 'loadedmetadata', 'canplay', 'timeupdate']) {
			element.say(late);
			assert.equal(player.status, 'loading', late);
			assert.equal(player.positionSeconds, 0, late);
		}
		former?.reject(Object.assign(new Error('held back'), { name: 'NotAllowedError' }));
		await settled();
		assert.equal(player.reason, null);
		assert.equal(player.track?.id, 2);
	});

	it('applies a jump asked for before the metadata to that source, and only to that one', () => {
		player.play(track(1));
		player.seekTo(12);
		assert.equal(player.positionSeconds, 12);
		player.play(track(2));
		element.begin(30);
		assert.equal(element.currentTime, 0);
		player.seekTo(7);
		assert.equal(element.currentTime, 7);
	});

	it('keeps a jump within the track', () => {
		player.play(track(1));
		element.begin(30);
		player.seekBy(-5);
		assert.equal(player.positionSeconds, 0);
		player.seekTo(900);
		assert.equal(player.positionSeconds, 30);
	});

	it('shows the indexed length until the audio knows its own', () => {
		player.play(track(1));
		assert.equal(player.durationSeconds, 30);
		element.begin(29.5);
		assert.equal(player.durationSeconds, 29.5);
	});

	it('says why it failed, first at once and then what the server answers', async () => {
		player.play(track(1));
		element.say('error', { error: { code: 4 } });
		assert.equal(player.status, 'failed');
		assert.equal(player.reason, failureReasons.unknown);
		await settled();
		assert.equal(player.reason, failureReasons.gone);
		assert.deepEqual(reported, ['gone'], 'the operator is told, once it is known why');
	});

	it('goes on after a failure where it broke, with a fresh load', () => {
		player.play(track(1));
		element.begin(30);
		element.say('timeupdate', { currentTime: 11 });
		element.say('error', { error: { code: 2 } });
		player.toggle();
		assert.equal(element.sources.length, 2);
		assert.equal(player.positionSeconds, 11);
		assert.equal(player.reason, null);
		element.begin(30);
		assert.equal(element.currentTime, 11);
	});

	it('does not blame the track that plays now for the failure of the one before', async () => {
		const slow = Promise.withResolvers<Failure>();
		answer = () => slow.promise;
		player.play(track(1));
		element.say('error', { error: { code: 4 } });
		player.play(track(2));
		assert.equal(player.reason, null);
		answer = () => Promise.resolve('unplayable');
		element.say('error', { error: { code: 4 } });
		await settled();
		slow.resolve('gone');
		await settled();
		assert.equal(player.reason, failureReasons.unplayable);
	});

	it('stays silent and says so when the browser holds the sound back', async () => {
		player.play(track(1));
		element.begin(30);
		element.paused = true;
		element.plays[0]?.reject(Object.assign(new Error('no'), { name: 'NotAllowedError' }));
		await settled();
		assert.equal(player.status, 'paused');
		assert.match(player.reason ?? '', /press play once more/);
	});

	it('keeps the volume within silence and full, for every source', () => {
		player.setVolume(1.7);
		player.play(track(1));
		assert.equal(element.volume, 1);
		player.setVolume(-1);
		player.play(track(2));
		assert.equal(element.volume, 0);
	});

	it('is as loud as what is played, from the moment that begins', () => {
		const measured = (id: number, lufs: number) => ({
			...track(id),
			loudness: { lufs, truePeakDbtp: lufs }
		});
		const [quiet, loud] = [measured(1, -14), measured(2, -4)];
		const isLoudAs = (one: LateElement, decibels: number) =>
			assert.ok(Math.abs(20 * Math.log10(one.volume) - decibels) < 0.01, `${one.volume}`);
		player.setVolume(1);
		player.setLevel('track');
		player.play(quiet);
		isLoudAs(element, 0);
		element.begin(30);
		player.prepare(loud);
		isLoudAs(element, 0);
		isLoudAs(spare, -10);
		player.playAnew(loud);
		isLoudAs(spare, -10);
		player.setVolume(0.5);
		isLoudAs(spare, -10 + 60 * Math.log10(0.5));
		player.setLevel('off');
		isLoudAs(spare, 60 * Math.log10(0.5));
	});

	it('tries no timeline with floats over full scale', (t) => {
		const globals = globalThis as { MediaSource?: unknown };
		globals.MediaSource = class extends EventTarget {};
		t.after(() => delete globals.MediaSource);
		t.mock.method(URL, 'createObjectURL', () => 'blob:timeline');
		t.mock.method(globalThis, 'fetch', () => new Promise(() => undefined));
		const playWav = (id: number, codec: string, truePeakDbtp: number) =>
			player.play({
				...track(id),
				...{ fileType: 'wav', codec, loudness: { lufs: -9, truePeakDbtp } }
			});
		playWav(1, 'pcm_f32le', 0.1);
		playWav(2, 'pcm_f32le', 0);
		playWav(3, 'pcm_s24le', 0.1);
		assert.deepEqual(element.sources, ['/audio/file1', 'blob:timeline', 'blob:timeline']);
	});

	it('goes on with what it prepared inside the end of the one before', () => {
		player.play(track(1));
		element.begin(30);
		player.prepare(track(2));
		player.prepare(track(2));
		assert.deepEqual(spare.sources, ['/audio/file2']);
		spare.begin(29);
		assert.equal(player.track?.id, 1);
		assert.equal(player.durationSeconds, 30);
		player.onEnded = () => player.play(track(2));
		element.say('ended', { ended: true });
		assert.equal(spare.plays.length, 1, 'asked to play before the event was over');
		assert.deepEqual([player.track.id, player.status], [2, 'playing']);
		assert.equal(player.durationSeconds, 29);
		assert.deepEqual(element.sources, ['/audio/file1'], 'nothing was loaded again');
		player.prepare(track(3));
		assert.deepEqual(element.sources, ['/audio/file1', '/audio/file3']);
	});

	it('is under way without a break where one follows another, so that it keeps the right to sound', () => {
		player.onEnded = () => player.play(track(2));
		player.play(track(1));
		element.begin(30);
		element.say('playing');
		player.prepare(track(2));
		spare.begin(30);
		// in the order in which browsers tell of an end
		element.say('timeupdate', { ended: true });
		assert.ok(player.isGoing, 'after the last position');
		element.say('pause', { paused: true });
		assert.ok(player.isGoing, 'after the pause that belongs to the end');
		element.say('ended');
		assert.ok(player.isGoing);
		assert.ok(player.has(track(2)));
	});

	it('takes no notice of what the other element says, before and after the swap', async () => {
		let ends = 0;
		player.onEnded = () => (ends += 1);
		player.play(track(1));
		element.begin(30);
		player.prepare(track(2));
		spare.say('error', { error: { code: 4 } });
		spare.say('ended', { ended: true });
		await settled();
		assert.deepEqual([player.status, player.reason, ends], ['playing', null, 0]);
		player.play(track(2));
		assert.deepEqual(element.sources, ['/audio/file1', '/audio/file2'], 'what failed is not used');
		element.begin(20);
		player.prepare(track(3));
		spare.begin(20);
		player.play(track(3));
		assert.equal(element.paused, true);
		element.say('ended', { ended: true });
		element.say('error', { error: { code: 4 } });
		assert.deepEqual([player.status, player.track?.id, ends], ['playing', 3, 0]);
	});

	it('tells of an end once, and not of one that a new source has overtaken', () => {
		let ends = 0;
		player.onEnded = () => (ends += 1);
		player.play(track(1));
		element.begin(30);
		element.say('pause', { ended: true });
		element.say('ended');
		assert.equal(ends, 1);
		player.play(track(2));
		element.say('ended');
		assert.equal(ends, 1);
	});

	it('does not go on when somebody jumps to the end of what is paused, and plays it anew', () => {
		let ends = 0;
		player.onEnded = () => ends++;
		player.play(track(1));
		element.begin(30);
		player.pause();
		player.seekTo(30);
		element.say('timeupdate', { ended: true });
		element.say('ended');
		assert.deepEqual([ends, player.status], [0, 'ended']);
		player.resume();
		assert.equal(element.currentTime, 0, 'by us: the browser knows of no tracks that were joined');
		assert.equal(element.paused, false);
		element.currentTime = 30;
		// who looks in between takes nothing away
		Object.assign(element, { ended: true });
		element.say('progress');
		element.say('ended', { paused: true });
		assert.equal(ends, 1);
	});

	it('tells of a failure once for each load, when it is known why', async () => {
		const failures: Failure[] = [];
		player.onFailed = (failure) => failures.push(failure);
		player.play(track(1));
		element.say('error', { error: { code: 4 } });
		element.say('error');
		assert.deepEqual(failures, []);
		await settled();
		assert.deepEqual(failures, ['gone']);
		answer = () => Promise.resolve('server');
		player.resume();
		element.say('error', { error: { code: 4 } });
		await settled();
		assert.deepEqual(failures, ['gone', 'server']);
	});

	it('plays the smaller file where this browser cannot play the other one, and gives up after that', async () => {
		const failures: Failure[] = [];
		player.onFailed = (failure) => failures.push(failure);
		const one = { ...track(1), smallerFileId: 'small1' };
		answer = () => Promise.resolve('unplayable');
		player.play(one);
		element.begin(30);
		element.currentTime = 12;
		element.say('timeupdate');
		element.say('error', { error: { code: 4 } });
		await settled();
		assert.deepEqual([element.src, player.status, failures], ['/audio/small1', 'loading', []]);
		element.begin(30);
		assert.deepEqual([element.currentTime, player.reason], [12, null]);
		element.say('error', { error: { code: 4 } });
		await settled();
		assert.deepEqual(failures, ['unplayable']);
		player.play(track(2));
		player.play(one);
		assert.equal(element.src, '/audio/small1', 'it is known by now');
	});

	it('says why it failed while it is tried again, until there is sound', async () => {
		answer = () => Promise.resolve('server');
		player.play(track(1));
		element.begin(30);
		element.say('timeupdate', { currentTime: 11 });
		element.say('error', { error: { code: 2 } });
		await settled();
		player.tryAgain();
		assert.deepEqual([element.sources.length, player.status], [2, 'loading']);
		assert.equal(player.reason, failureReasons.server);
		element.begin(30);
		assert.deepEqual([element.currentTime, player.reason], [11, null]);
	});

	it('is not tried again once somebody paused it', async () => {
		const failures: Failure[] = [];
		player.onFailed = (failure) => failures.push(failure);
		player.play(track(1));
		element.say('error', { error: { code: 4 } });
		player.pause();
		await settled();
		player.tryAgain();
		assert.deepEqual([failures, element.sources.length], [[], 1]);
		assert.equal(player.reason, failureReasons.gone);
		player.resume();
		element.begin(30);
		// the system's own controls
		element.say('pause', { paused: true });
		assert.equal(player.isWanted, false);
	});

	describe('when nothing arrives', () => {
		let now: number;
		let failures: Failure[];
		let tick: (seconds: number) => void;

		beforeEach((t) => {
			const { mock } = t as unknown as TestContext;
			mock.timers.enable({ apis: ['setInterval'] });
			now = 1000;
			mock.method(performance, 'now', () => now);
			failures = [];
			player.onFailed = (failure) => failures.push(failure);
			tick = (seconds) => {
				for (let i = 0; i < seconds; i++) {
					now += 1000;
					mock.timers.tick(1000);
				}
			};
		});

		it('says so after a while, and then counts it as a failure that is waited out', () => {
			player.play(track(1));
			element.begin(30);
			element.say('timeupdate', { currentTime: 11 });
			element.say('waiting', { readyState: 2 });
			tick(7);
			assert.equal(player.reason, null);
			tick(1);
			assert.deepEqual([player.status, player.reason], ['loading', SLOW_REASON]);
			tick(12);
			assert.deepEqual([player.status, player.reason], ['failed', failureReasons.stalled]);
			assert.deepEqual([failures, element.paused], [['stalled'], true]);
			tick(30);
			element.say('progress');
			assert.deepEqual([failures.length, player.status], [1, 'failed']);
			player.tryAgain();
			assert.deepEqual([element.sources.length, element.paused], [2, false]);
			element.begin(30);
			assert.deepEqual([element.currentTime, player.status, player.reason], [11, 'playing', null]);
			tick(60);
			assert.equal(failures.length, 1);
		});

		it('waits as long as more and more arrives, however slowly', () => {
			player.play(track(1));
			for (let i = 0; i < 10; i++) {
				tick(7);
				element.say('progress');
			}
			assert.deepEqual([player.status, player.reason, failures], ['loading', null, []]);
		});

		it('is not waited for while it is paused, shown or another one', () => {
			player.play(track(1));
			tick(10);
			player.pause();
			assert.equal(player.reason, null);
			tick(30);
			player.resume();
			tick(15);
			player.play(track(2));
			tick(7);
			assert.equal(player.reason, null);
			player.show(track(3), 0);
			tick(30);
			assert.deepEqual([failures, player.reason], [[], null]);
		});
	});

	it('plays the same track from its beginning when asked to', () => {
		player.play(track(1));
		element.begin(30);
		element.say('timeupdate', { currentTime: 12 });
		player.playAnew(track(1));
		assert.equal(element.currentTime, 0);
		assert.equal(element.sources.length, 1);
	});

	it('shows a track where it was left, and loads it when it is played', () => {
		player.show(track(1), 12);
		assert.deepEqual([player.status, player.positionSeconds, made], ['paused', 12, 0]);
		player.seekBy(3);
		assert.equal(player.positionSeconds, 15);
		player.toggle();
		assert.deepEqual(element.sources, ['/audio/file1']);
		element.begin(30);
		assert.equal(element.currentTime, 15);
		assert.equal(player.status, 'playing');
	});

	it('plays all pieces of an artist as fast as one of them was set to', () => {
		player.play(track(1));
		element.begin(30);
		player.setSpeed(1.5);
		assert.equal(element.playbackRate, 1.5);
		player.play(track(2));
		element.begin(30);
		assert.deepEqual([element.playbackRate, player.speed], [1.5, 1.5]);
		player.play({ ...track(3), artist: { ...track(3).artist, did: 'did:plc:b' } });
		element.begin(30);
		assert.deepEqual([element.playbackRate, player.speed], [1, 1]);
	});

	it('tells how much is there already', () => {
		player.play(track(1));
		element.begin(30);
		const buffered = { length: 1, start: () => 0, end: () => 12 };
		element.say('progress', { buffered });
		assert.equal(player.bufferedSeconds, 12);
	});

	it('is silent and then as loud as before', () => {
		player.setVolume(0.4);
		player.toggleMute();
		assert.equal(player.volume, 0);
		player.toggleMute();
		assert.equal(player.volume, 0.4);
	});

	it('is never louder than what was chosen when it comes back from a drag to silence', () => {
		player.setVolume(0.1);
		for (const passed of [0.5, 0.05, 0]) player.tryVolume(passed);
		player.setVolume(0);
		player.toggleMute();
		assert.equal(player.volume, 0.1);
	});

	it('is as loud as before it was silent also on the next page', () => {
		const kept = new Map<string, string>();
		const storage = {
			getItem: (name: string) => kept.get(name) ?? null,
			setItem: (name: string, value: string) => kept.set(name, value)
		};
		Object.assign(globalThis, {
			Audio: class {
				volume = 1;
			}
		});
		Object.assign(globalThis, { localStorage: storage });
		player.setVolume(0.1);
		player.toggleMute();
		const next = new Player();
		next.restore();
		assert.equal(next.volume, 0);
		next.toggleMute();
		assert.equal(next.volume, 0.1);
		next.dispose();
		for (const name of ['localStorage', 'Audio']) Reflect.deleteProperty(globalThis, name);
	});
});
