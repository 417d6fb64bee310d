/** One page of an ogg file (RFC 3533 §6). */
export interface OggPage {
	start: number;
	end: number;
	/** samples of sound up to the end of the last packet that ends here; -1: none does */
	granule: number;
	serial: number;
	isContinued: boolean;
	/** the lengths of what is in it; 255: it goes on in the next one */
	lacing: Uint8Array;
	bodyStart: number;
}

/** The page whose header is at this byte, whether or not its packets are there; null: there is none. */
export function oggHeaderAt(bytes: Uint8Array, at: number): OggPage | null {
	if (at + 27 > bytes.length || String.fromCharCode(...bytes.subarray(at, at + 4)) !== 'OggS') {
		return null;
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const bodyStart = at + 27 + view.getUint8(at + 26);
	if (bodyStart > bytes.length) return null;
	const lacing = bytes.subarray(at + 27, bodyStart);
	return {
		...{ start: at, lacing, bodyStart },
		end: bodyStart + lacing.reduce((sum, length) => sum + length, 0),
		granule: Number(view.getBigInt64(at + 6, true)),
		serial: view.getUint32(at + 14, true),
		isContinued: (view.getUint8(at + 5) & 1) === 1
	};
}

/** The page whose header is at this byte; null: not all of it is there. */
export function oggPageAt(bytes: Uint8Array, at: number): OggPage | null {
	const page = oggHeaderAt(bytes, at);
	return page && page.end <= bytes.length ? page : null;
}

/** The next whole page from a byte on. */
export function nextOggPage(bytes: Uint8Array, from: number): OggPage | null {
	for (let at = bytes.indexOf(0x4f, from); at >= 0; at = bytes.indexOf(0x4f, at + 1)) {
		const page = oggPageAt(bytes, at);
		if (page) return page;
	}
	return null;
}

/**
 * The packets that end in a page.
 * @param begun what the page before left of one
 */
export function packetsOf(
	bytes: Uint8Array,
	{ lacing, bodyStart }: OggPage,
	begun: Uint8Array[]
): { packets: Uint8Array[][]; begun: Uint8Array[] } {
	const packets: Uint8Array[][] = [];
	let parts = begun;
	let [from, at] = [bodyStart, bodyStart];
	for (const length of lacing) {
		at += length;
		if (length === 255) continue;
		packets.push([...parts, bytes.subarray(from, at)]);
		parts = [];
		from = at;
	}
	return { packets, begun: at > from ? [...parts, bytes.subarray(from, at)] : parts };
}

const SAMPLES_48K_PER_MS = 48;
const SILK_MS = [10, 20, 40, 60];
const CELT_MS = [2.5, 5, 10, 20];

/** How long an opus packet is, in samples at 48 kHz (RFC 6716 §3.1); 0: it is none. */
export function opusSamples(packet: Uint8Array): number {
	const [toc = 0, second = 0] = packet;
	const config = toc >> 3;
	const frameMs =
		config < 12 ? SILK_MS[config & 3] : config < 16 ? [10, 20][config & 1] : CELT_MS[config & 3];
	const code = toc & 3;
	const count = code === 0 ? 1 : code < 3 ? 2 : second & 63;
	return packet.length === 0 ? 0 : (frameMs ?? 0) * SAMPLES_48K_PER_MS * count;
}
