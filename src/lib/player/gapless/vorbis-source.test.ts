import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type GaplessSource, NotGapless } from './gapless-source.ts';
import { OpusSource } from './opus-source.ts';
import { RangeReader } from './ranges.ts';
import { allFrom, bytesOf, ffmpeg, fileFrom, forever, serveBytes } from './testing/served-file.ts';
import { blocksOf } from './testing/read-webm.ts';
import { type Packet, readOgg, writeOgg } from './testing/write-ogg.ts';
import { readVorbisHead } from './vorbis-head.ts';
import { VorbisSource } from './vorbis-source.ts';
import { VorbisTimes } from './vorbis-times.ts';

const RATE_HZ = 44_100;
/** No whole number of blocks. */
const SAMPLES = RATE_HZ * 60 + 12_345;
const MICROSECOND = 0.000_001;
/** Bursts of noise, so that long blocks and short ones follow each other. */
const BURSTS = [
	...['-f', 'lavfi', '-i', 'anoisesrc=r=44100:a=0.5:seed=7'],
	...['-f', 'lavfi', '-i', "aevalsrc='0.02+0.98*lt(mod(t,0.13),0.012)':s=44100"],
	...['-filter_complex', `[0][1]amultiply,atrim=end_sample=${SAMPLES}`]
];

const open = (file: Uint8Array) => VorbisSource.open(serveBytes(file).reader, forever);
const blocksFrom = async (source: GaplessSource, seconds: number) =>
	blocksOf(bytesOf(await allFrom(source, seconds)));

