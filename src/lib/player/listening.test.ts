import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { QueueClock } from '#lib/queue/change-queue.ts';
import type { Track } from '#lib/tracks/track.ts';
import type { Listening as ListeningClass } from './listening.svelte.ts';
import type { PlaybackStatus } from './playback-status.ts';
import type { Failure } from './playback-failure.ts';
import { PlayCounter } from './play-counter.ts';
import type { Player } from './player.svelte.ts';

const { playNow } = await import('#lib/queue/change-queue.ts');
const { Listening } = await import('./listening.svelte.ts');
const { KnownTracks } = await import('#lib/queue/known-tracks.svelte.ts');
const { SleepTimer } = await import('./sleep-timer.svelte.ts');
const { Toasts } = await import('#lib/toasts/toasts.svelte.ts');

const settled = () => new Promise((resolve) => setImmediate(resolve));
const track = (id: number) => ({ id, title: `piece ${id}` }) as Track;

/** What the player is told; what it does with it is in player.test.ts. */
class ToldPlayer {
	track: Track | null = null;
	status: PlaybackStatus = 'idle';
	positionSeconds = 0;
	durationSeconds = 180;
	told: string[] = [];
	onEnded: (() => void) | undefined;
	onFailed: ((failure: Failure) => void) | undefined;
	onLook: (() => void) | undefined;
	onGaveWay: (() => void) | undefined;
	onResume: (() => void) | undefined;

	get isWanted() {
		return this.isGoing || this.status === 'failed';
	}

	get isGoing() {
		return this.status === 'playing' || this.status === 'loading';
	}

	has({ id }: Track) {
		return this.track?.id === id;
	}

	playAnew(what: Track) {
		Object.assign(this, { track: what, status: 'playing', positionSeconds: 0 });
		this.told.push(`play ${what.id}`);
	}

	show(what: Track, positionSeconds: number) {
		Object.assign(this, { track: what, status: 'paused', positionSeconds });
		this.told.push(`show ${what.id} at ${positionSeconds}`);
	}

	prepare(what: Track | null) {
		if (what) this.told.push(`prepare ${what.id}`);
	}

	tryAgain() {
		if (this.status === 'failed') this.told.push('try again');
	}

	pause() {
		this.status = 'paused';
		this.told.push('pause');
	}

	toggle() {
		this.told.push('toggle');
	}

	seekTo(seconds: number) {
		this.told.push(`seek ${seconds}`);
	}

	end() {
		this.status = 'ended';
		this.onEnded?.();
	}

	fail(failure: Failure = 'unplayable') {
		this.status = 'failed';
		this.onFailed?.(failure);
	}

	sound(positionSeconds: number) {
		Object.assign(this, { status: 'playing', positionSeconds });
		this.onLook?.();
	}
}

