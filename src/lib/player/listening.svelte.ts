import {
	addToEnd,
	following,
	goBack,
	comingTrackIds,
	goOn,
	jumpTo,
	playNext,
	playNow,
	type QueueClock
} from '#lib/queue/change-queue.ts';
import { keptPosition } from '#lib/queue/kept-queue.ts';
import { rememberPanel } from '#lib/queue/panel-memory.ts';
import { PageQueue, type PageQueueParts } from '#lib/queue/page-queue.svelte.ts';
import {
	addedSince,
	currentIndex,
	type QueueState,
	upcomingOfSource
} from '#lib/queue/queue-state.ts';
import type { Track } from '#lib/tracks/track.ts';
import { AwaitedTrack } from './awaited-track.ts';
import { FailedTracks } from './failed-tracks.ts';
import { OwnPlace } from './own-place.ts';
import type { PlayCounter } from './play-counter.ts';
import type { Player } from './player.svelte.ts';
import type { RetryEnvironment } from './retry-later.ts';
import type { SleepTimer } from './sleep-timer.svelte.ts';

/** From here on "previous" means this track from its beginning. */
const RESTART_AFTER_S = 3;
/** What comes next is loaded when no more than this is left. */
const PREPARE_BEFORE_END_S = 20;

const goOnByItself = (queue: QueueState, clock: QueueClock) => goOn(queue, clock, true);

/** The collection a track is played in. */
export interface Collection {
	/** what it is called: "next from …" */
	label: string;
	/** its page */
	href: string;
	tracks: readonly Track[];
}

/** Where another device of this person is. */
export interface Elsewhere {
	itemId: string;
	trackId: number;
	/** "firefox on linux" */
	deviceName: string;
	positionSeconds: number;
}

/** What it works with. */
export interface ListeningParts extends PageQueueParts {
	player: Player;
	failures: RetryEnvironment;
	plays: PlayCounter;
}

/**
 * What is listened to and what comes next: the queue of this page, and the player that plays it and
 * goes on by itself. Sound begins only in what a person does here, or where what they started ends;
 * a queue that comes from outside never starts any.
 */
export class Listening extends PageQueue {
	#isPanelOpen = $state(false);
	/** it opened with the page: nobody is at it */
	isPanelOfPage = false;
	isKeyListOpen = $state(false);
	/** a place that may be gone on from here; null: there is none, or it is the one here */
	elsewhere = $state.raw<Elsewhere | null>(null);
	/** the place of another device is not wanted here */
	dismissElsewhere: () => void = () => undefined;
	/** what comes next begins by itself */
	isAutoplay = true;
	/** what comes by itself, or by "next", is nothing explicit; what somebody chooses is played */
	skipsExplicit = false;
	/** made by what sets it */
	sleepTimer = $state.raw<SleepTimer>();

	readonly #parts: ListeningParts;
	readonly #failed: FailedTracks;
	/** of the current item */
	readonly #awaited: AwaitedTrack;
	/** at what the player has; the queue may be elsewhere */
	readonly #place = new OwnPlace();
	/** what could not be played since something last sounded */
	#skipped: number[] = [];
	#askedAhead: number | null = null;

