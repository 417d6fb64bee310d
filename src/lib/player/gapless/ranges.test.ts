import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type askRange, firstBytes, HEAD_BYTES } from './ask-range.ts';
import { concat, RangeReader } from './ranges.ts';
import { forever, reading } from './testing/served-file.ts';

const FILE = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * 7) ^ (i >> 8));

/** A server, and what it was asked for and what nobody wanted to the end. */
function server() {
	const asked: string[] = [];
	const calledOff: string[] = [];
	const answer = (from: number, length: number, breaksAt = Infinity) => {
		const range = `${from}-${Math.min(FILE.length, from + length) - 1}`;
		asked.push(range);
		let at = from;
		const body = new ReadableStream<Uint8Array>(
			{
				pull(stream) {
					if (at >= breaksAt) stream.error(new TypeError('the line broke'));
					else if (at >= from + length || at >= FILE.length) stream.close();
					else {
						const end = Math.min(at + 10_000, from + length, FILE.length);
						stream.enqueue(FILE.slice(at, end));
						at = end;
					}
				},
				cancel: () => void calledOff.push(range)
			},
			{ highWaterMark: 0 }
		);
		const headers = { 'content-range': `bytes ${range}/${FILE.length}` };
		return Promise.resolve(new Response(body, { status: 206, headers }));
	};
	const ask: typeof askRange = (_url, from, length) => answer(from, length);
	return { asked, calledOff, answer, ask };
}

async function read(reader: RangeReader, start: number, patience = false): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	const patient = { ...reading, patience: () => Promise.resolve(patience) };
	for await (const piece of reader.from(start, patient)) pieces.push(piece);
	return concat(pieces);
}

const isFileFrom = (bytes: Uint8Array, start: number) =>
	Buffer.from(bytes).equals(FILE.subarray(start));

describe('a file that is read by ranges', () => {
	const large = firstBytes('wav');

	it('is asked for more at first where its kind is large', () => {
		assert.equal(firstBytes('flac'), large);
		assert.equal(firstBytes('mp3'), HEAD_BYTES);
		assert.ok(large > 4 * HEAD_BYTES);
	});

	it('begins with what has arrived, and reads on in the same answer', async () => {
		const { answer, ask, asked, calledOff } = server();
		const reader = new RangeReader('/audio/a', answer(0, large), ask);
		const head = await reader.read(44, 1_000, forever);
		assert.ok(Buffer.from(head).equals(FILE.subarray(44, 1_044)));
		assert.ok(reader.receivedBytes < HEAD_BYTES + 20_000, String(reader.receivedBytes));
		assert.ok(isFileFrom(await read(reader, 44), 44));
		assert.deepEqual(asked.slice(0, 2), [`0-${large - 1}`, `${large}-${large + 256 * 1024 - 1}`]);
		assert.deepEqual(calledOff, []);
	});

	it('leaves that answer where it goes on elsewhere, or not at all', async () => {
		const jumped = server();
		const reader = new RangeReader('/audio/a', jumped.answer(0, large), jumped.ask);
		assert.ok(isFileFrom(await read(reader, 1_500_000), 1_500_000));
		assert.deepEqual(jumped.calledOff, [`0-${large - 1}`]);
		// and what was read of it serves again
		assert.ok(isFileFrom(await read(reader, 100), 100));

		const stopped = server();
		const other = new RangeReader('/audio/a', stopped.answer(0, large), stopped.ask);
		for await (const _piece of other.from(0, reading)) break;
		assert.deepEqual(stopped.calledOff, [`0-${large - 1}`]);
	});

	it('asks again where that answer broke off, if anybody is patient', async () => {
		// right behind the head, which is full with its seventh chunk, and later
		for (const breaksAt of [70_000, 100_000]) {
			const { answer, ask, asked } = server();
			const reader = new RangeReader('/audio/a', answer(0, large, breaksAt), ask);
			assert.ok(isFileFrom(await read(reader, 0, true), 0));
			assert.equal(asked[1]?.split('-')[0], String(breaksAt));
			const broken = new RangeReader('/audio/a', answer(0, large, breaksAt), ask);
			await assert.rejects(read(broken, 0), TypeError);
		}
	});

	it('is read as before where the first answer is all there is', async () => {
		const { answer, ask, asked } = server();
		const reader = new RangeReader('/audio/a', answer(0, HEAD_BYTES), ask);
		assert.ok(isFileFrom(await read(reader, 10), 10));
		const second = HEAD_BYTES + 256 * 1024;
		assert.deepEqual(asked.slice(0, 3), [
			`0-${HEAD_BYTES - 1}`,
			`${HEAD_BYTES}-${second - 1}`,
			`${second}-${second + 512 * 1024 - 1}`
		]);
	});
});
