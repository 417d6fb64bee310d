import { audioUrl, type Track } from '#lib/tracks/track.ts';
import type { Level } from './level.ts';
import { Output } from './output.ts';
import { closerReason, firstReason } from './playback-failure.ts';
import { type PlaybackStatus, playbackStatus } from './playback-status.ts';
import { canSetVolume, clampVolume, rememberedVolume, rememberVolume } from './volume.ts';

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
	'ended',
	'error',
	'emptied'
] as const;

const HAVE_METADATA = 1;
const FALLBACK_VOLUME = 0.7;

/** The parts of the browser the player needs; a test brings its own. */
export interface PlayerEnvironment {
	createElement(): HTMLAudioElement;
	isOnline(): boolean;
	closerReason(url: string): Promise<string>;
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
	closerReason
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
	/** why `status` is failed, or why a gesture was not enough; a sentence */
	reason = $state<string | null>(null);
	positionSeconds = $state(0);
	/** of the audio itself once known, before that what the index says; 0: nobody knows */
	durationSeconds = $state(0);
	volume = $state(1);
	/** some platforms leave it to the buttons of the device */
	canSetVolume = $state(true);
	/** counts jumps, so that whoever extrapolates the position (the lock screen) can start anew */
	seekCount = $state(0);

	readonly isGoing = $derived(this.status === 'playing' || this.status === 'loading');

	/** called before anything begins to sound */
	onStart: (() => void) | undefined;
	/** called in the `ended` event itself: what is played in it needs no gesture */
	onEnded: (() => void) | undefined;
	/** called once for each load that fails */
	onFailed: (() => void) | undefined;
	/** asked whether a track is played as a part of its album: that decides how loud it is */
	isInAlbum: ((track: Track) => boolean) | undefined;
	/** called whenever the element was looked at */
	onLook: (() => void) | undefined;

	readonly output = new Output((track) => this.isInAlbum?.(track) ?? false);
	#environment: PlayerEnvironment;
	/** the one that is heard */
	#active: HTMLAudioElement | undefined;
	/** the other one, and what it was given */
	#spare: HTMLAudioElement | undefined;
	#prepared: Track | null = null;
	/** counts sources: an answer that belongs to a former one is dropped */
	#generation = 0;
	/** where this source is to begin; kept until its metadata is there */
	#startAtSeconds: number | undefined;
	/** `track` is only shown: its audio is asked for when it is played */
	#isOnlyShown = false;
	#volumeBeforeMute = FALLBACK_VOLUME;
	#isHeldBack = false;

	constructor(environment: PlayerEnvironment = browser) {
		this.#environment = environment;
	}

	/** Reads what this browser remembers; call once it is one. */
	restore(): void {
		this.volume = rememberedVolume();
		this.output.setVolume(this.volume);
		this.canSetVolume = canSetVolume();
	}

	/** Whether this is the loaded track. */
	has(track: Pick<Track, 'id'>): boolean {
		return this.track?.id === track.id;
	}

	/** Shows a track as paused at a position, and loads nothing before it is played. */
	show(track: Track, positionSeconds: number): void {
		this.#generation += 1;
		this.#active?.pause();
		this.#isOnlyShown = true;
		this.track = track;
		this.reason = null;
		this.status = 'paused';
		this.durationSeconds = (track.durationMs ?? 0) / 1000;
		this.positionSeconds = Math.min(positionSeconds, this.durationSeconds || Infinity);
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
		this.#start();
	}

	/** Plays the track from its beginning, also when it is the loaded one. */
	playAnew(track: Track): void {
		const isHere = this.has(track) && this.status !== 'failed' && !this.#isOnlyShown;
		if (!isHere) this.#load(track, 0);
		else if (this.status !== 'ended') this.seekTo(0);
		this.#start();
	}

