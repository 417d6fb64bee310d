import { enoughSeconds } from '#lib/plays/play-rules.ts';

/** The rule of plays, as everywhere: this much, or half of a shorter track. */
const ENOUGH_SECONDS = enoughSeconds(0);

/**
 * The script of a player within another page. Its own text is what travels, so it uses nothing but
 * the browser: no storage, no cookies, nothing that a sandboxed frame refuses. Without it the page
 * shows the browser's own controls.
 */
export class EmbedPlayer {
	readonly #page: Document;
	readonly #audio: HTMLAudioElement;
	readonly #rows: HTMLElement[];
	readonly #seek: HTMLInputElement;
	readonly #enough: number;
	#at = 0;
	#heard = 0;
	#lastPosition = 0;
	#isReported = false;
	/** where to begin, until it has begun */
	#start: number;

	constructor(page: Document, enough: number) {
		this.#page = page;
		this.#enough = enough;
		this.#audio = this.#one('audio', HTMLAudioElement);
		this.#seek = this.#one('#seek', HTMLInputElement);
		this.#rows = [...page.querySelectorAll<HTMLElement>('[data-audio]')];
		this.#start = Number(this.#audio.dataset['start'] ?? 0);
		this.#audio.controls = false;
		page.documentElement.classList.add('scripted');
		this.#listen();
		this.#show();
	}

	#one<T extends Element>(selector: string, kind: new () => T): T {
		const found = this.#page.querySelector(selector);
		if (!(found instanceof kind)) throw new Error(`there is no ${selector}`);
		return found;
	}

	#listen() {
		const audio = this.#audio;
		this.#one('#toggle', HTMLButtonElement).addEventListener('click', () => this.#toggle());
		for (const [index, row] of this.#rows.entries()) {
			row.querySelector('button')?.addEventListener('click', () => {
				if (index === this.#at) this.#toggle();
				else this.#open(index);
			});
		}
		this.#seek.addEventListener('input', () => {
			const seconds = (Number(this.#seek.value) / 1000) * this.#duration();
			// nothing is loaded before the first press
			if (audio.readyState === 0) this.#start = seconds;
			else audio.currentTime = seconds;
			this.#show();
		});
		audio.addEventListener('loadedmetadata', () => {
			if (this.#start > 0 && this.#start < this.#duration()) audio.currentTime = this.#start;
			this.#start = 0;
		});
		audio.addEventListener('timeupdate', () => {
			this.#count();
			this.#show();
		});
		for (const event of ['play', 'pause', 'durationchange', 'seeked']) {
			audio.addEventListener(event, () => this.#show());
		}
		audio.addEventListener('ended', () => {
			if (this.#at + 1 < this.#rows.length) this.#open(this.#at + 1);
		});
		audio.addEventListener('error', () => this.#say('this track could not be played'));
	}

	#toggle() {
		const audio = this.#audio;
		if (!audio.paused) {
			audio.pause();
			return;
		}
		this.#say('');
		audio.play().catch((cause: unknown) => {
			const isRefused = cause instanceof DOMException && cause.name === 'NotAllowedError';
			if (isRefused) this.#say('your browser does not allow sound here');
		});
	}

	#open(index: number) {
		const row = this.#rows[index];
		if (!row) return;
		this.#at = index;
		this.#start = 0;
		this.#heard = 0;
		this.#isReported = false;
		this.#audio.src = row.dataset['audio'] ?? '';
		this.#toggle();
		this.#say(`playing ${row.dataset['title'] ?? ''}`);
	}

	/** As the index has it until the file says it itself. */
	#duration(): number {
		const measured = this.#audio.duration;
		const known = Number(this.#rows[this.#at]?.dataset['seconds'] ?? 0);
		return Number.isFinite(measured) && measured > 0 ? measured : known;
	}

	#position(): number {
		return this.#audio.readyState === 0 ? this.#start : this.#audio.currentTime;
	}

	/** Only what was really heard counts: a jump moves further than a player that goes on. */
	#count() {
		const position = this.#audio.currentTime;
		const moved = position - this.#lastPosition;
		this.#lastPosition = position;
		if (moved < 0 && position < 1) {
			this.#heard = 0;
			this.#isReported = false;
		}
		if (moved > 0 && moved < 2 && !this.#audio.paused) this.#heard += moved;
		const duration = this.#duration();
		const enough = duration > 0 ? Math.min(this.#enough, duration / 2) : this.#enough;
		if (this.#isReported || this.#heard < enough) return;
		this.#isReported = true;
		const id = this.#rows[this.#at]?.dataset['id'];
		// no answer is needed, and none can be read in a sandbox; a play that is lost is lost
		fetch(`/api/tracks/${id}/play`, { method: 'POST', mode: 'no-cors', keepalive: true }).catch(
			() => undefined
		);
	}

	#show() {
		const isPlaying = !this.#audio.paused;
		const duration = this.#duration();
		const share = duration > 0 ? Math.min(1, this.#position() / duration) : 0;
		const toggle = this.#one('#toggle', HTMLButtonElement);
		toggle.ariaLabel = isPlaying ? 'pause' : 'play';
		this.#page.documentElement.classList.toggle('playing', isPlaying);
		this.#seek.value = String(Math.round(share * 1000));
		const words = `${this.#clock(this.#position())} of ${this.#clock(duration)}`;
		this.#seek.ariaValueText = words;
		this.#one('#time', HTMLElement).textContent = words.replace(' of ', ' / ');
		this.#page.querySelector('#played')?.setAttribute('width', `${share * 100}%`);
		for (const [index, row] of this.#rows.entries()) {
			row.ariaCurrent = index === this.#at ? 'true' : null;
			const button = row.querySelector('button');
			const isThis = index === this.#at && isPlaying;
			if (button) button.ariaLabel = `${isThis ? 'pause' : 'play'} ${row.dataset['title'] ?? ''}`;
		}
	}

	#clock(seconds: number): string {
		const whole = Math.floor(seconds);
		return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
	}

	#say(text: string) {
		this.#one('#said', HTMLElement).textContent = text;
	}
}

/** What stands in the page: the class, and one of it. */
export const embedScript = `'use strict';new (${EmbedPlayer.toString()})(document,${ENOUGH_SECONDS});`;
