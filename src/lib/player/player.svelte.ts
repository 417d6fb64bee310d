import { audioUrl, type Track } from '#lib/tracks/track.ts';
import { closerReason, firstReason } from './playback-failure.ts';
import { type PlaybackStatus, playbackStatus } from './playback-status.ts';
import { clampVolume, rememberedVolume, rememberVolume } from './volume.ts';

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
 * The one owner of the one audio element: every play, pause and seek of the product goes through
 * here. It starts sound only inside a call made by a person's gesture in this tab, never by itself.
 *
 * Made once, in the root layout, so playback outlives navigation; the element itself is made at
 * the first `play`, in the browser.
 */
export class Player {
	/** what is loaded, or null before the first `play` */
	track = $state.raw<Track | null>(null);
	status = $state<PlaybackStatus>('idle');
	/** why `status` is failed, or why a gesture was not enough; a sentence */
	reason = $state<string | null>(null);
	positionSeconds = $state(0);
	/** of the audio itself once known, before that what the index says; 0: nobody knows */
	durationSeconds = $state(0);
	volume = $state(1);
	/** counts jumps, so that whoever extrapolates the position (the lock screen) can start anew */
	seekCount = $state(0);

	readonly isGoing = $derived(this.status === 'playing' || this.status === 'loading');

	#environment: PlayerEnvironment;
	#element: HTMLAudioElement | undefined;
	/** counts sources: an answer that belongs to a former one is dropped */
	#generation = 0;
	/** where this source is to begin; kept until its metadata is there */
	#startAtSeconds: number | undefined;

	constructor(environment: PlayerEnvironment = browser) {
		this.#environment = environment;
	}

	/** Reads what this browser remembers; call once it is one. */
	restore(): void {
		this.volume = rememberedVolume();
	}

	/** Whether this is the loaded track. */
	has(track: Pick<Track, 'id'>): boolean {
		return this.track?.id === track.id;
	}

	/**
	 * Plays the track: from its beginning if it is not the loaded one, else on from where it is,
	 * with a fresh load if it had failed. Call it inside the gesture.
	 */
	play(track: Track): void {
		if (!this.has(track)) this.#load(track, 0);
		else if (this.status === 'failed') this.#load(track, this.positionSeconds);
		this.#start();
	}

	/** What a row's button does: play this track, or pause it when it is playing. */
	toggle(track: Track | null = this.track): void {
		if (!track) return;
		if (this.has(track) && this.isGoing) this.pause();
		else this.play(track);
	}

	pause(): void {
		this.#element?.pause();
		this.#look();
	}

	/** Goes on with what is loaded, also after a failure. Call it inside the gesture. */
	resume(): void {
		if (this.track) this.play(this.track);
	}

	/** Jumps to a position; one asked for too early is kept until this source can take it. */
	seekTo(seconds: number): void {
		const element = this.#element;
		if (!element || !this.track || this.status === 'failed') return;
		const end = this.durationSeconds || Infinity;
		const target = Math.min(Math.max(0, seconds), end);
		if (element.readyState >= HAVE_METADATA) element.currentTime = target;
		else this.#startAtSeconds = target;
		this.seekCount += 1;
		this.#look();
	}

	/** Jumps forward, or back with a negative number. */
	seekBy(seconds: number): void {
		this.seekTo(this.positionSeconds + seconds);
	}

	/** 0 is silence, 1 is full; kept for the next visit. */
	setVolume(volume: number): void {
		this.volume = clampVolume(volume);
		if (this.#element) this.#element.volume = this.volume;
		rememberVolume(this.volume);
	}

	/** Gives the element back: the page is being torn down. */
	dispose(): void {
		this.#generation += 1;
		this.#element?.pause();
		this.#element?.remove();
		this.#element = undefined;
	}

	#load(track: Track, startAtSeconds: number): void {
		const element = (this.#element ??= this.#createElement());
		this.#generation += 1;
		this.#startAtSeconds = startAtSeconds > 0 ? startAtSeconds : undefined;
		this.track = track;
		this.reason = null;
		element.src = audioUrl(track);
		element.volume = this.volume;
		this.#look();
	}

	#start(): void {
		const element = this.#element;
		if (!element) return;
		const generation = this.#generation;
		this.reason = null;
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
		for (const event of EVENTS) element.addEventListener(event, () => this.#look());
		return element;
	}

	/** The funnel: copies the element's present truth into what the page shows. */
	#look(): void {
		const element = this.#element;
		if (!element || !this.track) return;
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
	}

	#explain(track: Track, errorCode: number): void {
		const generation = this.#generation;
		this.reason = firstReason(errorCode, this.#environment.isOnline());
		void this.#environment.closerReason(audioUrl(track)).then((reason) => {
			if (generation === this.#generation && this.status === 'failed') this.reason = reason;
		});
	}
}