describe('listening', () => {
	let player: ToldPlayer;
	let listening: ListeningClass;
	let toasts: InstanceType<typeof Toasts>;
	let due: (() => void)[];
	let delays: number[];
	let back: (() => void)[];
	let asked: number[][];
	let isAnswering: boolean;
	let kept: Track[];
	let later: () => void;
	const album = { label: 'an album', href: '/u/a/album/b', tracks: [track(1), track(2), track(3)] };
	const told = () => player.told.splice(0);
	const messages = () => toasts.list.map(({ message }) => message);

	beforeEach(() => {
		let time = 0;
		let ids = 0;
		player = new ToldPlayer();
		toasts = new Toasts();
		due = [];
		delays = [];
		back = [];
		asked = [];
		isAnswering = true;
		kept = [];
		later = () => due.shift()?.();
		const without = (list: (() => void)[], gone: () => void) => list.filter((one) => one !== gone);
		listening = new Listening({
			player: player as unknown as Player,
			toasts,
			tracks: new KnownTracks(
				(wanted) => {
					asked.push([...wanted]);
					if (!isAnswering) return Promise.reject(new Error('503'));
					return Promise.resolve(wanted.filter((id) => id < 100).map(track));
				},
				() => kept
			),
			clock: { now: () => (time += 1), newId: () => `item${(ids += 1)}`, random: () => 0.3 },
			plays: new PlayCounter(() => undefined),
			failures: {
				later(delayMs, action) {
					delays.push(delayMs);
					due.push(action);
					return () => (due = without(due, action));
				},
				whenBack(action) {
					back.push(action);
					return () => (back = without(back, action));
				}
			}
		});
	});
	// or their timers outlive the tests
	afterEach(() => {
		for (const { id } of toasts.list) toasts.dismiss(id);
	});

	it('goes on through the collection by itself, inside the end of each track', () => {
		listening.play(track(1), album);
		assert.deepEqual(told(), ['play 1']);
		player.end();
		assert.deepEqual(told(), ['play 2']);
		player.end();
		player.end();
		assert.deepEqual(told(), ['play 3'], 'and stays at its end');
		assert.deepEqual([listening.canGoOn, asked], [false, []]);
	});

	it('is quiet at the end of a track for who wants to sleep, with what follows at hand', () => {
		listening.play(track(1), album);
		listening.sleepTimer = new SleepTimer(player);
		listening.sleepTimer.set('end of track');
		player.sound(170);
		player.end();
		assert.deepEqual(told(), ['play 1', 'show 2 at 0']);
		player.end();
		assert.deepEqual(told(), ['play 3'], 'only once');
	});

	it('is paused in the middle of a track when the time to sleep has come', () => {
		let nowMs = 0;
		listening.play(track(1), album);
		listening.sleepTimer = new SleepTimer(player, () => nowMs);
		listening.sleepTimer.set(15);
		player.sound(10);
		nowMs = 15 * 60_000;
		player.sound(11);
		assert.deepEqual(told(), ['play 1', 'pause']);
	});

	it('stays at the end of a track when nothing is to follow by itself', () => {
		listening.isAutoplay = false;
		listening.play(track(1), album);
		player.sound(161);
		player.end();
		assert.deepEqual(told(), ['play 1']);
		listening.setRepeat('one');
		player.end();
		assert.deepEqual(told(), ['play 1'], 'what is to be repeated is');
		listening.next();
		assert.deepEqual(told(), ['play 2'], 'and what somebody asks for is played');
	});

	it('passes over what is explicit when that is wished, unless somebody chooses it', () => {
		const explicit = { ...track(2), isExplicit: true };
		const mixed = { ...album, tracks: [track(1), explicit, track(3)] };
		listening.play(track(1), mixed);
		player.end();
		assert.deepEqual(told(), ['play 1', 'play 2'], 'it is held back from nobody else');
		listening.skipsExplicit = true;
		listening.play(track(1), mixed);
		player.sound(161);
		player.end();
		assert.deepEqual(told(), ['play 1', 'play 3']);
		assert.deepEqual(messages(), ['skipped, as it is not to be played, being explicit: piece 2']);
		listening.play(explicit, mixed);
		listening.setRepeat('one');
		player.end();
		assert.deepEqual(told(), ['play 2', 'play 2'], 'what is to be repeated is chosen as well');
		listening.setRepeat('off');
		listening.play(track(1), { ...album, tracks: [track(1), explicit] });
		listening.next();
		assert.deepEqual(told(), ['play 1']);
		const last = 'piece 2 is not to be played, being explicit, and nothing else comes that can be';
		assert.ok(messages().includes(last), messages().join());
	});

	it('prepares what comes next when 20 seconds are left, and what is chosen then', () => {
		listening.play(track(1), album);
		player.sound(159);
		assert.deepEqual(told(), ['play 1']);
		player.sound(161);
		assert.deepEqual(told(), ['prepare 2']);
		listening.playNext([track(7)]);
		player.sound(162);
		assert.deepEqual(told(), ['prepare 7']);
	});

	it('shows what is put in an empty queue, and makes no sound', () => {
		const ids = listening.addToEnd([track(1), track(2)]);
		assert.deepEqual(told(), ['show 1 at 0']);
		assert.equal(listening.current?.trackId, 1);
		assert.equal(ids.length, 1, 'what is shown stays');
		listening.remove(ids);
		assert.equal(listening.queue.items.length, 1);
		listening.playNext([track(3)]);
		assert.deepEqual(told(), []);
	});

	it('puts an item that was taken out back to its place', () => {
		listening.play(track(1), album);
		listening.addToEnd([track(4), track(5), track(6)]);
		const item = listening.queue.items[2];
		assert.ok(item);
		listening.remove([item.id]);
		listening.putBack(item);
		listening.putBack(item);
		const ids = listening.queue.items.map(({ trackId }) => trackId);
		assert.deepEqual(ids, [1, 4, 5, 6]);
	});

	it('goes on where another device is, when asked to', async () => {
		listening.play(track(1), album);
		const [itemId = ''] = listening.addToEnd([track(8)]);
		told();
		const place = { itemId, trackId: 8, positionSeconds: 151, deviceName: 'a phone' };
		await listening.continueHere(place);
		assert.deepEqual(told(), ['show 8 at 151', 'toggle']);
		assert.equal(listening.current?.id, itemId);
		await listening.continueHere({ ...place, itemId: 'gone' });
		assert.deepEqual(told(), []);
	});

	it('goes back to the beginning after three seconds, and before to the one before', () => {
		listening.play(track(1), album);
		listening.next();
		player.positionSeconds = 3.5;
		listening.previous();
		assert.deepEqual(told(), ['play 1', 'play 2', 'seek 0']);
		player.positionSeconds = 2;
		listening.previous();
		assert.deepEqual(told(), ['play 1']);
		listening.previous();
		assert.deepEqual(told(), ['seek 0']);
	});

	it('repeats one at its end, and goes on when asked to', () => {
		listening.play(track(1), album);
		listening.setRepeat('one');
		player.end();
		listening.next();
		assert.deepEqual(told(), ['play 1', 'play 1', 'play 2']);
	});

	it('pauses the track of a row that plays, and plays another', () => {
		listening.toggle(track(1), album);
		listening.toggle(track(1), album);
		listening.toggle(track(3), album);
		assert.deepEqual(told(), ['play 1', 'toggle', 'play 3']);
	});

	it('tries what failed twice more, then skips it and says so', () => {
		listening.play(track(1), album);
		player.fail();
		later();
		player.fail();
		later();
		player.fail();
		assert.deepEqual(told(), ['play 1', 'try again', 'try again', 'play 2']);
		assert.deepEqual(messages(), ['skipped, as it could not be played: piece 1']);
	});

	it('does not go on for ever when nothing can be played', () => {
		listening.play(track(1), album);
		listening.setRepeat('all');
		for (let i = 0; i < 40 && player.status !== 'idle'; i++) {
			player.fail();
			later();
		}
		const played = told().filter((one) => one.startsWith('play '));
		assert.ok(played.length >= 3 && played.length < 8, played.join());
		assert.match(messages()[0] ?? '', /nothing else comes that can be$/);
	});

	it('does not go round and round for what was heard before', () => {
		for (const id of [7, 8, 9]) {
			listening.play(track(id));
			player.sound(5);
		}
		listening.play(track(1), album);
		listening.setRepeat('all');
		told();
		for (let i = 0; i < 60 && player.status !== 'idle'; i++) {
			player.fail();
			later();
		}
		const played = told().filter((one) => one.startsWith('play '));
		assert.deepEqual(played, ['play 2', 'play 3']);
		assert.ok(messages().some((one) => one.endsWith('nothing else comes that can be')));
	});

	it('counts tries anew when it got over the place, not when it fails there again', () => {
		listening.play(track(1), album);
		for (let i = 0; i < 3; i++) {
			player.sound(30);
			player.fail();
			later();
			player.sound(30.5);
		}
		assert.equal(player.track?.id, 2);
		told();
		player.sound(30);
		player.fail();
		player.sound(40);
		player.fail();
		later();
		player.fail();
		later();
		assert.equal(player.track.id, 2);
	});

	it('waits for the line instead of skipping', () => {
		listening.play(track(1), album);
		for (let i = 0; i < 5; i++) player.fail('offline');
		assert.deepEqual([due.length, back.length], [0, 1]);
		back[0]?.();
		assert.deepEqual(told(), ['play 1', 'try again']);
	});

	for (const failure of ['server', 'unanswered'] as const) {
		it(`stays with its track, ever more patient, while the fault is elsewhere: ${failure}`, () => {
			listening.play(track(1), album);
			for (let i = 0; i < 8; i++) {
				player.fail(failure);
				later();
			}
			assert.equal(player.track?.id, 1);
			assert.deepEqual(delays.slice(0, 3), [1_000, 3_000, 8_000]);
			assert.deepEqual(delays.slice(-2), [60_000, 60_000]);
			assert.deepEqual(messages(), []);
			player.fail(failure);
			told();
			back[0]?.();
			assert.deepEqual(told(), ['try again'], 'at once when the line is back');
			assert.deepEqual([due.length, back.length], [0, 0], 'and only once');
		});
	}

	it('is patient from the beginning when it had gone on for a while', () => {
		listening.play(track(1), album);
		for (let i = 0; i < 4; i++) {
			player.fail('server');
			later();
			player.sound(0.5);
		}
		assert.equal(delays.at(-1), 20_000, 'what breaks off at once goes on failing');
		player.sound(10);
		player.fail('server');
		assert.equal(delays.at(-1), 1_000);
	});

	it('does not begin anew after the time to sleep has come meanwhile', () => {
		let nowMs = 0;
		listening.play(track(1), album);
		listening.sleepTimer = new SleepTimer(player, () => nowMs);
		listening.sleepTimer.set(15);
		player.fail('server');
		later();
		player.fail('server');
		nowMs = 16 * 60_000;
		later();
		assert.deepEqual(told(), ['play 1', 'try again', 'pause']);
	});

	it('shows a queue from outside paused where it was, and never plays it by itself', async () => {
		listening.play(track(1), album);
		listening.next();
		const left = listening.queue;
		player.status = 'paused';
		told();
		const other = new ToldPlayer();
		player = other;
		const changes: unknown[] = [];
		const later = new Listening({
			player: other as unknown as Player,
			toasts,
			tracks: new KnownTracks((ids) => Promise.resolve(ids.map(track))),
			clock: { now: () => 9, newId: () => 'new', random: () => 0 },
			plays: new PlayCounter(() => undefined),
			failures: {
				later: () => () => undefined,
				whenBack: () => () => undefined
			}
		});
		later.onChange = (queue) => changes.push(queue);
		await later.receive(left, 61);
		assert.deepEqual(told(), ['show 2 at 61']);
		assert.deepEqual(changes, [], 'what came from outside is not sent back');
		other.status = 'playing';
		await later.receive({ ...left, current: { value: left.items[0]?.id ?? '', at: 99 } });
		assert.deepEqual(told(), [], 'what sounds here goes on');
	});

	it('asks for tracks the queue only names, and skips one that is gone', async () => {
		listening.addToEnd([track(1)]);
		told();
		await listening.receive({
			...listening.queue,
			items: [
				{ id: 'a', trackId: 50, rank: 'a', movedAt: 1 },
				{ id: 'b', trackId: 500, rank: 'b', movedAt: 1 },
				{ id: 'c', trackId: 51, rank: 'c', movedAt: 1 }
			],
			current: { value: 'a', at: 1 }
		});
		listening.next();
		await settled();
		await settled();
		assert.deepEqual(asked, [[50], [500], [51]]);
		assert.deepEqual(told(), ['show 50 at 0', 'play 51']);
		assert.equal(messages().length, 1);
	});

	describe('without an answer about its track', () => {
		const left = {
			...{ repeat: { value: 'off' as const, at: 0 }, source: { value: null, at: 0 } },
			items: [
				{ id: 'a', trackId: 50, rank: 'a', movedAt: 1 },
				{ id: 'b', trackId: 51, rank: 'b', movedAt: 1 }
			],
			current: { value: 'a', at: 1 }
		};
		beforeEach(async () => {
			isAnswering = false;
			await listening.receive(left, 61);
			assert.deepEqual(told(), []);
		});

		it('asks again until it can show what was left', async () => {
			later();
			await settled();
			assert.deepEqual([told(), asked, delays], [[], [[50], [50]], [1_000, 3_000]]);
			isAnswering = true;
			back[0]?.();
			await settled();
			assert.deepEqual([told(), asked.length], [['show 50 at 61'], 3]);
			assert.deepEqual([due.length, back.length], [0, 0]);
		});

		it('shows what the browser keeps to be heard without a network', async () => {
			kept = [track(50)];
			later();
			await settled();
			assert.deepEqual(told(), ['show 50 at 61']);
			assert.equal(listening.tracks.get(51), undefined, 'and knows nothing of the others');
		});

		it('plays it as soon as it is known when somebody pressed play meanwhile', async () => {
			listening.toggle();
			await settled();
			assert.match(messages()[0] ?? '', /tried again by itself$/);
			listening.next();
			await settled();
			isAnswering = true;
			later();
			await settled();
			assert.deepEqual(told(), ['play 51'], 'and only what was asked for last');
			assert.equal(messages().length, 1);
		});
	});

	describe('while another page plays something else of the same queue', () => {
		const others = { label: 'another', href: '/u/b/album/c', trackIds: [8, 9] };
		let othersClock: QueueClock;
		const items = () => listening.queue.items.map(({ trackId }) => trackId);
		const playElsewhere = (trackId: number) =>
			listening.receive(playNow(listening.queue, trackId, others, othersClock));

		beforeEach(() => {
			let ids = 0;
			let time = 1_000;
			othersClock = {
				now: () => (time += 1),
				newId: () => `other${(ids += 1)}`,
				random: () => 0.5
			};
			listening.play(track(1), album);
			listening.tracks.add([track(8), track(9)]);
			told();
		});

		it('goes on from what it plays itself, and takes nothing out of the queue', async () => {
			await playElsewhere(8);
			await playElsewhere(9);
			player.sound(170);
			player.end();
			assert.deepEqual(told(), ['prepare 2', 'play 2']);
			await playElsewhere(8);
			listening.next();
			assert.deepEqual(told(), ['play 3']);
			assert.deepEqual(items().toSorted(), [1, 2, 3, 8, 8, 9]);
			player.end();
			assert.deepEqual(told(), [], 'its album is over');
		});

		it('brings the queue back to what it has when that goes on', async () => {
			await playElsewhere(8);
			player.status = 'paused';
			listening.toggle();
			assert.deepEqual([told(), listening.current?.trackId], [['toggle'], 1]);
			assert.equal(listening.queue.source.value?.label, 'an album');
			listening.next();
			assert.deepEqual([told(), listening.current?.trackId], [['play 2'], 2]);
			await playElsewhere(9);
			player.status = 'paused';
			player.onResume?.();
			assert.equal(listening.current?.trackId, 2, 'also by the keys of the system');
		});

		it('leaves the queue where it is when what plays here is only paused', async () => {
			await playElsewhere(8);
			listening.toggle();
			assert.deepEqual([told(), listening.current?.trackId], [['toggle'], 8]);
		});

		it('shows what the other tab plays once that has taken the right to sound', async () => {
			await playElsewhere(8);
			player.status = 'paused';
			player.onGaveWay?.();
			await settled();
			assert.deepEqual(told(), ['show 8 at 0']);
			listening.next();
			assert.deepEqual(told(), ['play 9'], 'and goes on from there');
		});

		it('goes on from an item that was taken out elsewhere meanwhile', async () => {
			await playElsewhere(8);
			const left = listening.queue.items.filter(({ trackId }) => trackId !== 1);
			await listening.receive({ ...listening.queue, items: left });
			player.end();
			assert.deepEqual(told(), ['play 2']);
		});
	});

	it('empties what comes next, and takes that back', () => {
		listening.play(track(1), album);
		listening.addToEnd([track(8), track(9)]);
		listening.clear();
		assert.equal(listening.canGoOn, false);
		listening.addToEnd([track(7)]);
		toasts.list[0]?.action?.run();
		for (let i = 0; i < 5; i++) listening.next();
		assert.deepEqual(told(), ['play 1', 'play 7', 'play 8', 'play 9', 'play 2', 'play 3']);
	});
});
