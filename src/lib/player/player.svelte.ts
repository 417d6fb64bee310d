import { loadOnce } from '#lib/load-once.ts';
import { audioUrl, inLess, type Track } from '#lib/tracks/track.ts';
import { bufferedUntil } from './buffered-until.ts';
import type { Crossfade, StartDelay } from './crossfade.ts';
import { canJoin, Deck } from './deck.ts';
import { JointWatch } from './joint-watch.ts';
import type { Level } from './level.ts';
import { Output } from './output.ts';
import { type Failure, isOfBrowser } from './playback-failure.ts';
import { PlaybackSpeeds } from './playback-speeds.svelte.ts';
import type { PlaybackStatus } from './playback-status.ts';
import { Trouble, type TroubleEnvironment } from './trouble.svelte.ts';
import {
	BEFORE_MUTE,
	canSetVolume,
	clampVolume,
	DEFAULT_VOLUME,
	rememberedVolume,
	rememberVolume
} from './volume.ts';

/** Everything after which the element is worth another look. */
const EVENTS = [
	'loadstart',
	'loadedmetadata',
	'durationchange',
	'canplay',
	'play',
	'playing',
	'pause',
	'waiting',
	'seeking',
	'seeked',
	'timeupdate',
	'progress',
	'ended',
	'error',
	'emptied'
] as const;

const loadCrossfade = loadOnce(() => import('./crossfade.ts'));

/** How one track follows another. */
export interface Transition {
	/** without a gap, where file and browser allow it */
	isGapless: boolean;
	/** 0: they do not overlap */
	crossfadeSeconds: number;
}

/** The parts of the browser the player needs; a test brings its own. */
export interface PlayerEnvironment extends TroubleEnvironment {
	createElement(): HTMLAudioElement;
}

const browser: PlayerEnvironment = {
	createElement() {
		const element = new Audio();
		element.preload = 'auto';
		// in the document, so that the browser's own media controls and assistive software find it
		document.body.append(element);
		return element;
	},
	isOnline: () => navigator.onLine,
	// it came with the bar
	closerFailure: (...of) =>
		import('./closer-failure.ts').then(
			({ closerFailure }) => closerFailure(...of),
			() => 'unanswered'
		),
	report: (failure) =>
		void import('#lib/client-errors/report-error.ts').then(
			({ reporter }) => reporter.reportPlayback(failure),
			() => undefined
		)
};

/**
 * The one owner of sound: every play, pause and seek of the product goes through here. It starts
 * sound only inside a call made by a person's gesture in this tab, or where what they started ends.
 *
 * It has a pair of audio elements: one is heard, the other is given what comes next, so that
 * going on is a swap. Both are made at the first `play`, in the browser. Made once, in the root
 * layout, so playback outlives navigation.
 */
export class Player {
	/** what is loaded or shown, or null before there was anything */
	track = $state.raw<Track | null>(null);
	status = $state<PlaybackStatus>('idle');
	positionSeconds = $state(0);
	/** of the audio itself once known, before that what the index says; 0: nobody knows */
	durationSeconds = $state(0);
	/** up to here it is there already, from where it is on */
	bufferedSeconds = $state(0);
	volume = $state(1);
	/** some platforms leave it to the buttons of the device */
	canSetVolume = $state(true);
	transition = $state.raw<Transition>({ isGapless: true, crossfadeSeconds: 0 });
	/** counts jumps, so that whoever extrapolates the position (the lock screen) can start anew */
	seekCount = $state(0);

