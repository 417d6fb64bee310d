import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Runs ffmpeg with a generated input. */
async function ffmpeg(args: string[]): Promise<void> {
	const command = process.env['FFMPEG_PATH'] || 'ffmpeg';
	const child = spawn(command, ['-nostdin', '-loglevel', 'error', '-y', ...args], {
		stdio: ['ignore', 'inherit', 'inherit']
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

/** For ffmpeg: 96 kHz, 32 bit, stereo. Many bytes to be sent, which are soon listened through. */
export const DENSE = ['-ar', '96000', '-c:a', 'pcm_s32le'];

/** A low hum of some length; the extension of the file decides what it becomes. */
export async function makeAudio(
	file: string,
	{ seconds, frequencyHz }: { seconds: number; frequencyHz: number },
	...more: string[]
): Promise<void> {
	const source = `sine=frequency=${frequencyHz}:duration=${seconds}:sample_rate=44100`;
	await ffmpeg(['-f', 'lavfi', '-i', source, '-ac', '2', ...more, file]);
}

export async function makePicture(file: string): Promise<void> {
	await ffmpeg(['-f', 'lavfi', '-i', 'testsrc=size=640x480', '-frames:v', '1', file]);
}

/** The id our storage gives these bytes: the first 16 hex characters of their SHA-256. */
export async function fileIdOf(file: string): Promise<string> {
	return createHash('sha256')
		.update(await readFile(file))
		.digest('hex')
		.slice(0, 16);
}