describe('an ogg vorbis put into clusters of webm', () => {
	let dir: string;
	let file: Buffer;
	/** its packets, each with what its pages would count there */
	let packets: Packet[];

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-vorbis-'));
		await ffmpeg(...BURSTS, '-ac', '2', '-q:a', '5', path.join(dir, 'bursts.ogg'));
		file = await readFile(path.join(dir, 'bursts.ogg'));
		packets = counted(readOgg(file));
	});
	after(() => rm(dir, { recursive: true, force: true }));

	const make = async (name: string, ...args: string[]) => {
		await ffmpeg('-i', path.join(dir, 'bursts.ogg'), ...args, path.join(dir, name));
		return readFile(path.join(dir, name));
	};

	/** Each packet with the number of samples up to its end; the last one tells the end. */
	function counted(read: Packet[]): Packet[] {
		const [identification, comments, setup, ...sound] = read;
		assert.ok(identification && comments && setup);
		const headers = [identification, comments, setup].map(({ bytes }) => Uint8Array.from(bytes));
		const times = new VorbisTimes(readVorbisHead(headers[0], headers[2]), {
			sample: 0,
			before: null
		});
		const all = sound.map(({ bytes }) => {
			times.take(bytes);
			return { bytes, granule: times.sample };
		});
		return [
			{ bytes: identification.bytes, granule: 0, endsPage: true },
			{ bytes: comments.bytes, granule: 0 },
			{ bytes: setup.bytes, granule: 0, endsPage: true },
			...all.slice(0, -1),
			{ bytes: all.at(-1)?.bytes ?? new Uint8Array(), granule: SAMPLES }
		];
	}

	/** What a decoder makes of it. */
	async function decoded(bytes: Uint8Array, name: string): Promise<Buffer> {
		const from = path.join(dir, name);
		await writeFile(from, bytes);
		await ffmpeg('-i', from, '-f', 'f32le', `${from}.raw`);
		return readFile(`${from}.raw`);
	}

	it('knows to the sample how much of it is to be heard', async () => {
		for (const args of [[], ['-ac', '1'], ['-q:a', '10'], ['-q:a', '-1']]) {
			const { durationSeconds } = await open(await make('kind.ogg', ...args));
			assert.equal(Math.round(durationSeconds * RATE_HZ), SAMPLES, args.join(' '));
		}
		const { durationSeconds } = await open(await make('slow.ogg', '-ar', '8000', '-ac', '1'));
		assert.ok(Math.abs(durationSeconds - SAMPLES / RATE_HZ) < 1 / 8000);
	});

	it('gives a decoder all it is given by an ogg', async () => {
		const source = await open(file);
		assert.equal(source.mimeType, 'audio/webm; codecs="vorbis"');
		const heard = await decoded(await fileFrom(source, 0), 'clusters.webm');
		const original = await decoded(file, 'again.ogg');
		// what is behind the end is left out by who appends it
		assert.equal(original.length / 8, SAMPLES);
		assert.ok(heard.length >= original.length);
		assert.ok(heard.subarray(0, original.length).equals(original));
	});

	it('lets each packet stand where its sound ends, and the last one just before the end', async () => {
		const source = await open(file);
		const pieces = await allFrom(source, 0);
		for (const { offsetSeconds, endSeconds } of pieces) {
			assert.equal(offsetSeconds, 0);
			assert.equal(endSeconds, SAMPLES / RATE_HZ);
		}
		const blocks = blocksOf(bytesOf(pieces));
		const sound = packets.slice(3);
		assert.deepEqual(
			blocks.map(({ bytes }) => bytes.toString('base64')),
			sound.map(({ bytes }) => Buffer.from(bytes).toString('base64'))
		);
		for (const [index, { from, until }] of blocks.entries()) {
			const next = blocks[index + 1];
			assert.equal(until, next?.from ?? until);
			assert.ok(until > from);
			const granule = sound[index]?.granule ?? NaN;
			const away = Math.abs(from - granule / RATE_HZ);
			assert.ok(next ? away < MICROSECOND : away < 60 * MICROSECOND, `${index}: ${away}`);
		}
		const last = blocks.at(-1);
		assert.ok(last && last.from < SAMPLES / RATE_HZ && last.until >= SAMPLES / RATE_HZ);
	});

	it('finds a place without reading all before it, and counts from there as from the beginning', async () => {
		const all = await blocksFrom(await open(file), 0);
		for (const seconds of [0.1, 7.3, 33.333, 59.9, 60.27, 1e9]) {
			const { reader, asked } = serveBytes(file);
			const source = await VorbisSource.open(reader, forever);
			const blocks = await blocksFrom(source, seconds);
			const [first] = blocks;
			assert.ok(first, `nothing from ${seconds}`);
			assert.deepEqual(blocks, all.slice(-blocks.length));
			const wanted = Math.min(seconds, SAMPLES / RATE_HZ);
			assert.ok(first.from <= wanted && first.from > wanted - 0.2, `${seconds}: ${first.from}`);
			assert.ok(asked.length < 14, asked.join(' '));
		}
	});

	it('keeps no comments, however large, and does not ask for each of their pages', async () => {
		const [identification, comments, setup, ...sound] = packets;
		assert.ok(identification && comments && setup);
		const picture = { bytes: Buffer.alloc(5_000_000, 'a picture'), granule: 0 };
		const large = writeOgg([identification, picture, setup, ...sound]);
		const { reader, asked } = serveBytes(large);
		const source = await VorbisSource.open(reader, forever);
		const plain = await open(file);
		assert.ok(Math.abs(source.initSegment.length - plain.initSegment.length) < 9);
		assert.ok(asked.length < 25, asked.join(' '));
		assert.deepEqual(await blocksFrom(source, 0), await blocksFrom(plain, 0));
	});

	it('reads headers and packets that go over several pages', async () => {
		const small = writeOgg(packets, 7, 2);
		const source = await open(small);
		const plain = await open(file);
		assert.deepEqual(await blocksFrom(source, 0), await blocksFrom(plain, 0));
		const jumped = await blocksFrom(source, 41.5);
		assert.deepEqual(jumped, (await blocksFrom(plain, 0)).slice(-jumped.length));
	});

	it('begins at the beginning of a stream that was cut out of a longer one', async () => {
		const late = packets.map(({ granule, ...packet }, index) => ({
			...{ ...packet, granule: index < 3 ? 0 : granule + 987_654_321 }
		}));
		const source = await open(writeOgg(late));
		assert.equal(Math.round(source.durationSeconds * RATE_HZ), SAMPLES);
		const all = await blocksFrom(await open(file), 0);
		assert.deepEqual(await blocksFrom(source, 0), all);
		const jumped = await blocksFrom(source, 50.5);
		assert.deepEqual(jumped, all.slice(-jumped.length));
	});

	it('leaves out the end of a stream of one page', async () => {
		const few = packets.slice(0, 13);
		const { bytes, granule } = few.at(-1) ?? { bytes: new Uint8Array(), granule: 0 };
		const source = await open(writeOgg([...few.slice(0, -1), { bytes, granule: granule - 50 }]));
		assert.equal(Math.round(source.durationSeconds * RATE_HZ), granule - 50);
		const blocks = await blocksFrom(source, 0);
		assert.equal(blocks.length, 10);
		assert.equal(blocks[0]?.from, 0);
		const last = blocks.at(-1);
		assert.ok(last && last.from < (granule - 50) / RATE_HZ);
		assert.ok(Math.abs(last.until - granule / RATE_HZ) < MICROSECOND);
	});

	it('ends where its packets end when the last page promises more, and before when it ends early', async () => {
		const last = packets.at(-1);
		const before = packets.at(-2);
		const third = packets.at(-3);
		assert.ok(last && before && third);
		const more = [...packets.slice(0, -1), { ...last, granule: SAMPLES + 500_000 }];
		const pieces = await allFrom(await open(writeOgg(more)), 0);
		const end = pieces.at(-1)?.endSeconds ?? NaN;
		assert.ok(end >= SAMPLES / RATE_HZ && end < SAMPLES / RATE_HZ + 0.05, String(end));
		// two packets too many
		const early = [...packets.slice(0, -1), { ...last, granule: third.granule - 5 }];
		const blocks = await blocksFrom(await open(writeOgg(early)), 0);
		assert.deepEqual(blocks.at(-1)?.bytes, Buffer.from(third.bytes));
	});

	it('is described anew each time, so that no decoder goes on from one to the next', async () => {
		const [one, other] = [await open(file), await open(file)];
		assert.ok(!Buffer.from(one.initSegment).equals(Buffer.from(other.initSegment)));
	});

	it('leaves everything else to the browser', async () => {
		const [identification, comments, setup, ...sound] = packets;
		assert.ok(identification && comments && setup);
		const plain = writeOgg(packets);
		const other = writeOgg(packets, 8);
		const changed = (packet: Packet, at: number, value: number): Packet => {
			const bytes = Uint8Array.from(packet.bytes);
			bytes[at] = value;
			return { ...packet, bytes };
		};
		const earlier = sound.map(({ bytes, granule }) => ({ bytes, granule: granule - 100 }));
		const files: [string, Uint8Array][] = [
			['nothing', Buffer.alloc(0)],
			['a letter', Buffer.from('this is a letter, and no sound at all is in it.')],
			['opus', await make('opus.opus')],
			['flac', await make('flac.oga', '-c:a', 'flac')],
			['two streams, one after the other', Buffer.concat([plain, other])],
			['two streams at once', interleaved(plain, other)],
			['half a header', plain.subarray(0, 1_500)],
			['headers alone', writeOgg([identification, comments, setup])],
			[
				'headers and sound in one page',
				writeOgg([identification, comments, { ...setup, endsPage: false }, ...sound])
			],
			['another version', writeOgg([changed(identification, 7, 1), comments, setup, ...sound])],
			['six channels', writeOgg([changed(identification, 11, 6), comments, setup, ...sound])],
			['no channels', writeOgg([changed(identification, 11, 0), comments, setup, ...sound])],
			['blocks of nothing', writeOgg([changed(identification, 28, 0), comments, setup, ...sound])],
			[
				'a setup of zeros',
				writeOgg([
					identification,
					comments,
					{ ...setup, bytes: Uint8Array.from(setup.bytes).fill(0, 7) },
					...sound
				])
			],
			[
				'a setup that breaks off',
				writeOgg([
					identification,
					comments,
					{ ...setup, bytes: setup.bytes.subarray(0, -20) },
					...sound
				])
			],
			[
				'a beginning that is not to be heard',
				writeOgg([identification, comments, setup, ...earlier])
			],
			[
				'a last page that counts nothing',
				writeOgg(packets.map((packet) => ({ ...packet, granule: -1 })))
			]
		];
		for (const [name, bytes] of files) await assert.rejects(open(bytes), NotGapless, name);
	});

	it('stops where its pages do not follow each other', async () => {
		const plain = writeOgg(packets);
		const pages: number[] = [];
		for (let at = plain.indexOf('OggS'); at >= 0; at = plain.indexOf('OggS', at + 1)) {
			pages.push(at);
		}
		const [from = 0, to = 0] = pages.slice(5, 7);
		const broken = [
			Buffer.concat([plain.subarray(0, from), plain.subarray(to)]),
			Buffer.concat([plain.subarray(0, from), Buffer.alloc(200_000), plain.subarray(from)]),
			Buffer.from(plain).fill(9, from + 14, from + 15)
		];
		for (const bytes of broken) await assert.rejects(blocksFrom(await open(bytes), 0), NotGapless);
	});

	it('never fails otherwise, whatever is in a file, nor reads it again and again', async () => {
		const short = writeOgg(packets.slice(0, 400));
		const opus = await make('short.opus', '-t', '3');
		let state = 1;
		const random = (below: number) => {
			state = (state * 1_103_515_245 + 12_345) % 0x8000_0000;
			return (state >> 8) % below;
		};
		for (let i = 0; i < 600; i++) {
			const good = i % 3 === 0 ? opus : short;
			const bytes = Buffer.from(good.subarray(0, good.length - random(3) * random(good.length)));
			const within = random(2) === 0 ? bytes.length : Math.min(bytes.length, 6_000);
			for (let flips = 0; flips < 6; flips++) bytes[random(within)] = random(256);
			const { reader, asked } = serveBytes(bytes);
			try {
				const kind = good === opus ? OpusSource : VorbisSource;
				await allFrom(await kind.open(reader, forever), random(4));
			} catch (cause) {
				assert.ok(cause instanceof NotGapless, String(cause));
			}
			assert.ok(asked.length < 60, `${asked.length} times`);
		}
	});

	it('gives up on comments without an end', async () => {
		const [identification] = packets;
		assert.ok(identification);
		const first = writeOgg([identification]);
		const next = writeOgg([{ bytes: Buffer.alloc(255, 'a'), granule: -1 }], 7, 1).subarray(
			0,
			27 + 1 + 255
		);
		// of a file of hours, made as it is asked for
		const sizeBytes = first.length + next.length * 1_000_000;
		let asked = 0;
		const endless = new RangeReader('/audio/a', null, (_url, from, length) => {
			asked += 1;
			const byteAt = (at: number) =>
				at < first.length ? first[at] : next[(at - first.length) % next.length];
			const bytes = Uint8Array.from({ length }, (_, i) => byteAt(from + i) ?? 0);
			const range = `bytes ${from}-${from + length - 1}/${sizeBytes}`;
			return Promise.resolve(
				new Response(bytes, { status: 206, headers: { 'content-range': range } })
			);
		});
		await assert.rejects(VorbisSource.open(endless, forever), NotGapless);
		assert.ok(asked < 10, String(asked));
	});
});

/** The pages of two files in turns. */
function interleaved(one: Buffer, other: Buffer): Buffer {
	const at = one.indexOf('OggS', 4);
	return Buffer.concat([
		one.subarray(0, at),
		other.subarray(0, at),
		one.subarray(at),
		other.subarray(at)
	]);
}
