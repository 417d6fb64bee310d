import type { Track } from '#lib/tracks/track.ts';
import { amplitudeOfVolume, type Level, levelGain } from './level.ts';

/** The parts of the browser it needs; a test brings its own. */
export interface OutputEnvironment {
	createContext(): AudioContext;
	/** a person has just done something here: sound may begin */
	isInGesture(): boolean;
}

const browser: OutputEnvironment = {
	createContext: () => new AudioContext({ latencyHint: 'playback' }),
	isInGesture: () => (navigator as Partial<Navigator>).userActivation?.isActive ?? false
};

/** How loud one element is. */
interface Voice {
	/** for what it plays */
	gain: number;
	/** 0..1 */
	fade: number;
	amplifier?: GainNode;
}

/** What one element plays, and what is about to go on there. */
interface Played {
	track: Track | null;
	next: Track | null;
}

/**
 * How loud each audio element is: by the volume, and by the loudness of what it plays. An element
 * does that by itself as long as it is not to be louder than its recording, and so goes on when
 * the screen is locked. Only what is to be louder is led through an amplifier, and then for good:
 * a browser does not undo that.
 */
export class Output {
	/** our server sends the audio itself: a browser amplifies nothing of other sites */
	servesAudio = false;

	#volume = 1;
	#level: Level = 'off';
	#context: AudioContext | undefined;
	readonly #voices = new Map<HTMLAudioElement, Voice & Played>();
	readonly #isInAlbum: (track: Track) => boolean;
	readonly #environment: OutputEnvironment;

	/** @param isInAlbum whether a track is played as a part of its album */
	constructor(isInAlbum: (track: Track) => boolean, environment: OutputEnvironment = browser) {
		this.#isInAlbum = isInAlbum;
		this.#environment = environment;
	}

	/** From now on this element plays that track; null: it has none yet. */
	assign(element: HTMLAudioElement, track: Track | null): void {
		const voice = this.#voices.get(element) ?? { fade: 1, gain: 1, track, next: null };
		Object.assign(voice, { track, next: null });
		voice.gain = this.#gainOf(voice);
		this.#voices.set(element, voice);
		this.#apply(element, voice);
	}

	/** A track is about to go on here with no gap: until it does, no louder than either; null: none is. */
	expect(element: HTMLAudioElement, next: Track | null): void {
		const voice = this.#voices.get(element);
		if (!voice || voice.next === next) return;
		voice.next = next;
		voice.gain = this.#gainOf(voice);
		this.#apply(element, voice);
	}

	/** How much of an element is heard, 0..1, while it gives way to another one or comes in. */
	fade(element: HTMLAudioElement, fade: number): void {
		const voice = this.#voices.get(element);
		if (!voice) return;
		voice.fade = fade;
		this.#apply(element, voice);
	}

	/** Whether an element is led through an amplifier, which takes it some time. */
	isAmplified(element: HTMLAudioElement): boolean {
		return this.#voices.get(element)?.amplifier !== undefined;
	}

	/** @param volume 0..1, as people set it */
	setVolume(volume: number): void {
		this.#volume = volume;
		this.#applyAll();
	}

	setLevel(level: Level): void {
		this.#level = level;
		for (const voice of this.#voices.values()) voice.gain = this.#gainOf(voice);
		this.#applyAll();
	}

	/** Call it when anything is to sound: a phone call may have put the amplifier to sleep. */
	wake(): void {
		if (this.#context && this.#context.state !== 'running') this.#resume(this.#context);
	}

	dispose(): void {
		this.#voices.clear();
		void this.#context?.close();
	}

	#gainOf({ track, next }: Played): number {
		const gains = [track, next].map((one) =>
			one ? levelGain(one, this.#level, this.#isInAlbum(one)) : Infinity
		);
		return track ? Math.min(...gains) : 1;
	}

	#applyAll(): void {
		for (const [element, voice] of this.#voices) this.#apply(element, voice);
	}

	#apply(element: HTMLAudioElement, voice: Voice): void {
		const amplitude = amplitudeOfVolume(this.#volume) * voice.gain * voice.fade;
		if (amplitude > 1 && !voice.amplifier) this.#amplify(element, voice);
		element.volume = Math.min(1, amplitude);
		if (voice.amplifier) voice.amplifier.gain.value = Math.max(1, amplitude);
	}

	/** Where that is not possible (yet) the element is as loud as it goes. */
	#amplify(element: HTMLAudioElement, voice: Voice): void {
		if (!this.servesAudio || !('AudioContext' in globalThis)) return;
		const context = (this.#context ??= this.#environment.createContext());
		const mayRun = context.state === 'running' || this.#environment.isInGesture();
		if (context.state !== 'running') this.#resume(context);
		// an element that is led to where nothing runs would be silent
		if (!mayRun) return;
		voice.amplifier = context.createGain();
		context.createMediaElementSource(element).connect(voice.amplifier);
		voice.amplifier.connect(context.destination);
	}

	#resume(context: AudioContext): void {
		// refused until somebody does something here: then it is tried again
		context.resume().then(
			() => this.#applyAll(),
			() => undefined
		);
	}
}
