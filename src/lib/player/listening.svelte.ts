import {
	addToEnd,
	clearUpcoming,
	following,
	goBack,
	goOn,
	jumpTo,
	moveBefore,
	playNext,
	playNow,
	type QueueClock,
	QueueFull,
	removeItem,
	restoreUpcoming,
	setRepeat,
	shuffleUpcoming,
	unshuffle
} from '#lib/queue/change-queue.ts';
import type { KnownTracks } from '#lib/queue/known-tracks.svelte.ts';
import {
	currentIndex,
	currentItem,
	emptyQueue,
	isShuffled,
	type QueueState,
	type Repeat,
	upcomingOfSource
} from '#lib/queue/queue-state.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { Track } from '#lib/tracks/track.ts';
import { FailedTracks, type FailureEnvironment } from './failed-tracks.ts';
import type { PlayCounter } from './play-counter.ts';
import type { Player } from './player.svelte.ts';

/** From here on "previous" means this track from its beginning. */
const RESTART_AFTER_S = 3;
/** What comes next is loaded when no more than this is left. */
const PREPARE_BEFORE_END_S = 20;
const REPEATS: Record<Repeat, Repeat> = { off: 'all', all: 'one', one: 'off' };

/** The collection a track is played in. */
export interface Collection {
	/** what it is called: "next from …" */
	label: string;
	/** its page */
	href: string;
	tracks: readonly Track[];
}

/** What it works with. */
export interface ListeningParts {
	player: Player;
	tracks: KnownTracks;
	toasts: Toasts;
	clock: QueueClock;
	failures: FailureEnvironment;
	plays: PlayCounter;
}

/**
 * What is listened to and what comes next: the queue of this page, and the player that plays it and
 * goes on by itself. Sound begins only in what a person does here, or where what they started ends;
 * a queue that comes from outside never starts any.
 */
export class Listening {
	queue = $state.raw<QueueState>(emptyQueue());
	isPanelOpen = $state(false);
	/** what comes next begins by itself */
	isAutoplay = true;
	readonly current = $derived(currentItem(this.queue));
	readonly canGoOn = $derived(following(this.queue, false) !== null);
	readonly isShuffled = $derived(isShuffled(this.queue));
	readonly repeat = $derived(this.queue.repeat.value);
	readonly tracks: KnownTracks;

	/** called with every change made here */
	onChange: ((queue: QueueState) => void) | undefined;

	readonly #parts: ListeningParts;
	readonly #failed: FailedTracks;
	#skippedInRow = 0;
	#askedAhead: number | null = null;

