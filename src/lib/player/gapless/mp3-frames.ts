/** What one frame of an mp3 says about itself (ISO 11172-3 §2.4.2.3, 13818-3). */
export interface Mp3Frame {
	lengthBytes: number;
	/** in bits each second */
	bitRate: number;
	samples: number;
	sampleRateHz: number;
	/** behind the header, in the first frame: where an encoder leaves its notes */
	sideInfoBytes: number;
}

const KBITS_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES_HZ = [44_100, 48_000, 32_000];
const MPEG1 = 3;
const LAYER_3 = 1;
const MONO = 3;

/** The frame whose header is at this byte; null: there is none. */
export function mp3FrameAt(bytes: Uint8Array, at: number): Mp3Frame | null {
	const [sync, second, third, fourth] = bytes.subarray(at, at + 4);
	if (sync !== 0xff || second === undefined || third === undefined || fourth === undefined) {
		return null;
	}
	const version = (second >> 3) & 3;
	if (second < 0xe0 || version === 1 || ((second >> 1) & 3) !== LAYER_3) return null;
	const isMpeg1 = version === MPEG1;
	const kbits = (isMpeg1 ? KBITS_MPEG1 : KBITS_MPEG2)[third >> 4];
	const rate = RATES_HZ[(third >> 2) & 3];
	// a free bit rate (0) says nothing about the length
	if (!kbits || !rate) return null;
	// MPEG-2 halves it, MPEG-2.5 quarters it
	const sampleRateHz = isMpeg1 ? rate : rate / (version === 2 ? 2 : 4);
	const samples = isMpeg1 ? 1152 : 576;
	const padding = (third >> 1) & 1;
	const isMono = fourth >> 6 === MONO;
	return {
		lengthBytes: Math.floor(((samples / 8) * kbits * 1000) / sampleRateHz) + padding,
		bitRate: kbits * 1000,
		samples,
		sampleRateHz,
		sideInfoBytes: isMpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17
	};
}

/** Where a whole frame is. */
export interface Mp3Place {
	start: number;
	end: number;
}

/**
 * All whole frames in some bytes; what stands between them is left out. A header counts only behind
 * a frame, or when the next one follows it.
 * @param isLast the file ends where these bytes end
 */
export function mp3FramesIn(bytes: Uint8Array, isLast: boolean): Mp3Place[] {
	const places: Mp3Place[] = [];
	let at = 0;
	let isBehindFrame = false;
	while (at + 4 <= bytes.length) {
		const frame: Mp3Frame | null =
			isBehindFrame || isFrame(bytes, at, isLast) ? mp3FrameAt(bytes, at) : null;
		isBehindFrame = frame !== null;
		if (!frame) {
			at += 1;
			continue;
		}
		const end = at + frame.lengthBytes;
		if (end > bytes.length) break;
		places.push({ start: at, end });
		at = end;
	}
	return places;
}

function isFrame(bytes: Uint8Array, at: number, isLast: boolean): boolean {
	const frame = mp3FrameAt(bytes, at);
	if (!frame) return false;
	const next = at + frame.lengthBytes;
	if (next + 4 <= bytes.length) {
		return mp3FrameAt(bytes, next)?.sampleRateHz === frame.sampleRateHz;
	}
	return !isLast || next === bytes.length;
}
