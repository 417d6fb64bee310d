import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { Random } from '../../dev/music/random.ts';

const KINDS = ['wav', 'flac', 'mp3', 'aiff'] as const;
type Kind = (typeof KINDS)[number];

/** A wav is long enough to get a smaller file beside it. */
const SECONDS: Record<Kind, number> = { wav: 4, flac: 0.4, mp3: 0.4, aiff: 0.4 };

/** A file an artist has. */
export interface Sound {
	bytes: Buffer;
	sha256: string;
	fileName: string;
	/** no music can be made of it */
	isBroken?: boolean;
}

/** A picture an artist has. */
export interface Picture {
	bytes: Buffer;
	/** what it is known by once it is kept */
	imageId: string;
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Makes short sounds without end: each kind is encoded once, and then changed by a few bytes. */
export class Sounds {
	readonly #bases: Record<Kind, Buffer>;

	private constructor(bases: Record<Kind, Buffer>) {
		this.#bases = bases;
	}

	static async make(): Promise<Sounds> {
		const bases: Partial<Record<Kind, Buffer>> = {};
		for (const kind of KINDS) bases[kind] = await makeSample(kind, { seconds: SECONDS[kind] });
		return new Sounds(bases as Record<Kind, Buffer>);
	}

	/** A file nobody has had. */
	next(random: Random): Sound {
		const kind = random.pick(KINDS);
		return soundOf(kind, this.#vary(kind, random));
	}

	/** One nobody has had either, cut off in the middle or no music from its first byte on. */
	nextBroken(random: Random): Sound {
		const whole = this.#vary('flac', random);
		const bytes = random.chance(0.5)
			? whole.subarray(0, Math.floor(whole.length * 0.7))
			: Buffer.from(`these are words: ${random.next()}`);
		return { ...soundOf('flac', bytes), isBroken: true };
	}

	#vary(kind: Kind, random: Random): Buffer {
		return vary(kind, Buffer.from(this.#bases[kind]), random);
	}
}

function soundOf(kind: Kind, bytes: Buffer): Sound {
	const sha256 = hashOf(bytes);
	return { bytes, sha256, fileName: `${sha256.slice(0, 6)}.${kind}` };
}

function vary(kind: Kind, bytes: Buffer, random: Random): Buffer {
	const noise = Buffer.from(Array.from({ length: 24 }, () => random.between(65, 90)));
	if (kind === 'mp3') return Buffer.concat([bytes, id3v1(noise)]);
	if (kind === 'flac') return withinPadding(bytes, noise);
	// every other one sounds the same though it is another file: both have one rendition
	if (kind === 'aiff' && random.chance(0.5)) return withChunk(bytes, noise);
	const samples = bytes.indexOf(kind === 'wav' ? 'data' : 'SSND') + 16;
	const at = samples + 2 * Math.floor(random.between(0, (bytes.length - samples - 64) / 2));
	noise.copy(bytes, at);
	return bytes;
}

function id3v1(noise: Buffer): Buffer {
	const tag = Buffer.alloc(128);
	tag.write('TAG', 'latin1');
	noise.copy(tag, 33);
	// no genre
	tag[127] = 255;
	return tag;
}

/** Its encoder leaves room for tags: a block of type 1 (RFC 9639 8.3). */
function withinPadding(bytes: Buffer, noise: Buffer): Buffer {
	for (let at = 4; ;) {
		const head = bytes[at] ?? 0x80;
		if ((head & 0x7f) === 1) {
			noise.copy(bytes, at + 8);
			return bytes;
		}
		if (head & 0x80) throw new Error('this flac has no padding');
		at += 4 + bytes.readUIntBE(at + 1, 3);
	}
}

function withChunk(bytes: Buffer, noise: Buffer): Buffer {
	const head = Buffer.alloc(8);
	head.write('XTRA', 'latin1');
	head.writeUInt32BE(noise.length, 4);
	const whole = Buffer.concat([bytes, head, noise]);
	whole.writeUInt32BE(whole.length - 8, 4);
	return whole;
}

/** A few small pictures, which the artists share. */
export async function makePictures(): Promise<Picture[]> {
	return await Promise.all(
		[40, 80, 120, 160, 200].map(async (shade) => {
			const background = { r: shade, g: 255 - shade, b: 90 };
			const create = { width: 120, height: 100, channels: 3 as const, background };
			const bytes = await sharp({ create }).png().toBuffer();
			return { bytes, imageId: hashOf(bytes).slice(0, 16) };
		})
	);
}