	readonly #speeds = new PlaybackSpeeds();
	/** of what is loaded: 1 is as it was recorded */
	readonly speed = $derived(this.#speeds.of(this.track?.artist));
	readonly isGoing = $derived(this.status === 'playing' || this.status === 'loading');

	/** called before anything begins to sound */
	onStart: (() => void) | undefined;
	/** called in the `ended` event itself, or when what is joined has begun or is to overlap: it needs no gesture */
	onEnded: (() => void) | undefined;
	/** called once for each load that fails and is wanted, when it is known why */
	onFailed: ((failure: Failure) => void) | undefined;
	/** called before what is loaded goes on because the system was asked for it */
	onResume: (() => void) | undefined;
	/** called when another tab has taken the right to sound */
	onGaveWay: (() => void) | undefined;
	/** asked whether a track is played as a part of its album: that decides how loud it is */
	isInAlbum: ((track: Track) => boolean) | undefined;
	/** asked with each load whether it is to use little data */
	isDataReduced: (() => boolean) | undefined;
	/** called whenever the element was looked at */
	onLook: (() => void) | undefined;

	readonly output = new Output((track) => this.isInAlbum?.(track) ?? false);
	/** there as soon as something is to begin on the other deck */
	startDelay: StartDelay | undefined;
	readonly #environment: PlayerEnvironment;
	readonly #trouble: Trouble;
	/** the one that is heard */
	#active: Deck | undefined;
	/** the other one, with what comes next when that cannot be joined */
	#spare: Deck | undefined;
	/** files this browser could not play, of which there is another one */
	readonly #unplayable: string[] = [];
	/** counts sources: an answer that belongs to a former one is dropped */
	#generation = 0;
	/** `track` is only shown: its audio is asked for when it is played */
	#isOnlyShown = false;
	#volumeBeforeMute = DEFAULT_VOLUME;
	#isHeldBack = false;
	#isWanted = false;
	/** what comes next, as far as it was told */
	#upcoming: Track | null = null;
	/** it played until it ended */
	#isHeardToEnd = false;
	/** what is joined has begun, and is about to be asked for */
	#isAtJoint = false;
	/** what is asked for now is to overlap with what is heard */
	#isAtOverlap = false;
	#crossfade: Crossfade | undefined;
	/** loaded when something is to begin on the other deck */
	#crossfadeScript: typeof import('./crossfade.ts') | undefined;
	readonly #joint = new JointWatch(() => this.#look());

	constructor(environment: PlayerEnvironment = browser) {
		this.#environment = environment;
		this.#trouble = new Trouble(environment, {
			arrived: () => this.#active?.arrived ?? 0,
			stalled: () => this.#stalled(),
			failed: (failure) => {
				if (this.#isWanted && !this.#playSmaller(failure)) this.onFailed?.(failure);
			}
		});
	}

	/** why `status` is failed or goes on loading, or why a gesture was not enough; a sentence */
	get reason(): string | null {
		return this.#trouble.reason;
	}

	/** Reads what this browser remembers; call once it is one. */
	restore(): void {
		this.volume = rememberedVolume();
		this.#volumeBeforeMute = this.volume || rememberedVolume(BEFORE_MUTE);
		this.output.setVolume(this.volume);
		this.canSetVolume = canSetVolume();
		this.#speeds.restore();
	}

	/** Somebody pressed play, and nobody paused it since: also while it fails and is tried again. */
	get isWanted(): boolean {
		return this.#isWanted;
	}

	/** Whether this is the loaded track. */
	has(track: Pick<Track, 'id'>): boolean {
		return this.track?.id === track.id;
	}

	/** Shows a track as paused at a position, and loads nothing before it is played. */
	show(track: Track, positionSeconds: number): void {
		this.#generation += 1;
		this.#crossfade?.end();
		this.#trouble.begin();
		this.#active?.element.pause();
		this.#isOnlyShown = true;
		this.#isWanted = false;
		this.track = track;
		this.status = 'paused';
		this.durationSeconds = (track.durationMs ?? 0) / 1000;
		this.positionSeconds = Math.min(positionSeconds, this.durationSeconds || Infinity);
		this.bufferedSeconds = 0;
	}

	/**
	 * Plays the track: from its beginning if it is not the loaded one, else on from where it is,
	 * with a fresh load if it had failed. Call it inside the gesture, or in `onEnded`.
	 */
	play(track: Track): void {
		if (!this.has(track)) this.#load(track, 0);
		else if (this.status === 'failed' || this.#isOnlyShown) {
			this.#load(track, this.positionSeconds);
		}
		// the browser would begin anew by itself, with the first of the tracks that were joined
		else if (this.status === 'ended') this.seekTo(0);
		this.#start();
	}

