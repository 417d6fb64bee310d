import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { flacFrameAt, readFlacInfo } from './flac-frames.ts';
import { NotGapless } from './gapless-source.ts';
import { RangeReader } from './ranges.ts';
import { allFrom, ffmpeg, fileFrom, forever, reading, serveBytes } from './testing/served-file.ts';
import { WavSource } from './wav-source.ts';
import { FRAME_SAMPLES, verbatimFrame } from './write-flac.ts';

const RATE_HZ = 44_100;
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const HEAD_BYTES = 44;

interface Kind {
	channels: number;
	bits: number;
}

const ascii = (text: string) => Buffer.from(text, 'latin1');

function chunk(type: string, body: Uint8Array, size = body.length): Buffer {
	const header = Buffer.alloc(8);
	header.write(type, 'latin1');
	header.writeUInt32LE(size, 4);
	return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

function format({ channels, bits }: Kind, tag = PCM): Buffer {
	const body = Buffer.alloc(16);
	const sampleBytes = (channels * bits) / 8;
	body.writeUInt16LE(tag, 0);
	body.writeUInt16LE(channels, 2);
	body.writeUInt32LE(RATE_HZ, 4);
	body.writeUInt32LE(RATE_HZ * sampleBytes, 8);
	body.writeUInt16LE(sampleBytes, 12);
	body.writeUInt16LE(bits, 14);
	return body;
}

/** @param tag of the kind inside */
function extensible(kind: Kind, tag = PCM): Buffer {
	const more = Buffer.alloc(24);
	more.writeUInt16LE(22, 0);
	more.writeUInt16LE(kind.bits, 2);
	more.writeUInt16LE(tag, 8);
	more.set(Buffer.from('000000001000800000aa00389b71', 'hex'), 10);
	return Buffer.concat([format(kind, EXTENSIBLE), more]);
}

const riff = (...chunks: Uint8Array[]) => {
	const body = Buffer.concat(chunks);
	return chunk('RIFF', Buffer.concat([ascii('WAVE'), body]));
};

const wav = (kind: Kind, pcm: Uint8Array) => riff(chunk('fmt ', format(kind)), chunk('data', pcm));

/** Samples that look like nothing, and among them the loudest and the quietest there are. */
function noise(samples: number, { channels, bits }: Kind): Buffer {
	const pcm = Buffer.alloc((samples * channels * bits) / 8);
	let state = 7;
	for (let i = 0; i < pcm.length; i++) {
		state = (state * 1_103_515_245 + 12_345) % 0x8000_0000;
		pcm[i] = state >> 16;
	}
	pcm.subarray(0, 48).fill(0xff);
	pcm.subarray(48, 96).fill(0);
	pcm.subarray(96, 144).fill(Buffer.from([0, 0, 0x80].slice(-bits / 8)));
	return pcm;
}

/** Floats of the values of these integers of 24 bits. */
function floatsOf(pcm: Buffer, bits: number): Buffer {
	const floats = Buffer.alloc((pcm.length / 3) * (bits / 8));
	for (let i = 0; i < pcm.length / 3; i++) {
		const value = pcm.readIntLE(i * 3, 3) / 2 ** 23;
		if (bits === 32) floats.writeFloatLE(value, i * 4);
		else floats.writeDoubleLE(value, i * 8);
	}
	return floats;
}

const open = (file: Uint8Array, truePeakDbtp?: number) =>
	WavSource.open(serveBytes(file).reader, forever, truePeakDbtp);

describe('a wav put into frames of flac', () => {
	let dir: string;

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-wav-'));
	});
	after(() => rm(dir, { recursive: true, force: true }));

	/** What a decoder makes of it, as samples of the same kind. */
	async function decoded(bytes: Uint8Array, bits: number): Promise<Buffer> {
		const from = path.join(dir, 'fragments.mp4');
		const to = path.join(dir, 'decoded.raw');
		await writeFile(from, bytes);
		const kind = bits === 8 ? 'u8' : `s${bits}le`;
		// a frame whose sum is wrong is an error, too
		await ffmpeg('-err_detect', 'crccheck+explode', '-xerror', '-i', from, '-f', kind, to);
		return readFile(to);
	}

	for (const bits of [8, 16, 24]) {
		for (const channels of [1, 2]) {
			const name = `${bits} bits in ${channels === 1 ? 'one channel' : 'two channels'}`;

			it(`keeps every sample of ${name}, whatever its length`, async () => {
				const whole = [FRAME_SAMPLES, 3 * FRAME_SAMPLES, 40 * FRAME_SAMPLES];
				const odd = [1, 15, 16, 17, 255, 4095, 4097, 8193, 100_003, 300_001];
				for (const samples of [...whole, ...odd]) {
					const pcm = noise(samples, { channels, bits });
					const source = await open(wav({ channels, bits }, pcm));
					assert.equal(source.durationSeconds, samples / RATE_HZ);
					const heard = await decoded(await fileFrom(source, 0), bits);
					assert.ok(heard.equals(pcm), `${samples} samples, ${heard.length} bytes`);
				}
			});
		}
	}

	it('keeps every sample of 32 bits, too, which not every decoder has learned yet', async () => {
		const kind = { channels: 2, bits: 32, rateHz: RATE_HZ };
		const pcm = noise(1_000, kind);
		const frame = Buffer.from(verbatimFrame(0, pcm, kind));
		// two sums at the ends; the sound is in two subframes, each with a byte before it
		const sound = frame.subarray(-2 - 2 * (1 + 1_000 * 4), -2);
		const heard = Buffer.alloc(pcm.length);
		for (const [channel, from] of [1, 1 + 1_000 * 4 + 1].entries()) {
			for (let i = 0; i < 1_000; i++) {
				heard.writeInt32LE(sound.readInt32BE(from + i * 4), i * 8 + channel * 4);
			}
		}
		assert.ok(heard.equals(pcm));
		const source = await open(wav(kind, pcm));
		assert.ok(Buffer.from(await fileFrom(source, 0)).includes(frame));
	});

	for (const bits of [32, 64]) {
		for (const channels of [1, 2]) {
			const name = `floats of ${bits} bits in ${channels === 1 ? 'one channel' : 'two channels'}`;

			it(`makes of ${name} the integers of 24 bits they are, whatever their length`, async () => {
				const kind = { channels, bits };
				for (const samples of [1, 4097, 4 * FRAME_SAMPLES, 100_003]) {
					const pcm = noise(samples, { channels, bits: 24 });
					const body = samples % 2 === 0 ? extensible(kind, FLOAT) : format(kind, FLOAT);
					const sound = chunk('data', floatsOf(pcm, bits));
					const source = await open(riff(chunk('fmt ', body), sound), 0);
					assert.equal(source.durationSeconds, samples / RATE_HZ);
					const heard = await decoded(await fileFrom(source, 0), 24);
					assert.ok(heard.equals(pcm), `${samples} samples, ${heard.length} bytes`);
				}
			});
		}

		it(`takes the nearest integer to a float of ${bits} bits, and none beyond full scale`, async () => {
			const step = 2 ** -23;
			const made = [0.4, 0.6, -0.4, -0.6, 1e6 + 0.25, 1e6 - 0.25, 1e-30].map((one) => one * step);
			const floats = [...made, 1, -1, 1.5, -1.5, 1e30, -1e30, Infinity, -Infinity, NaN];
			const sound = Buffer.alloc((floats.length * bits) / 8);
			for (const [i, float] of floats.entries()) {
				if (bits === 32) sound.writeFloatLE(float, i * 4);
				else sound.writeDoubleLE(float, i * 8);
			}
			const [most, least] = [2 ** 23 - 1, -(2 ** 23)];
			const expected = [0, 1, 0, -1, 1e6, 1e6, 0];
			for (let i = 0; i < 4; i++) expected.push(most, least);
			expected.push(0);
			const fmt = chunk('fmt ', format({ channels: 1, bits }, FLOAT));
			const heard = await decoded(
				await fileFrom(await open(riff(fmt, chunk('data', sound)), 0), 0),
				24
			);
			const values = expected.map((_, i) => heard.readIntLE(i * 3, 3));
			assert.deepEqual(values, expected);
			assert.equal(heard.length, expected.length * 3);
		});
	}

	it('leaves floats to the browser that may go over full scale: an integer would be cut off', async () => {
		const kind = { channels: 2, bits: 32 };
		const sound = chunk('data', floatsOf(noise(1_000, { channels: 2, bits: 24 }), 32));
		const file = riff(chunk('fmt ', format(kind, FLOAT)), sound);
		for (const peak of [0.1, 6, undefined]) {
			await assert.rejects(open(file, peak), NotGapless, `${peak} dBTP`);
		}
		for (const peak of [0, -0.1]) assert.ok(await open(file, peak));
	});

	it('goes to the very frame by arithmetic, without reading what is before', async () => {
		const kind = { channels: 2, bits: 24 };
		const pcm = noise(60 * RATE_HZ, kind);
		const { reader, asked } = serveBytes(wav(kind, pcm));
		const source = await WavSource.open(reader, forever);
		const heard = await decoded(await fileFrom(source, 41.7), 24);
		const frame = Math.floor((41.7 * RATE_HZ) / FRAME_SAMPLES);
		const from = frame * FRAME_SAMPLES * 6;
		assert.ok(heard.equals(pcm.subarray(from)));
		assert.equal(asked[1]?.split('-')[0], String(from + HEAD_BYTES));
		const [piece] = await allFrom(source, 41.7);
		assert.equal(piece?.offsetSeconds, 0);
		assert.equal(piece.endSeconds, 60);
		// the very end, and behind it
		for (const seconds of [59.999_99, 60, 1e9]) {
			const last = await decoded(await fileFrom(source, seconds), 24);
			assert.ok(last.equals(pcm.subarray(-last.length)));
			assert.equal(last.length / 6, (60 * RATE_HZ) % FRAME_SAMPLES);
		}
	});

	it('reads past all other chunks, before the sound and behind it', async () => {
		const kind = { channels: 2, bits: 16 };
		const pcm = noise(10_001, kind);
		const more = [
			chunk('JUNK', Buffer.alloc(28)),
			chunk('bext', Buffer.alloc(603)),
			chunk('iXML', Buffer.alloc(200_001))
		];
		const list = chunk('LIST', Buffer.from('INFOISFT'));
		for (const body of [format(kind), extensible(kind)]) {
			const file = riff(...more, chunk('fmt ', body), list, chunk('data', pcm), list);
			const heard = await decoded(await fileFrom(await open(file), 0), 16);
			assert.ok(heard.equals(pcm));
		}
	});

	it('goes to the end of the file where the size of the sound cannot be', async () => {
		const kind = { channels: 1, bits: 16 };
		const pcm = noise(9_999, kind);
		for (const size of [0, 0xffff_ffff, pcm.length + 1, 0x7fff_ffff]) {
			const file = riff(chunk('fmt ', format(kind)), chunk('data', pcm, size));
			const heard = await decoded(await fileFrom(await open(file), 0), 16);
			assert.ok(heard.equals(pcm), String(size));
		}
	});

	it('reads the long size of an RF64', async () => {
		const kind = { channels: 1, bits: 16 };
		const pcm = noise(9_999, kind);
		const sizes = Buffer.alloc(28);
		sizes.writeBigUInt64LE(BigInt(pcm.length), 8);
		const long = chunk('ds64', sizes);
		const sound = chunk('data', pcm, 0xffff_ffff);
		const behind = chunk('LIST', Buffer.alloc(50));
		const file = riff(long, chunk('fmt ', format(kind)), sound, behind);
		file.write('RF64', 'latin1');
		const heard = await decoded(await fileFrom(await open(file), 0), 16);
		assert.ok(heard.equals(pcm));
	});

	it('leaves out the half of a sample at the end', async () => {
		const kind = { channels: 2, bits: 24 };
		const pcm = noise(5_000, kind);
		const file = riff(chunk('fmt ', format(kind)), chunk('data', pcm.subarray(0, -4)));
		const heard = await decoded(await fileFrom(await open(file), 0), 24);
		assert.ok(heard.equals(pcm.subarray(0, -6)));
	});

	it('reads a file of hours by bounded pieces, and only as far as it is wanted', async () => {
		const sizeBytes = 5 * 3600 * RATE_HZ * 4;
		const head = wav({ channels: 2, bits: 16 }, Buffer.alloc(0));
		head.writeUInt32LE(sizeBytes, HEAD_BYTES - 4);
		const asked: number[] = [];
		const reader = new RangeReader('/audio/a', null, (_url, from, length) => {
			asked.push(length);
			const bytes = new Uint8Array(length);
			if (from === 0) bytes.set(head);
			const range = `bytes ${from}-${from + length - 1}/${HEAD_BYTES + sizeBytes}`;
			return Promise.resolve(
				new Response(bytes, { status: 206, headers: { 'content-range': range } })
			);
		});
		const source = await WavSource.open(reader, forever);
		assert.equal(source.durationSeconds, 5 * 3600);
		let pieces = 0;
		for await (const { bytes } of source.piecesFrom(4 * 3600, reading)) {
			assert.ok(bytes.length < 1024 * 1024, String(bytes.length));
			if (++pieces === 5) break;
		}
		assert.ok(asked.reduce((sum, length) => sum + length, 0) < 4 * 1024 * 1024, asked.join(' '));
	});

	it('numbers its frames as they are counted in flac, also after hours', () => {
		const kind = { channels: 1, bits: 16, rateHz: RATE_HZ };
		const source = readFlacInfo(new Uint8Array(34));
		const info = { ...source, maxBlockSamples: FRAME_SAMPLES };
		const pcm = noise(100, kind);
		for (const number of [0, 127, 128, 2047, 2048, 65_535, 65_536, 2 ** 21, 2 ** 26, 2 ** 31 - 1]) {
			const frame = flacFrameAt(verbatimFrame(number, pcm, kind), 0, info);
			assert.deepEqual(frame, { startsAt: number * FRAME_SAMPLES, samples: 100 });
		}
	});

	it('leaves everything else to the browser', async () => {
		const kind = { channels: 2, bits: 16 };
		const pcm = noise(1_000, kind);
		const good = wav(kind, pcm);
		const of = (...chunks: Buffer[]) => riff(...chunks, chunk('data', pcm));
		const files: [string, Uint8Array][] = [
			['nothing', Buffer.alloc(0)],
			['no wav', Buffer.from('this is a letter, and no sound at all is in it.')],
			['only a beginning', good.subarray(0, 10)],
			['a head without sound', good.subarray(0, HEAD_BYTES)],
			['half a format', good.subarray(0, 22)],
			['no format', of()],
			['a format of no length', of(chunk('fmt ', Buffer.alloc(0)))],
			['floats of 16 bits', of(chunk('fmt ', format({ channels: 2, bits: 16 }, FLOAT)))],
			['floats of 24 bits', of(chunk('fmt ', extensible({ channels: 2, bits: 24 }, FLOAT)))],
			['integers of 12 bits', of(chunk('fmt ', format({ channels: 2, bits: 12 })))],
			['a-law', of(chunk('fmt ', format({ channels: 2, bits: 8 }, 6)))],
			['an mp3 in a wav', of(chunk('fmt ', format(kind, 0x55)))],
			['an unknown extension', of(chunk('fmt ', extensible(kind).fill(1, 26)))],
			['no channels', of(chunk('fmt ', format({ channels: 0, bits: 16 })))],
			['six channels', of(chunk('fmt ', format({ channels: 6, bits: 16 })))],
			['a rate of nothing', of(chunk('fmt ', format(kind).fill(0, 4, 8)))],
			['a rate beyond all', of(chunk('fmt ', format(kind).fill(0xff, 4, 8)))],
			['padded samples', of(chunk('fmt ', format(kind).fill(8, 12, 13)))],
			['chunks without an end', riff(...Array.from({ length: 500 }, () => chunk('JUNK', pcm)))],
			['empty chunks', riff(...Array.from({ length: 5000 }, () => chunk('JUNK', Buffer.alloc(0))))],
			['a chunk beyond the end', riff(chunk('JUNK', pcm, 0xffff_fff0), chunk('data', pcm))]
		];
		for (const [name, file] of files) {
			await assert.rejects(open(file, 0), NotGapless, name);
		}
	});

	it('never fails otherwise, whatever is in a file', async () => {
		const kinds = [
			{ kind: { channels: 2, bits: 16 }, tag: PCM },
			{ kind: { channels: 2, bits: 32 }, tag: FLOAT }
		];
		const files = kinds.map(({ kind, tag }) =>
			riff(chunk('fmt ', format(kind, tag)), chunk('data', noise(3_000, kind)))
		);
		let state = 1;
		const random = (below: number) => {
			state = (state * 1_103_515_245 + 12_345) % 0x8000_0000;
			return (state >> 8) % below;
		};
		for (let i = 0; i < 500; i++) {
			const good = files[i % files.length] ?? assert.fail();
			const file = Buffer.from(good.subarray(0, 1 + random(good.length)));
			for (let flips = 0; flips < 4; flips++) file[random(Math.min(64, file.length))] = random(256);
			try {
				await allFrom(await open(file, 0), random(2));
			} catch (cause) {
				assert.ok(cause instanceof NotGapless, String(cause));
			}
		}
	});
});
