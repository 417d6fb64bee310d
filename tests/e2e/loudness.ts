import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ffmpegPath = () => process.env['FFMPEG_PATH'] || 'ffmpeg';

/** How loud a file is, by ffmpeg's loudnorm: another meter than the one the product measures with. */
export async function loudnormOf(file: string): Promise<{ lufs: number; truePeakDbtp: number }> {
	const args = ['-nostdin', '-hide_banner', '-i', file, '-af', 'loudnorm=print_format=json'];
	const { stderr } = await run(ffmpegPath(), [...args, '-f', 'null', '-']);
	const printed = /\{[^{}]*"input_i"[^{}]*\}/.exec(stderr)?.[0] ?? assert.fail(stderr);
	const found = JSON.parse(printed) as { input_i: string; input_tp: string };
	return { lufs: Number(found.input_i), truePeakDbtp: Number(found.input_tp) };
}

/** Makes a file of what some source of ffmpeg's says, twice the same on two channels. */
export async function makeSound(file: string, source: string, filters: string): Promise<void> {
	const graph = `${filters},pan=stereo|c0=c0|c1=c0`;
	const input = ['-f', 'lavfi', '-i', source, '-af', graph, '-ar', '44100'];
	await run(ffmpegPath(), ['-nostdin', '-loglevel', 'error', '-y', ...input, file]);
}
