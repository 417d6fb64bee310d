import { samplesIn } from './dsp/sample-rate.ts';
import { addEcho, type EchoTone } from './effects/echo.ts';
import { addReverb, type Room } from './effects/reverb.ts';
import { addTo, silence, type Stereo } from './stereo.ts';

export type Place = {
	level: number;
	/** -1 left … 1 right */
	pan?: number;
	/** how much of it the room hears */
	room?: number;
	/** how much of it is echoed */
	echo?: number;
};

/** A mixing desk: sounds are placed in time and space, the room and the echo are shared. */
export class Mixer {
	readonly seconds: number;
	readonly #direct: Stereo;
	readonly #toRoom: Float32Array;
	readonly #toEcho: Float32Array;

	constructor(seconds: number) {
		this.seconds = seconds;
		const length = samplesIn(seconds);
		this.#direct = silence(length);
		this.#toRoom = new Float32Array(length);
		this.#toEcho = new Float32Array(length);
	}

	add(sound: Float32Array, atSeconds: number, place: Place): void {
		const from = Math.round(samplesIn(1) * atSeconds);
		const angle = ((place.pan ?? 0) + 1) * (Math.PI / 4);
		addTo(this.#direct.left, sound, from, place.level * Math.cos(angle));
		addTo(this.#direct.right, sound, from, place.level * Math.sin(angle));
		if (place.room) addTo(this.#toRoom, sound, from, place.level * place.room);
		if (place.echo) addTo(this.#toEcho, sound, from, place.level * place.echo);
	}

	/** The finished mix, not yet mastered. Call it once. */
	mix(room: Room, echo?: EchoTone): Stereo {
		if (echo) {
			addEcho(this.#direct, this.#toEcho, echo, 0.7);
			addTo(this.#toRoom, this.#toEcho, 0, 0.3);
		}
		addReverb(this.#direct, this.#toRoom, room, 0.35);
		return this.#direct;
	}
}