	/** Loads into the other element what is to come next. Nothing of it is shown, not its failure. */
	prepare(track: Track): void {
		const spare = this.#spare;
		if (!spare || this.has(track) || this.#prepared?.id === track.id) return;
		this.#prepared = track;
		spare.src = audioUrl(track);
		this.output.assign(spare, track);
	}

	/** What a row's button does: play this track, or pause it when it is playing. */
	toggle(track: Track | null = this.track): void {
		if (!track) return;
		if (this.has(track) && this.isGoing) this.pause();
		else this.play(track);
	}

	pause(): void {
		this.#active?.pause();
		this.#look();
	}

	/** Goes on with what is loaded, also after a failure. Call it inside the gesture. */
	resume(): void {
		if (this.track) this.play(this.track);
	}

	/** Jumps to a position; one asked for too early is kept until this source can take it. */
	seekTo(seconds: number): void {
		if (!this.track || this.status === 'failed') return;
		const end = this.durationSeconds || Infinity;
		const target = Math.min(Math.max(0, seconds), end);
		this.seekCount += 1;
		if (this.#isOnlyShown) {
			this.positionSeconds = target;
			return;
		}
		const element = this.#active;
		if (!element) return;
		if (element.readyState >= HAVE_METADATA) element.currentTime = target;
		else this.#startAtSeconds = target;
		this.#look();
	}

	/** Jumps forward, or back with a negative number. */
	seekBy(seconds: number): void {
		this.seekTo(this.positionSeconds + seconds);
	}

	/** 0 is silence, 1 is full; kept for the next visit. */
	setVolume(volume: number): void {
		this.volume = clampVolume(volume);
		this.output.setVolume(this.volume);
		rememberVolume(this.volume);
	}

	/** Whether everything is to be equally loud; nothing is where no page sets the volume. */
	setLevel(level: Level): void {
		this.output.setLevel(this.canSetVolume ? level : 'off');
	}

	/** Silence, or the volume of before. */
	toggleMute(): void {
		if (this.volume === 0) {
			this.setVolume(this.#volumeBeforeMute);
			return;
		}
		this.#volumeBeforeMute = this.volume;
		this.setVolume(0);
	}

	/** Lets what plays here be heard, or not: another tab may be about to go quiet. */
	holdBack(isHeldBack: boolean): void {
		this.#isHeldBack = isHeldBack;
		for (const element of [this.#active, this.#spare]) {
			if (element) element.muted = isHeldBack;
		}
	}

	/** Gives the elements back: the page is being torn down. */
	dispose(): void {
		this.#generation += 1;
		for (const element of [this.#active, this.#spare]) {
			element?.pause();
			element?.remove();
		}
		this.#active = this.#spare = undefined;
		this.output.dispose();
	}

	#load(track: Track, startAtSeconds: number): void {
		this.#generation += 1;
		this.#isOnlyShown = false;
		this.#startAtSeconds = startAtSeconds > 0 ? startAtSeconds : undefined;
		this.track = track;
		this.reason = null;
		if (!this.#swapFor(track)) this.#elements().src = audioUrl(track);
		this.output.assign(this.#elements(), track);
		this.#look();
	}

	/** Lets the other element be heard when it was given this track. @returns whether it was */
	#swapFor(track: Track): boolean {
		const [former, next] = [this.#active, this.#spare];
		if (!former || !next || this.#prepared?.id !== track.id) return false;
		this.#prepared = null;
		if (next.error) return false;
		former.pause();
		[this.#active, this.#spare] = [next, former];
		return true;
	}

	/** Both are made inside the first gesture, or a phone lets only one of them sound. */
	#elements(): HTMLAudioElement {
		if (!this.#active) {
			this.#spare = this.#createElement();
			this.#spare.load();
		}
		return (this.#active ??= this.#createElement());
	}

	#start(): void {
		const element = this.#active;
		if (!element) return;
		const generation = this.#generation;
		this.reason = null;
		this.onStart?.();
		this.output.wake();
		element.play().catch((cause: unknown) => {
			if (generation !== this.#generation) return;
			// the gesture was not enough for this browser; anything else shows on the element itself
			if (cause instanceof Error && cause.name === 'NotAllowedError') {
				this.reason = 'the browser held the sound back. press play once more';
			}
			this.#look();
		});
		this.#look();
	}

	#createElement(): HTMLAudioElement {
		const element = this.#environment.createElement();
		this.output.assign(element, null);
		element.muted = this.#isHeldBack;
		for (const event of EVENTS) {
			element.addEventListener(event, () => {
				// what the other one says is about what is over, or has yet to begin
				if (element !== this.#active || this.#isOnlyShown) return;
				this.#look();
				if (event === 'ended' && this.status === 'ended') this.onEnded?.();
			});
		}
		return element;
	}

	/** The funnel: copies the element's present truth into what the page shows. */
	#look(): void {
		const element = this.#active;
		if (!element || !this.track || this.#isOnlyShown) return;
		if (this.#startAtSeconds !== undefined && element.readyState >= HAVE_METADATA) {
			element.currentTime = this.#startAtSeconds;
			this.#startAtSeconds = undefined;
		}
		const before = this.status;
		this.status = playbackStatus(element);
		const known = Number.isFinite(element.duration) && element.duration > 0;
		this.durationSeconds = known ? element.duration : (this.track.durationMs ?? 0) / 1000;
		if (this.status === 'failed') {
			if (before !== 'failed') this.#explain(this.track, element.error?.code ?? 0);
			return;
		}
		this.positionSeconds = this.#startAtSeconds ?? element.currentTime;
		this.onLook?.();
	}

	#explain(track: Track, errorCode: number): void {
		const generation = this.#generation;
		this.reason = firstReason(errorCode, this.#environment.isOnline());
		void this.#environment.closerReason(audioUrl(track)).then((reason) => {
			if (generation === this.#generation && this.status === 'failed') this.reason = reason;
		});
		this.onFailed?.();
	}
}
