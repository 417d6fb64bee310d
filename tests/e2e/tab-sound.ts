import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright';

/** What a browser has to be started with, so that a page may hear what its own tab plays. */
export const HEARS_ITSELF = ['--auto-accept-this-tab-capture'];

const BITS = 32;
const CHANNELS = 2;
const HEAD_BYTES = 44;
const FLOAT = 3;

interface Recording {
	rateHz: number;
	/** left and right, and when they came, block by block */
	blocks: [Float32Array, Float32Array, number][];
}
type Recorded = typeof globalThis & { recordedTab?: Recording };

const RECORDER = `
registerProcessor('tab-recorder', class extends AudioWorkletProcessor {
	blocks = [];
	process([[left = new Float32Array(128), right = left]]) {
		this.blocks.push([left.slice(), right.slice(), Date.now()]);
		// what is recorded is not to be disturbed by hundreds of messages a second
		if (this.blocks.length === 16) this.port.postMessage(this.blocks.splice(0));
		return true;
	}
});`;

/** Runs in the page: begins to write down what comes out of its tab. */
async function record(script: string): Promise<void> {
	const stream = await navigator.mediaDevices.getDisplayMedia({
		preferCurrentTab: true,
		video: true,
		audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
	} as DisplayMediaStreamOptions);
	const [audio] = stream.getAudioTracks();
	if (!audio) throw new Error('the tab is captured without its sound');
	const context = new AudioContext({ sampleRate: audio.getSettings().sampleRate ?? 44_100 });
	const module = new Blob([script], { type: 'text/javascript' });
	await context.audioWorklet.addModule(URL.createObjectURL(module));
	const recorder = new AudioWorkletNode(context, 'tab-recorder', { numberOfOutputs: 0 });
	const blocks: Recording['blocks'] = [];
	recorder.port.onmessage = ({ data }: MessageEvent<Recording['blocks']>) => {
		blocks.push(...data);
	};
	context.createMediaStreamSource(new MediaStream([audio])).connect(recorder);
	(globalThis as Recorded).recordedTab = { rateHz: context.sampleRate, blocks };
}

/** Lets a page's policies allow the recorder; call it before the page is opened. */
export async function allowRecorder(page: Page): Promise<void> {
	const session = await page.context().newCDPSession(page);
	await session.send('Page.setBypassCSP', { enabled: true });
	// no page of the site may capture a screen: this one may, for whoever listens to it
	session.on('Fetch.requestPaused', ({ requestId, responseStatusCode, responseHeaders = [] }) => {
		const others = responseHeaders.filter(
			({ name }) => name.toLowerCase() !== 'permissions-policy'
		);
		void session.send('Fetch.continueResponse', {
			requestId,
			responseCode: responseStatusCode ?? 200,
			responseHeaders: others
		});
	});
	const documents = { resourceType: 'Document', requestStage: 'Response' } as const;
	await session.send('Fetch.enable', { patterns: [documents] });
}

/** Begins to record what comes out of the tab: after all volumes and amplifiers. */
export async function recordTab(page: Page): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const { exceptionDetails } = await session.send('Runtime.evaluate', {
		expression: `(${record.toString()})(${JSON.stringify(RECORDER)})`,
		awaitPromise: true,
		// a browser lets a page hear its tab in a gesture only
		userGesture: true
	});
	if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'no recording');
}

/** What came out of a tab for some time. */
export interface TabSound {
	rateHz: number;
	/** left and right, in turns */
	samples: Float32Array;
	/** when the recorder got them, by the page's `Date.now()`, for each `BLOCK` of them on a channel */
	blockAtMs: number[];
}

/** Samples that come at once. */
export const BLOCK = 128;

/** Gives what was recorded since the last time. */
export async function takeTabSound(page: Page): Promise<TabSound> {
	const { text, ...sound } = await page.evaluate(() => {
		const { rateHz, blocks } = (globalThis as Recorded).recordedTab ?? { rateHz: 0, blocks: [] };
		const taken = blocks.splice(0);
		const samples = new Float32Array(2 * taken.reduce((sum, [left]) => sum + left.length, 0));
		let at = 0;
		for (const [left, right] of taken) {
			for (let i = 0; i < left.length; i++) {
				samples[at++] = left[i] ?? 0;
				samples[at++] = right[i] ?? 0;
			}
		}
		const bytes = new Uint8Array(samples.buffer);
		let binary = '';
		for (let i = 0; i < bytes.length; i += 0x8000) {
			binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
		}
		return { rateHz, text: btoa(binary), blockAtMs: taken.map(([, , atMs]) => atMs) };
	});
	const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
	return { ...sound, samples: new Float32Array(bytes.buffer) };
}

/** Writes what was recorded since the last time as a wav file of float samples. */
export async function saveTabSound(page: Page, file: string): Promise<void> {
	const { rateHz, samples } = await takeTabSound(page);
	const bytes = new Uint8Array(samples.buffer);
	await writeFile(file, Buffer.concat([wavHead(bytes.length, rateHz), bytes]));
}

function wavHead(sizeBytes: number, rateHz: number): Buffer {
	const head = Buffer.alloc(HEAD_BYTES);
	const frameBytes = (CHANNELS * BITS) / 8;
	head.write('RIFF', 0);
	head.writeUInt32LE(HEAD_BYTES - 8 + sizeBytes, 4);
	head.write('WAVEfmt ', 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(FLOAT, 20);
	head.writeUInt16LE(CHANNELS, 22);
	head.writeUInt32LE(rateHz, 24);
	head.writeUInt32LE(rateHz * frameBytes, 28);
	head.writeUInt16LE(frameBytes, 32);
	head.writeUInt16LE(BITS, 34);
	head.write('data', 36);
	head.writeUInt32LE(sizeBytes, 40);
	return head;
}