	constructor(parts: ListeningParts) {
		super(parts);
		this.#parts = parts;
		const { player } = parts;
		this.#awaited = new AwaitedTrack(parts.tracks, parts.failures);
		const acts = { giveUp: () => this.#giveUp(), beforeTry: () => this.sleepTimer?.look() };
		this.#failed = new FailedTracks(player, acts, parts.failures);
		player.onEnded = () => {
			const isAsleep = this.sleepTimer?.endTrack() ?? false;
			if (!this.#goesOn || !this.change(this.#fromHere(goOnByItself))) return;
			if (isAsleep) void this.#showCurrent(0);
			else this.#playCurrent(this.repeat === 'one');
		};
		player.onResume = () => this.#bringBack();
		player.onGaveWay = () => this.#followQueue();
		player.isInAlbum = (track) => this.#isInAlbum(track);
		player.onFailed = (failure) => this.#failed.failed(failure);
		player.onLook = () => this.#look();
	}

	get isPanelOpen(): boolean {
		return this.#isPanelOpen;
	}

	/** Somebody opens or closes it; kept for the next page. */
	set isPanelOpen(isOpen: boolean) {
		this.#isPanelOpen = isOpen;
		this.isPanelOfPage = false;
		rememberPanel(isOpen);
	}

	/** It was left open by the page before. */
	openPanelWithPage(): void {
		this.#isPanelOpen = true;
		this.isPanelOfPage = true;
	}

	/** Plays a track now, and then on through its collection. Call it inside the gesture. */
	play(track: Track, collection: Collection | null = null): void {
		this.tracks.add(collection ? [...collection.tracks, track] : [track]);
		const source = collection && {
			...{ label: collection.label, href: collection.href },
			trackIds: collection.tracks.map(({ id }) => id)
		};
		this.#playChanged((queue) => playNow(queue, track.id, source, this.#parts.clock));
	}

	/** What a row's button does: plays its track, or pauses and goes on with the one that is loaded. */
	toggle(track: Track | null = null, collection: Collection | null = null): void {
		const { player } = this.#parts;
		this.#beginAnew();
		if (track && !player.has(track)) this.play(track, collection);
		else if (player.track) {
			if (!player.isGoing) this.#bringBack();
			player.toggle();
		} else this.#playCurrent();
	}

	/** Goes on to what follows, if anything does. */
	next(): void {
		this.#playChanged(this.#fromHere(goOn), false);
	}

	/** To the beginning of this track; from its first seconds to the one before. */
	previous(): void {
		const { player } = this.#parts;
		const isLate = player.positionSeconds > RESTART_AFTER_S;
		if (isLate || !this.#playChanged(this.#fromHere(goBack))) player.seekTo(0);
	}

	/** Adds tracks behind everything. @returns the ids of those that can be taken out again */
	addToEnd(tracks: readonly Track[]): string[] {
		return this.#add(tracks, addToEnd);
	}

	/** Adds tracks right behind the current one. @returns the ids of those that can be taken out again */
	playNext(tracks: readonly Track[]): string[] {
		return this.#add(tracks, playNext);
	}

	/** Plays an item of the queue. */
	jumpTo(itemId: string): void {
		this.#playChanged((queue) => jumpTo(queue, itemId, this.#parts.clock));
	}

	/** Plays a track of the collection that goes on behind the queue. */
	jumpInSource(trackId: number): void {
		this.#playChanged((queue) => {
			const source = queue.source.value;
			return source ? playNow(queue, trackId, source, this.#parts.clock) : queue;
		});
	}

	/** Goes on where another device is. Call it inside the gesture. */
	async continueHere({ itemId, positionSeconds }: Elsewhere): Promise<void> {
		const { player, clock } = this.#parts;
		const item = this.queue.items.find(({ id }) => id === itemId);
		this.elsewhere = null;
		if (!item) return;
		this.#beginAnew();
		this.change((queue) => jumpTo(queue, itemId, clock));
		if (!this.tracks.get(item.trackId)) await this.tracks.want([item.trackId]);
		const track = this.tracks.get(item.trackId);
		if (!track || this.current?.id !== itemId) return;
		this.#show(track, positionSeconds);
		player.toggle();
	}

	/**
	 * Takes a queue from outside: an earlier page, another device. It never starts sound, and what
	 * sounds here goes on. A track nobody knows yet is shown when it is known.
	 * @param positionSeconds of its current item
	 */
	async receive(queue: QueueState, positionSeconds = 0): Promise<void> {
		const { player } = this.#parts;
		const before = this.queue;
		this.queue = queue;
		this.#place.follow(before, queue);
		const isSame = before.current.value === this.current?.id && player.track;
		if (!player.isGoing && !isSame) await this.#showCurrent(positionSeconds);
	}

	/** Shows the queue's current item, when its track is known, unless something sounds by then. */
	async #showCurrent(positionSeconds: number): Promise<void> {
		const { current } = this;
		if (!current) return;
		const known = this.tracks.get(current.trackId);
		if (known) {
			this.#show(known, positionSeconds);
			return;
		}
		await this.#awaited.want(current.trackId, {
			known: () => {
				const track = this.tracks.get(current.trackId);
				const isToBeShown = !this.#parts.player.isGoing && this.current?.id === current.id;
				if (track && isToBeShown) this.#show(track, positionSeconds);
			}
		});
	}

	#add(tracks: readonly Track[], change: typeof addToEnd): string[] {
		const { clock } = this.#parts;
		this.tracks.add(tracks);
		const ids = tracks.map(({ id }) => id);
		const before = this.queue;
		if (!this.change((queue) => change(queue, ids, clock))) return [];
		const added = addedSince(before, this.queue);
		const [first] = added;
		if (this.current || !first) return added.map(({ id }) => id);
		// there is something to press play on, and no sound
		this.change((queue) => jumpTo(queue, first.id, clock));
		const track = this.tracks.get(first.trackId);
		if (track) this.#show(track, 0);
		return added.slice(1).map(({ id }) => id);
	}

	/** Whether a track that is played or comes next has one of its album before or behind it. */
	#isInAlbum({ id, album }: Track): boolean {
		const queue = this.#place.view(this.queue);
		const order = [...queue.items.map(({ trackId }) => trackId), ...upcomingOfSource(queue)];
		const index = order.indexOf(id, Math.max(0, currentIndex(queue)));
		const beside = [order[index - 1], order[index + 1]];
		return (
			album !== null &&
			beside.some((one) => one !== undefined && this.tracks.get(one)?.album?.id === album.id)
		);
	}

	/** Whether anything follows by itself; what somebody has set to repeat does in any case. */
	get #goesOn(): boolean {
		return this.isAutoplay || this.repeat === 'one';
	}

	/** Somebody chose what to hear now. */
	#playChanged(change: (queue: QueueState) => QueueState, isChosen = true): boolean {
		this.#beginAnew();
		const isChanged = this.change(change);
		if (isChanged) this.#playCurrent(isChosen);
		return isChanged;
	}

	#beginAnew(): void {
		this.#awaited.stop();
		this.#failed.begin();
		this.#skipped = [];
	}

	/**
	 * Plays the current item; at once when its track is known, as phones demand.
	 * @param isChosen somebody wants this very track
	 */
	#playCurrent(isChosen = true): void {
		const item = this.current;
		if (!item) return;
		this.#place.take(this.queue);
		this.#failed.begin();
		const track = this.tracks.get(item.trackId);
		if (track && !isChosen && this.#isPassedOver(track)) {
			this.#skip(track.title, 'is not to be played, being explicit');
			return;
		}
		if (track) {
			this.#parts.player.playAnew(track);
			return;
		}
		if (track === null) {
			this.#skip('a track that is not there any more');
			return;
		}
		void this.#awaited.want(item.trackId, {
			known: () => {
				if (this.current?.id === item.id) this.#playCurrent(isChosen);
			},
			unanswered: () => {
				const message = 'what comes next could not be asked for. it is tried again by itself';
				this.#parts.toasts.show({ kind: 'warning', message }, 'listening');
			}
		});
	}

	/** It is there for whoever presses play, paused. */
	#show(track: Track, positionSeconds: number): void {
		this.#place.take(this.queue);
		this.#parts.player.show(track, positionSeconds);
	}

	/** What is loaded here is to go on: the queue comes back to it from where another tab or device is. */
	#bringBack(): void {
		const isChanged = this.#place.isApart && this.change(this.#fromHere((queue) => ({ ...queue })));
		if (isChanged) this.#place.take(this.queue);
	}

	/** Another tab sounds: this one shows what the queue is at. */
	#followQueue(): void {
		const { current } = this;
		if (current && this.#place.isApart) void this.#showCurrent(keptPosition(current.id));
	}

	/** A change that begins at what the player has. */
	#fromHere(change: (queue: QueueState, clock: QueueClock) => QueueState) {
		const { clock } = this.#parts;
		return (queue: QueueState) => this.#place.change(queue, (view) => change(view, clock), clock);
	}

	#giveUp(): void {
		this.#skip(this.#parts.player.track?.title ?? 'a track');
	}

	#isPassedOver({ isExplicit }: Track): boolean {
		return this.skipsExplicit && isExplicit;
	}

	/** Goes on behind what is not to be played, or cannot be; not for ever when nothing can be. */
	#skip(name: string, why = 'could not be played'): void {
		const { toasts } = this.#parts;
		if (this.current) this.#skipped.push(this.current.trackId);
		const view = this.#place.view(this.queue);
		const isHopeless = comingTrackIds(view).every((id) => this.#skipped.includes(id));
		if (isHopeless || !this.change(this.#fromHere(goOn))) {
			const message = `${name} ${why}, and nothing else comes that can be`;
			toasts.show({ kind: 'error', message }, 'listening');
			return;
		}
		toasts.show({ kind: 'warning', message: `skipped, as it ${why}: ${name}` });
		this.#playCurrent(false);
	}

	#look(): void {
		const { player, plays } = this.#parts;
		plays.look(player);
		this.sleepTimer?.look();
		if (player.status !== 'playing') return;
		if (this.#failed.heard(player.positionSeconds)) this.#skipped = [];
		if (player.durationSeconds - player.positionSeconds <= PREPARE_BEFORE_END_S) this.#prepare();
	}

	#prepare(): void {
		const isLast = !this.#goesOn || this.sleepTimer?.choice === 'end of track';
		const next = isLast ? null : following(this.#place.view(this.queue), true);
		if (!next) {
			this.#parts.player.prepare(null);
			return;
		}
		const trackId = 'item' in next ? next.item.trackId : next.trackId;
		const track = this.tracks.get(trackId);
		if (track) this.#parts.player.prepare(this.#isPassedOver(track) ? null : track);
		else if (track === undefined && this.#askedAhead !== trackId) {
			this.#askedAhead = trackId;
			// it is asked for again when it is to be played
			this.tracks.want([trackId]).catch(() => undefined);
		}
	}
}
