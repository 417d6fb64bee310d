import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { startChild, type Child } from '../child.ts';
import { SAMPLE_ARTISTS, type SampleFormat } from './catalogue.ts';
import { patientFetch } from './patient-fetch.ts';

const START_LIMIT_MS = 15_000;
const ENCODE_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 3000;

const listening = z.object({ event: z.literal('transcoder_listening'), url: z.string() });

/** A finished recording in the form it is uploaded in. */
export type Recording = { format: SampleFormat; content: Uint8Array };

function urlOf(service: Child): Promise<string> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new Error('the transcoder did not start')),
			START_LIMIT_MS
		);
		createInterface({ input: service.stdout }).on('line', (line) => {
			const parsed = line.startsWith('{') ? listening.safeParse(JSON.parse(line)) : undefined;
			if (!parsed?.success) return;
			clearTimeout(timer);
			resolve(parsed.data.url);
		});
		void service.exited.then(() => reject(new Error('the transcoder stopped')));
	});
}

/** Makes flac and mp3 of wav by a transcoder of its own; without ffmpeg everything stays wav. */
export class Encoder {
	readonly #service: Child | undefined;
	readonly #url: string;
	readonly #key: string;

	private constructor(service: Child | undefined, url: string, key: string) {
		this.#service = service;
		this.#url = url;
		this.#key = key;
	}

	/** @param ffmpeg path of the program, undefined where there is none */
	static async start(ffmpeg: string | undefined): Promise<Encoder> {
		if (!ffmpeg) return new Encoder(undefined, '', '');
		const key = randomBytes(24).toString('hex');
		const service = startChild([path.resolve('transcoder/src/server.ts')], {
			...process.env,
			FFMPEG_PATH: ffmpeg,
			TRANSCODER_HOST: '127.0.0.1',
			TRANSCODER_PORT: '0',
			TRANSCODER_AUTH_TOKEN: key,
			TRANSCODER_STOP_ON_STDIN_END: 'true',
			// each artist has one recording made at a time
			TRANSCODER_CONCURRENCY: String(SAMPLE_ARTISTS.length)
		});
		service.stderr.pipe(process.stderr, { end: false });
		return new Encoder(service, await urlOf(service), key);
	}

	/** @throws Error with the transcoder's reason */
	async encode(wav: Uint8Array<ArrayBuffer>, format: SampleFormat): Promise<Recording> {
		if (!this.#service || format === 'wav') return { format: 'wav', content: wav };
		const address = `${this.#url}/transcode?target=${format}`;
		const response = await patientFetch(address, ENCODE_LIMIT_MS, {
			method: 'POST',
			headers: { 'x-transcoder-key': this.#key, 'content-type': 'audio/wav' },
			body: wav
		});
		if (!response.ok) {
			throw new Error(`the transcoder answered ${response.status}: ${await response.text()}`);
		}
		return { format, content: await response.bytes() };
	}

	async stop(): Promise<void> {
		await this.#service?.stop(STOP_LIMIT_MS);
	}
}