	constructor(parts: ListeningParts) {
		this.#parts = parts;
		this.tracks = parts.tracks;
		const { player } = parts;
		this.#failed = new FailedTracks(player, () => this.#giveUp(), parts.failures);
		player.onEnded = () => {
			if (!this.#goesOn) return;
			if (this.#change((queue) => goOn(queue, parts.clock, true))) this.#playCurrent();
		};
		player.isInAlbum = (track) => this.#isInAlbum(track);
		player.onFailed = () => this.#failed.failed();
		player.onLook = () => this.#look();
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
		else player.toggle();
	}

	/** Goes on to what follows, if anything does. */
	next(): void {
		this.#playChanged((queue) => goOn(queue, this.#parts.clock));
	}

	/** To the beginning of this track; from its first seconds to the one before. */
	previous(): void {
		const { player, clock } = this.#parts;
		const isLate = player.positionSeconds > RESTART_AFTER_S;
		if (isLate || !this.#playChanged((queue) => goBack(queue, clock))) player.seekTo(0);
	}

	addToEnd(tracks: readonly Track[]): void {
		this.tracks.add(tracks);
		const ids = tracks.map(({ id }) => id);
		this.#change((queue) => addToEnd(queue, ids, this.#parts.clock));
	}

	playNext(tracks: readonly Track[]): void {
		this.tracks.add(tracks);
		const ids = tracks.map(({ id }) => id);
		this.#change((queue) => playNext(queue, ids, this.#parts.clock));
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

	remove(itemId: string): void {
		this.#change((queue) => removeItem(queue, itemId));
	}

	/** Puts an item before another; null: behind everything. */
	move(itemId: string, beforeId: string | null): void {
		this.#change((queue) => moveBefore(queue, itemId, beforeId, this.#parts.clock));
	}

	/** Takes out all that comes next, and offers to take that back. */
	clear(): void {
		const { clock, toasts } = this.#parts;
		const before = this.queue;
		if (!this.#change((queue) => clearUpcoming(queue, clock))) return;
		const undo = () => this.#change((queue) => restoreUpcoming(queue, before, clock));
		toasts.show({
			...{ kind: 'info', message: 'the queue is empty now', durationMs: 8_000 },
			action: { label: 'undo', run: undo }
		});
	}

	toggleShuffle(): void {
		const change = this.isShuffled ? unshuffle : shuffleUpcoming;
		this.#change((queue) => change(queue, this.#parts.clock));
	}

	/** Off, all, one, and off again. */
	cycleRepeat(): void {
		this.setRepeat(REPEATS[this.repeat]);
	}

	setRepeat(repeat: Repeat): void {
		this.#change((queue) => setRepeat(queue, repeat, this.#parts.clock));
	}

	/**
	 * Takes a queue from outside: an earlier page, another device. It never starts sound, and what
	 * sounds here goes on.
	 * @param positionSeconds of its current item
	 */
	async receive(queue: QueueState, positionSeconds = 0): Promise<void> {
		const { player } = this.#parts;
		const isSounding = () => player.isGoing;
		const before = this.current;
		this.queue = queue;
		const { current } = this;
		if (!current || isSounding() || (before?.id === current.id && player.track)) return;
		await this.tracks.want([current.trackId]);
		const track = this.tracks.get(current.trackId);
		if (!track || isSounding() || this.current?.id !== current.id) return;
		player.show(track, positionSeconds);
	}

	/** Whether a track that is played or comes next has one of its album before or behind it. */
	#isInAlbum({ id, album }: Track): boolean {
		const { items } = this.queue;
		const order = [...items.map(({ trackId }) => trackId), ...upcomingOfSource(this.queue)];
		const index = order.indexOf(id, Math.max(0, currentIndex(this.queue)));
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

	#change(change: (queue: QueueState) => QueueState): boolean {
		try {
			const next = change(this.queue);
			if (next === this.queue) return false;
			this.queue = next;
		} catch (cause) {
			if (!(cause instanceof QueueFull)) throw cause;
			this.#parts.toasts.show({ kind: 'warning', message: cause.message });
			return false;
		}
		this.onChange?.(this.queue);
		return true;
	}

	/** Somebody chose what to hear now. */
	#playChanged(change: (queue: QueueState) => QueueState): boolean {
		this.#beginAnew();
		const isChanged = this.#change(change);
		if (isChanged) this.#playCurrent();
		return isChanged;
	}

	#beginAnew(): void {
		this.#failed.begin();
		this.#skippedInRow = 0;
	}

	/** Plays the current item; at once when its track is known, as phones demand. */
	#playCurrent(): void {
		const item = this.current;
		if (!item) return;
		this.#failed.begin();
		const track = this.tracks.get(item.trackId);
		if (track) {
			this.#parts.player.playAnew(track);
			return;
		}
		if (track === null) {
			this.#skip('a track that is not there any more');
			return;
		}
		const playIfCurrent = () => {
			if (this.current?.id === item.id) this.#playCurrent();
		};
		this.tracks.want([item.trackId]).then(playIfCurrent, () => {
			const message = 'what comes next could not be asked for. press next to try again';
			this.#parts.toasts.show({ kind: 'error', message }, 'listening');
		});
	}

	#giveUp(): void {
		this.#skip(this.#parts.player.track?.title ?? 'a track');
	}

	/** Goes on behind what cannot be played; not for ever when nothing can be. */
	#skip(name: string): void {
		const { clock, toasts } = this.#parts;
		this.#skippedInRow += 1;
		const length = this.queue.items.length + upcomingOfSource(this.queue).length;
		const isHopeless = this.#skippedInRow >= length;
		if (isHopeless || !this.#change((queue) => goOn(queue, clock))) {
			const message = `${name} could not be played, and nothing else comes that can be`;
			toasts.show({ kind: 'error', message }, 'listening');
			return;
		}
		toasts.show({ kind: 'warning', message: `skipped, as it could not be played: ${name}` });
		this.#playCurrent();
	}

	#look(): void {
		const { player, plays } = this.#parts;
		plays.look(player);
		if (player.status !== 'playing') return;
		if (this.#failed.heard(player.positionSeconds)) this.#skippedInRow = 0;
		if (player.durationSeconds - player.positionSeconds <= PREPARE_BEFORE_END_S) this.#prepare();
	}

	#prepare(): void {
		if (!this.#goesOn) return;
		const next = following(this.queue, true);
		if (!next) return;
		const trackId = 'item' in next ? next.item.trackId : next.trackId;
		const track = this.tracks.get(trackId);
		if (track) this.#parts.player.prepare(track);
		else if (track === undefined && this.#askedAhead !== trackId) {
			this.#askedAhead = trackId;
			// it is asked for again when it is to be played
			this.tracks.want([trackId]).catch(() => undefined);
		}
	}
}
