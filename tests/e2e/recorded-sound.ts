import type { Page } from 'playwright';

/** Samples of a recording, a second. */
export const RECORDING_HZ = 48_000;

const RECORDER = `
registerProcessor('recorder', class extends AudioWorkletProcessor {
	constructor() {
		super();
		// the answer comes after all blocks before it
		this.port.onmessage = () => this.port.postMessage(null);
	}
	process([[samples]]) {
		this.port.postMessage(samples ? samples.slice() : new Float32Array(128));
		return true;
	}
});`;

interface Recorder {
	context: AudioContext;
	blocks: Float32Array[];
	/** resolves when all that was recorded until now is in `blocks`; at first: when it is written down */
	caughtUp(): Promise<unknown>;
}
type Recording = typeof globalThis & { recorded?: Recorder };

/** Is ready to write down, sample by sample, what comes out of all audio elements of the page together. */
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
		const context = new AudioContext({ sampleRate });
		const mix = context.createGain();
		mix.connect(context.destination);
		const blocks: Float32Array[] = [];
		const script = new Blob([recorderScript], { type: 'text/javascript' });
		const node = context.audioWorklet.addModule(URL.createObjectURL(script)).then(() => {
			const recorder = new AudioWorkletNode(context, 'recorder');
			mix.connect(recorder);
			recorder.connect(context.destination);
			return recorder;
		});
		const caughtUp = async () => {
			const { port } = await node;
			await new Promise<void>((resolve) => {
				port.onmessage = ({ data }: MessageEvent<Float32Array | null>) => {
					if (data) blocks.push(data);
					else resolve();
				};
				port.postMessage(null);
			});
		};
		(globalThis as Recording).recorded = { context, blocks, caughtUp };
		const hear = (element: HTMLMediaElement) => {
			if (heard.has(element)) return;
			heard.add(element);
			context.createMediaElementSource(element).connect(mix);
		};
		proto.play = function () {
			hear(this);
			return play.call(this);
		};
		// one that is made ready for later is not to be led here in the moment in which it begins
		proto.load = function () {
			hear(this);
			load.call(this);
		};
	}, recorder);
}

/** Begins to write it down: before anything is played, so that nothing is missed. */
export async function beginRecording(page: Page): Promise<void> {
	const begin = async () => {
		const { recorded } = globalThis as Recording;
		await recorded?.context.resume();
		await recorded?.caughtUp();
	};
	const session = await page.context().newCDPSession(page);
	const { exceptionDetails } = await session.send('Runtime.evaluate', {
		expression: `(${begin.toString()})()`,
		awaitPromise: true,
		// a browser lets a page begin to sound in a gesture only
		userGesture: true
	});
	if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'no recording');
}

/** What was recorded since this was asked last. */
export async function takeRecording(page: Page): Promise<Float32Array> {
	const text = await page.evaluate(async () => {
		const { recorded } = globalThis as Recording;
		await recorded?.caughtUp();
		const blocks = recorded?.blocks.splice(0) ?? [];
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
