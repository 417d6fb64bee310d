import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { askRange } from '../ask-range.ts';
import type { GaplessSource, Piece } from '../gapless-source.ts';
import { concat, RangeReader } from '../ranges.ts';

const run = promisify(execFile);

export const ffmpeg = (...args: string[]) =>
	run(process.env['FFMPEG_PATH'] || 'ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args]);

export const forever = new AbortController().signal;

/** Nobody waits, and nothing is tried again. */
export const reading = {
	signal: forever,
	room: () => Promise.resolve(),
	patience: () => Promise.resolve(false)
};

/** Answers ranges of some bytes as a server does, and notes them. */
export function serveBytes(file: Uint8Array) {
	const asked: string[] = [];
	const answer: typeof askRange = (_url, from, length) => {
		asked.push(`${from}-${from + length - 1}`);
		const part = Uint8Array.from(file.subarray(from, from + length));
		const end = from + part.length - 1;
		const headers = { 'content-range': `bytes ${from}-${end}/${file.length}` };
		return Promise.resolve(new Response(part, { status: 206, headers }));
	};
	return { reader: new RangeReader('/audio/a', null, answer), asked };
}

/** Answers ranges of a file. */
export const serveFile = async (file: string) => serveBytes(await readFile(file));

/** All pieces of a source from a position on. */
export async function allFrom(source: GaplessSource, seconds: number): Promise<Piece[]> {
	const pieces: Piece[] = [];
	for await (const piece of source.piecesFrom(seconds, reading)) pieces.push(piece);
	return pieces;
}

export const bytesOf = (pieces: readonly Piece[]) => concat(pieces.map(({ bytes }) => bytes));

/** What a browser is given of a source, as one file. */
export async function fileFrom(source: GaplessSource, seconds: number): Promise<Uint8Array> {
	const pieces = await allFrom(source, seconds);
	return concat([source.initSegment ?? new Uint8Array(), bytesOf(pieces)]);
}
