import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Track } from '#lib/tracks/track.ts';
import { Output } from './output.ts';

const track = (lufs: number) =>
	({ loudness: { lufs, truePeakDbtp: lufs }, album: null }) as unknown as Track;
const LOUDER = track(-34);
const QUIETER = track(-8);

/** An amplifier as the browser has it, as far as it is used: no real one runs outside of one. */
class FakeContext {
	state: 'suspended' | 'running' = 'suspended';
	destination = {};
	led: unknown[] = [];
	gains: { gain: { value: number }; connect(): void }[] = [];
	resumes = 0;
	mayResume = true;

	createGain() {
		const node = { gain: { value: 1 }, connect: () => undefined };
		this.gains.push(node);
		return node;
	}

	createMediaElementSource(element: unknown) {
		assert.ok(!this.led.includes(element), 'an element can be led through an amplifier once');
		this.led.push(element);
		return { connect: () => undefined };
	}

	resume() {
		this.resumes += 1;
		if (!this.mayResume) return Promise.reject(new Error('not allowed'));
		this.state = 'running';
		return Promise.resolve();
	}

	close() {
		return Promise.resolve();
	}
}

describe('how loud an element is', () => {
	let context: FakeContext;
	let contexts: number;
	let isInGesture: boolean;
	let output: Output;
	let element: HTMLAudioElement;

	beforeEach(() => {
		Object.assign(globalThis, { AudioContext: FakeContext });
		context = new FakeContext();
		contexts = 0;
		isInGesture = true;
		output = new Output(() => false, {
			createContext: () => {
				contexts += 1;
				return context as unknown as AudioContext;
			},
			isInGesture: () => isInGesture
		});
		output.servesAudio = true;
		output.setLevel('track');
		element = { volume: 1, src: '/audio/1' } as HTMLAudioElement;
	});
	const near = (value: number, expected: number) =>
		assert.ok(Math.abs(value - expected) < 0.001, `${value}, not ${expected}`);

	it('follows from volume and track, and needs no amplifier below its full', () => {
		output.assign(element, QUIETER);
		near(element.volume, 0.501);
		output.setVolume(0.5);
		near(element.volume, 0.501 / 8);
		output.assign(element, LOUDER);
		near(element.volume, 10 / 8 > 1 ? 1 : 10 / 8);
		output.setVolume(0.4);
		output.assign(element, track(-20));
		near(element.volume, 1.995 * 0.064);
	});

	it('goes beyond its full with an amplifier, which is kept and set with every track', () => {
		output.assign(element, LOUDER);
		assert.deepEqual([contexts, context.led.length, element.volume], [1, 1, 1]);
		near(context.gains[0]?.gain.value ?? 0, 10);
		output.assign(element, QUIETER);
		near(element.volume, 0.501);
		near(context.gains[0]?.gain.value ?? 0, 1);
		output.assign(element, LOUDER);
		assert.deepEqual([contexts, context.led.length], [1, 1]);
		near(context.gains[0]?.gain.value ?? 0, 10);
		assert.ok(output.isAmplified(element));
	});

	it('never makes an amplifier as long as none is needed', () => {
		output.assign(element, QUIETER);
		output.setLevel('off');
		output.assign(element, LOUDER);
		output.setVolume(1);
		assert.equal(contexts, 0);
		assert.equal(output.isAmplified(element), false);
	});

	it('is its full where a browser lets nothing be amplified: of another site, or without a gesture', async () => {
		output.servesAudio = false;
		output.assign(element, LOUDER);
		assert.deepEqual([contexts, element.volume], [0, 1]);
		output.servesAudio = true;
		isInGesture = false;
		context.mayResume = false;
		output.assign(element, LOUDER);
		await new Promise(setImmediate);
		assert.deepEqual([context.led.length, element.volume], [0, 1], 'or it would be silent');
		context.mayResume = true;
		output.wake();
		await new Promise(setImmediate);
		assert.equal(context.led.length, 1, 'as soon as it may');
	});

	it('is no louder than either of two that follow each other, just before the one becomes the other', () => {
		output.assign(element, track(-14));
		output.expect(element, QUIETER);
		near(element.volume, 0.501);
		output.assign(element, QUIETER);
		near(element.volume, 0.501);
		output.expect(element, track(-14));
		near(element.volume, 0.501);
		output.assign(element, track(-14));
		near(element.volume, 1);
		output.expect(element, QUIETER);
		output.expect(element, null);
		near(element.volume, 1);
	});

	it('fades with what gives way to it, whatever its track', () => {
		output.assign(element, QUIETER);
		output.fade(element, 0.5);
		near(element.volume, 0.25);
		output.setVolume(0.5);
		near(element.volume, 0.25 / 8);
	});
});
