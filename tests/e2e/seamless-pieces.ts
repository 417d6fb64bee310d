import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** Of the tone, and how loud it is of 1. */
export const TONE_HZ = 441.3;
const LOUDNESS = 0.5;

/** One tone cut into pieces. */
export interface Pieces {
	name: string;
	extension: string;
	/** for ffmpeg */
	encode: string[];
	sampleRateHz: number;
}

/** Where the pieces end, in seconds: nowhere near a zero of the tone, and in no frame's rhythm. */
export const CUTS_S = [0, 2.0503, 4.1017, 6.1529, 8.2041, 10.2553];

/** One tone of ten seconds, cut in five. @returns the paths of the pieces, in their order */
export async function makePieces(
	dir: string,
	{ name, extension, encode, sampleRateHz }: Pieces
): Promise<string[]> {
	const files: string[] = [];
	for (const [index, fromS] of CUTS_S.slice(0, -1).entries()) {
		const file = path.join(dir, `${name}-${index + 1}.${extension}`);
		const from = Math.round(fromS * sampleRateHz);
		const to = Math.round((CUTS_S[index + 1] ?? 0) * sampleRateHz);
		await encodeSamples(toneOf(from, to, sampleRateHz), sampleRateHz, [...encode, file]);
		files.push(file);
	}
	return files;
}

function toneOf(from: number, to: number, sampleRateHz: number): Buffer {
	const bytes = Buffer.alloc((to - from) * 4);
	for (let i = from; i < to; i++) {
		const sample = LOUDNESS * Math.sin((2 * Math.PI * TONE_HZ * i) / sampleRateHz);
		const value = Math.round(sample * 32_767);
		bytes.writeInt16LE(value, (i - from) * 4);
		bytes.writeInt16LE(value, (i - from) * 4 + 2);
	}
	return bytes;
}

async function encodeSamples(samples: Buffer, rateHz: number, output: string[]): Promise<void> {
	const command = process.env['FFMPEG_PATH'] || 'ffmpeg';
	const input = ['-f', 's16le', '-ar', String(rateHz), '-ac', '2', '-i', 'pipe:0'];
	const child = spawn(command, ['-loglevel', 'error', '-y', ...input, ...output], {
		stdio: ['pipe', 'inherit', 'inherit']
	});
	child.stdin.end(samples);
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}
