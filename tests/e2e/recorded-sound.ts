import type { Page } from 'playwright';

/** Samples of a recording, a second. */
export const RECORDING_HZ = 48_000;

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
	const recorder = { recorderScript: RECORDER, sampleRate: RECORDING_HZ };
	await page.addInitScript(({ recorderScript, sampleRate }: typeof recorder) => {
		const proto = HTMLMediaElement.prototype;
		const play = Reflect.get<HTMLMediaElement, 'play'>(proto, 'play');
		const load = Reflect.get<HTMLMediaElement, 'load'>(proto, 'load');
		const heard = new WeakSet<HTMLMediaElement>();
		// it is ready before anything sounds, and runs once somebody has pressed play
		const open = () => {
			const context = new AudioContext({ sampleRate });
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
		const hear = (element: HTMLMediaElement) => {
			if (heard.has(element)) return;
			heard.add(element);
			output.context.createMediaElementSource(element).connect(output.mix);
		};
		proto.play = function () {
			hear(this);
			void output.context.resume();
			return play.call(this);
		};
		// one that is made ready for later is not to be led here in the moment in which it begins
		proto.load = function () {
			hear(this);
			load.call(this);
		};
	}, recorder);
}

/** What was recorded since this was asked last. */
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
