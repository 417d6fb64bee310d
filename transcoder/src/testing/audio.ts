import { spawnSync } from 'node:child_process';
import { openSync, closeSync, ftruncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Runs ffmpeg or ffprobe of this machine and returns what it printed; throws what it complained. */
export function runProgram(program: 'ffmpeg' | 'ffprobe', args: readonly string[]): string {
	const { status, stdout, stderr } = spawnSync(program, ['-v', 'error', ...args], {
		encoding: 'utf8',
		maxBuffer: 1 << 28
	});
	if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
	return stdout;
}

/** Makes `name` in `folder` with ffmpeg; `args` are its inputs and options. Returns the path. */
export function makeAudio(folder: string, name: string, args: readonly string[]): string {
	const path = join(folder, name);
	runProgram('ffmpeg', ['-y', ...args, path]);
	return path;
}

/** Input arguments for a tone of 440 Hz. */
export function tone(seconds: number, rateHz = 44_100): string[] {
	return ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${rateHz}:duration=${seconds}`];
}

/** What a wav header says; `formatTag` is 1 for integers and 3 for floats. */
export interface WavShape {
	formatTag: number;
	channels: number;
	rateHz: number;
	bitsPerSample: number;
	dataBytes: number;
}

/** A canonical 44-byte wav header. */
export function wavHeader(shape: WavShape): Buffer {
	const blockBytes = (shape.channels * shape.bitsPerSample) / 8;
	const header = Buffer.alloc(44);
	header.write('RIFF', 0, 'latin1');
	header.writeUInt32LE(Math.min(0xffffffff, 36 + shape.dataBytes), 4);
	header.write('WAVEfmt ', 8, 'latin1');
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(shape.formatTag, 20);
	header.writeUInt16LE(shape.channels, 22);
	header.writeUInt32LE(shape.rateHz, 24);
	header.writeUInt32LE(shape.rateHz * blockBytes, 28);
	header.writeUInt16LE(blockBytes, 32);
	header.writeUInt16LE(shape.bitsPerSample, 34);
	header.write('data', 36, 'latin1');
	header.writeUInt32LE(shape.dataBytes, 40);
	return header;
}

/** Makes a wav file of zeros that takes no room on the disk, whatever its size. */
export function makeSparseWav(folder: string, name: string, shape: WavShape): string {
	const path = join(folder, name);
	const file = openSync(path, 'w');
	const header = wavHeader(shape);
	writeSync(file, header);
	ftruncateSync(file, header.length + shape.dataBytes);
	closeSync(file);
	return path;
}

/** An hour of 8 kHz sound in 29 MB, which takes ffmpeg several seconds to convert to opus. */
export function makeSlowWav(folder: string): string {
	const shape = { formatTag: 1, channels: 1, rateHz: 8000, bitsPerSample: 8 };
	return makeSparseWav(folder, 'slow.wav', { ...shape, dataBytes: 8000 * 3600 });
}
