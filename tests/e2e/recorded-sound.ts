import type { Page } from 'playwright';

const RECORDER = `
registerProcessor('recorder', class extends AudioWorkletProcessor {
	process([[samples]]) {
		this.port.postMessage(samples ? samples.slice() : new Float32Array(128));
		return true;
	}
});`;

type Recording = typeof globalThis & { recorded?: { rateHz: number; blocks: Float32Array[] } };

/** Writes down, sample by sample, what comes out of all audio elements of the page together. */
export async function recordSound(page: Page): Promise<void> {
	// the recorder is none of the site's own scripts
	const session = await page.context().newCDPSession(page);
	await session.send('Page.setBypassCSP', { enabled: true });
	await page.addInitScript((recorderScript: string) => {
		const proto = HTMLMediaElement.prototype;
		const play = Reflect.get<HTMLMediaElement, 'play'>(proto, 'play');
		const heard = new WeakSet<HTMLMediaElement>();
		// it is ready before anything sounds, and runs once somebody has pressed play
		const open = () => {
			const context = new AudioContext({ sampleRate: 48_000 });
			const mix = context.createGain();
			mix.connect(context.destination);
			const blocks: Float32Array[] = [];
			(globalThis as Recording).recorded = { rateHz: context.sampleRate, blocks };
			const script = new Blob([recorderScript], { type: 'text/javascript' });
			void context.audioWorklet.addModule(URL.createObjectURL(script)).then(() => {
				const recorder = new AudioWorkletNode(context, 'recorder');
				recorder.port.onmessage = ({ data }: MessageEvent<Float32Array>) => blocks.push(data);
				mix.connect(recorder);
				recorder.connect(context.destination);
			});
			return { context, mix };
		};
		const output = open();
		proto.play = function () {
			if (!heard.has(this)) {
				heard.add(this);
				output.context.createMediaElementSource(this).connect(output.mix);
			}
			void output.context.resume();
			return play.call(this);
		};
	}, RECORDER);
}

/** What was recorded since this was asked last, of 48,000 samples a second. */
export async function takeRecording(page: Page): Promise<Float32Array> {
	const text = await page.evaluate(() => {
		const blocks = (globalThis as Recording).recorded?.blocks.splice(0) ?? [];
		const all = new Int16Array(blocks.reduce((sum, block) => sum + block.length, 0));
		let at = 0;
		for (const block of blocks) {
			for (const sample of block) all[at++] = sample * 32_767;
		}
		const bytes = new Uint8Array(all.buffer);
		let binary = '';
		for (let i = 0; i < bytes.length; i += 0x8000) {
			binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
		}
		return btoa(binary);
	});
	const bytes = Buffer.from(text, 'base64');
	const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
	return Float32Array.from(samples, (sample) => sample / 32_767);
}

/** What is found in a recording of one tone. */
export interface Continuity {
	/** from the first sound to the last */
	heardMs: number;
	/** the longest stretch in between that is 20 dB below the tone */
	longestGapMs: number;
	/** how far the tone is shifted at the worst place, in one step */
	longestShiftMs: number;
}

const WINDOW_MS = 1;
/** 20 dB */
const QUIET = 0.1;

/** Looks for gaps and shifts in what should be one tone. */
export function continuityOf(
	samples: Float32Array,
	{ rateHz, toneHz }: { rateHz: number; toneHz: number }
): Continuity {
	const window = (rateHz * WINDOW_MS) / 1000;
	const levels: number[] = [];
	for (let at = 0; at + window <= samples.length; at += window) {
		levels.push(rms(samples.subarray(at, at + window)));
	}
	const tone = levels.toSorted((a, b) => a - b)[Math.floor(levels.length * 0.9)] ?? 0;
	const isLoud = (level: number) => level > tone * QUIET;
	const first = levels.findIndex(isLoud);
	const last = levels.findLastIndex(isLoud);
	let longest = 0;
	let stretch = 0;
	for (const level of levels.slice(first, last + 1)) {
		stretch = isLoud(level) ? 0 : stretch + 1;
		longest = Math.max(longest, stretch);
	}
	const sound = samples.subarray(first * window, (last + 1) * window);
	return {
		heardMs: (last - first + 1) * WINDOW_MS,
		longestGapMs: longest * WINDOW_MS,
		longestShiftMs: (longestStep(phasesOf(sound, rateHz, toneHz)) / toneHz) * 1000
	};
}

const rms = (samples: Float32Array): number =>
	Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** The phase of the tone every ten milliseconds, in turns. */
function phasesOf(samples: Float32Array, rateHz: number, toneHz: number): number[] {
	const window = rateHz / 100;
	const phases: number[] = [];
	for (let from = window; from + 2 * window <= samples.length; from += window) {
		let [real, imaginary] = [0, 0];
		for (let i = from; i < from + window; i++) {
			const angle = (2 * Math.PI * toneHz * i) / rateHz;
			real += (samples[i] ?? 0) * Math.cos(angle);
			imaginary += (samples[i] ?? 0) * Math.sin(angle);
		}
		phases.push(Math.atan2(real, imaginary) / (2 * Math.PI));
	}
	return phases;
}

/** From each phase to the one 30 ms later: in between is the place where it changes. */
function longestStep(phases: readonly number[]): number {
	const steps = phases.slice(3).map((phase, index) => {
		const turn = Math.abs(phase - (phases[index] ?? 0)) % 1;
		return Math.min(turn, 1 - turn);
	});
	return Math.max(0, ...steps);
}