	/** Plays the track from its beginning, also when it is the loaded one. */
	playAnew(track: Track): void {
		const isHere = this.has(track) && this.status !== 'failed' && !this.#isOnlyShown;
		if (!isHere || this.#isAtJoint) this.#load(track, 0);
		else this.seekTo(0);
		this.#start();
	}

	/**
	 * Gets ready for what is to come next, null: nothing. It is joined to the present track without a
	 * gap, else loaded on the other deck. Nothing of it is shown, not its failure.
	 */
	prepare(track: Track | null): void {
		this.#upcoming = track;
		const active = this.#active;
		if (!active) return;
		track &&= this.#asHeard(track);
		if (active.follow(this.#mayJoin ? track : null)) return;
		if (track) this.#prepareOnSpare(track);
	}

	/** What a row's button does: play this track, or pause it when it is playing. */
	toggle(track: Track | null = this.track): void {
		if (!track) return;
		if (this.has(track) && this.isGoing) this.pause();
		else this.play(track);
	}

	pause(): void {
		this.#isWanted = false;
		this.#crossfade?.end();
		this.#active?.element.pause();
		this.#look();
	}

	/** Is quiet, as another tab is to be heard. */
	giveWay(): void {
		this.pause();
		this.onGaveWay?.();
	}

	/** Goes on with what is loaded, also after a failure. Call it inside the gesture. */
	resume(): void {
		this.onResume?.();
		if (this.track) this.play(this.track);
	}

	/** Loads what failed anew, unless it was paused since. The reason stays until there is sound. */
	tryAgain(): void {
		const { track, reason } = this;
		if (!track || !this.#isWanted || this.status !== 'failed') return;
		this.play(track);
		this.#trouble.reason = reason;
	}

	/** Jumps to a position; one asked for too early is kept until this source can take it. */
	seekTo(seconds: number): void {
		if (!this.track || this.status === 'failed') return;
		this.#crossfade?.end();
		const end = this.durationSeconds || Infinity;
		const target = Math.min(Math.max(0, seconds), end);
		this.seekCount += 1;
		if (this.#isOnlyShown) {
			this.positionSeconds = target;
			return;
		}
		this.#active?.seekTo(target);
		this.#look();
	}

	/** Jumps forward, or back with a negative number. */
	seekBy(seconds: number): void {
		this.seekTo(this.positionSeconds + seconds);
	}

	/** 0 is silence, 1 is full; kept for the next visit. */
	setVolume(volume: number): void {
		this.tryVolume(volume);
		rememberVolume(this.volume);
		if (this.volume === 0) return;
		this.#volumeBeforeMute = this.volume;
		rememberVolume(this.volume, BEFORE_MUTE);
	}

	/** The same while it is being chosen: nobody comes back to what they only passed. */
	tryVolume(volume: number): void {
		this.volume = clampVolume(volume);
		this.output.setVolume(this.volume);
	}

	/** Half to double, for all pieces of this artist; kept for the next visit. The pitch stays. */
	setSpeed(speed: number): void {
		if (!this.track) return;
		this.#speeds.set(this.track.artist, speed);
		this.#look();
	}

	/** Whether everything is to be equally loud; nothing is where no page sets the volume. */
	setLevel(level: Level): void {
		this.output.setLevel(this.canSetVolume ? level : 'off');
	}

	/** Silence, or the volume of before. */
	toggleMute(): void {
		this.setVolume(this.volume === 0 ? this.#volumeBeforeMute : 0);
	}

	/** Lets what plays here be heard, or not: another tab may be about to go quiet. */
	holdBack(isHeldBack: boolean): void {
		this.#isHeldBack = isHeldBack;
		for (const deck of [this.#active, this.#spare]) {
			if (deck) deck.element.muted = isHeldBack;
		}
	}

	/** Gives the elements back: the page is being torn down. */
	dispose(): void {
		this.#generation += 1;
		this.#joint.stop();
		this.#crossfade?.end();
		this.#trouble.begin();
		this.#active?.dispose();
		this.#spare?.dispose();
		this.#active = this.#spare = undefined;
		this.startDelay?.dispose();
		this.output.dispose();
	}

	get #mayJoin(): boolean {
		const { isGapless, crossfadeSeconds } = this.transition;
		return isGapless && crossfadeSeconds === 0 && canJoin();
	}

	/** Which of its files is loaded. */
	#asHeard(track: Track): Track {
		const isReduced = this.isDataReduced?.() ?? false;
		return isReduced || this.#unplayable.includes(track.fileId) ? inLess(track) : track;
	}

	/** Goes on with the same music as an mp3, where this browser cannot play what it was given. */
	#playSmaller(failure: Failure): boolean {
		const { track } = this;
		if (!track?.smallerFileId || this.#active?.track?.fileId !== track.fileId) return false;
		if (!isOfBrowser(failure)) return false;
		this.#unplayable.push(track.fileId);
		this.play(track);
		return true;
	}

	#load(track: Track, startAtSeconds: number): void {
		this.#generation += 1;
		this.#crossfade?.end();
		this.#trouble.begin();
		this.#isOnlyShown = false;
		this.track = track;
		if (startAtSeconds > 0 || !(this.#active?.goOnWith(track) || this.#swapFor(track))) {
			this.#decks().load(this.#asHeard(track), startAtSeconds, this.#mayJoin);
		}
		this.output.assign(this.#decks().element, track);
		this.#look();
	}

	#prepareOnSpare(track: Track): void {
		const spare = this.#spare;
		// what gives way still sounds there
		if (!spare || this.#crossfade?.isOver === false) return;
		this.#loadCrossfade();
		this.#learnStartDelay();
		if (this.has(track) || spare.track?.id === track.id) return;
		spare.load(track, 0, this.#mayJoin);
		this.output.assign(spare.element, track);
	}

	/** Lets the other deck be heard when it was given this track. @returns whether it was */
	#swapFor(track: Track): boolean {
		const [former, next] = [this.#active, this.#spare];
		if (!former || next?.track?.id !== track.id) return false;
		if (next.element.error) {
			former.rest();
			next.rest();
			return false;
		}
		const script = this.#crossfadeScript;
		if (this.#isAtOverlap && script) {
			this.#crossfade = new script.Crossfade(this, { former, next });
		} else former.rest();
		[this.#active, this.#spare] = [next, former];
		return true;
	}

	/** Both are made inside the first gesture, or a phone lets only one of them sound. */
	#decks(): Deck {
		if (!this.#active) {
			this.#spare = this.#createDeck();
			this.#spare.element.load();
		}
		return (this.#active ??= this.#createDeck());
	}

	#start(): void {
		const element = this.#active?.element;
		if (!element) return;
		const generation = this.#generation;
		this.#isWanted = true;
		this.#trouble.reason = null;
		this.onStart?.();
		this.output.wake();
		element.play().catch((cause: unknown) => {
			if (generation !== this.#generation) return;
			// the gesture was not enough for this browser; anything else shows on the element itself
			if (cause instanceof Error && cause.name === 'NotAllowedError') {
				this.#isWanted = false;
				this.#trouble.reason = 'the browser held the sound back. press play once more';
			}
			this.#look();
		});
		this.#look();
	}

	#createDeck(): Deck {
		const element = this.#environment.createElement();
		this.output.assign(element, null);
		element.muted = this.#isHeldBack;
		const deck = new Deck(element, {
			changed: () => {
				if (deck === this.#active) this.#look();
			},
			nextRefused: (next) => this.#prepareOnSpare(next)
		});
		for (const event of EVENTS) {
			element.addEventListener(event, () => {
				if (event === 'error' && deck.playPlainly()) return;
				// `ended` comes next: who saw it stop before would give the right to sound away
				if ((event === 'timeupdate' || event === 'pause') && element.ended) return;
				// what the other one says is about what is over, or has yet to begin
				if (deck !== this.#active || this.#isOnlyShown) return;
				// the system or the browser's own controls
				if (event === 'pause' && deck.status === 'paused') this.#isWanted = false;
				this.#look();
				if (event === 'ended' && this.#isHeardToEnd) this.onEnded?.();
			});
		}
		return deck;
	}

	/** The funnel: copies the present truth of what is heard into what the page shows. */
	#look(): void {
		const deck = this.#active;
		if (!deck || !this.track || this.#isOnlyShown) return;
		deck.settle();
		const { element } = deck;
		// a new source begins as it was recorded
		if (element.playbackRate !== this.speed) element.playbackRate = this.speed;
		const before = this.status;
		this.status = deck.status;
		this.#trouble.look(this.status);
		this.durationSeconds = deck.durationSeconds || (this.track.durationMs ?? 0) / 1000;
		if (this.status === 'failed') {
			const code = element.error?.code ?? 0;
			if (before !== 'failed') this.#trouble.explain(audioUrl(deck.track ?? this.track), code);
			return;
		}
		// a jump to the end of what is paused ends it as well
		this.#isHeardToEnd = this.status === 'ended' && (this.#isHeardToEnd || this.#isWanted);
		if (this.status === 'ended') this.#isWanted = false;
		this.positionSeconds = deck.positionSeconds;
		// several tracks may be on the one element
		const aheadSeconds = bufferedUntil(element.buffered, element.currentTime) - element.currentTime;
		this.bufferedSeconds = this.positionSeconds + aheadSeconds;
		this.onLook?.();
		this.#watchJoint(deck);
		this.#watchOverlap(deck);
	}

	/** Without it, which is asked for again, the next track begins at the end. */
	#loadCrossfade(): void {
		if (this.#crossfadeScript) return;
		loadCrossfade().then(
			(script) => this.#beginOverlapping(script),
			() => undefined
		);
	}

	#beginOverlapping(script: typeof import('./crossfade.ts')): void {
		if (this.#crossfadeScript) return;
		this.#crossfadeScript = script;
		const startDelay = (this.startDelay = new script.StartDelay());
		for (const deck of [this.#active, this.#spare]) {
			if (!deck) continue;
			const { element } = deck;
			const isDirect = () =>
				!element.muted && element.volume > 0 && !this.output.isAmplified(element);
			startDelay.watch(element, isDirect);
		}
		this.#learnStartDelay();
	}

	/** Before the first hand-off: nothing else is to begin on time. */
	#learnStartDelay(): void {
		const { isGapless, crossfadeSeconds } = this.transition;
		if (!isGapless || crossfadeSeconds > 0 || !this.canSetVolume) return;
		this.startDelay?.probe(() => this.#environment.createElement());
	}

	/** Goes on before the end when the two are to overlap, and the next one is there. */
	#watchOverlap(former: Deck): void {
		this.#crossfade?.step();
		const next = this.#spare;
		if (this.#isAtOverlap || !next?.track || next.track.id !== this.#upcoming?.id) return;
		if (!this.#crossfadeScript?.isDue(this, { former, next }, this.#joint)) return;
		this.#isAtOverlap = true;
		this.onEnded?.();
		this.#isAtOverlap = false;
	}

	/** Goes on to the track that is joined to this one when it has begun, as at an end. */
	#watchJoint(deck: Deck): void {
		const { next } = deck;
		const place = this.#joint.at(deck, this.status === 'playing' ? this.speed : 0);
		if (this.#isAtJoint) return;
		// that of the next one comes some milliseconds late: nothing is too loud by then
		this.output.expect(deck.element, place === 'far' ? null : next);
		if (place !== 'over' || !this.#isWanted) return;
		const generation = this.#generation;
		this.#isAtJoint = true;
		this.onEnded?.();
		this.#isAtJoint = false;
		// it was joined, and is not to be played after all
		if (generation === this.#generation && next) this.#stopAtJoint(deck);
	}

	/** Nothing follows any more, though something was joined. */
	#stopAtJoint(deck: Deck): void {
		deck.element.pause();
		deck.follow(null);
		deck.seekTo(this.durationSeconds);
	}

	/** Nothing arrives: as good as an error of the element. */
	#stalled(): void {
		this.#crossfade?.end();
		this.#active?.rest();
		this.#isOnlyShown = true;
		this.status = 'failed';
	}
}
