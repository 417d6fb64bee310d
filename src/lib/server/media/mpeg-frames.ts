/** Bit rates in kbit/s by their index: ISO 11172-3 (version 1) and 13818-3 (version 2), layer III. */
const LAYER3_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const LAYER3_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES: Record<number, number[]> = {
	3: [44100, 48000, 32000],
	2: [22050, 24000, 16000],
	0: [11025, 12000, 8000]
};

/** Length in bytes of the layer III frame whose header is at `at`; null when there is none. */
function layer3FrameBytes(bytes: Uint8Array, at: number): number | null {
	const [b0 = 0, b1 = 0, b2 = 0] = bytes.subarray(at, at + 3);
	if (b0 !== 0xff || (b1 & 0xe0) !== 0xe0) return null;
	const version = (b1 >> 3) & 3;
	const isLayer3 = ((b1 >> 1) & 3) === 1;
	const sampleRate = SAMPLE_RATES[version]?.[(b2 >> 2) & 3];
	const kbps = (version === 3 ? LAYER3_V1 : LAYER3_V2)[b2 >> 4];
	if (!isLayer3 || !sampleRate || !kbps) return null;
	const padding = (b2 >> 1) & 1;
	return Math.floor(((version === 3 ? 144 : 72) * kbps * 1000) / sampleRate) + padding;
}

/** Length in bytes of the ADTS frame (ISO 13818-7 6.2) whose header is at `at`; null when there is none. */
function adtsFrameBytes(bytes: Uint8Array, at: number): number | null {
	const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
	if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0) return null;
	if (((b2 >> 2) & 15) > 12) return null;
	const length = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
	return length >= 7 ? length : null;
}

/** How many frames in a row, each exactly where the one before it ends, make chance unlikely. */
const FRAMES_IN_A_ROW = 3;

function isChain(
	bytes: Uint8Array,
	start: number,
	frameBytes: (bytes: Uint8Array, at: number) => number | null
): boolean {
	let at = start;
	for (let frame = 0; frame < FRAMES_IN_A_ROW; frame++) {
		// what we were given ends here: the frames seen so far were right
		if (frame > 0 && at + 7 > bytes.byteLength) return true;
		const length = frameBytes(bytes, at);
		if (length === null) return false;
		at += length;
	}
	return true;
}

/**
 * Finds bare MPEG audio: a run of frames that begins within `withinBytes`, since some encoders
 * leave padding or a torn frame in front.
 */
export function findMpegAudio(bytes: Uint8Array, withinBytes = 8192): 'mp3' | 'aac' | null {
	const end = Math.min(withinBytes, bytes.byteLength - 7);
	for (let at = 0; at <= end; at++) {
		if (bytes[at] !== 0xff) continue;
		if (isChain(bytes, at, layer3FrameBytes)) return 'mp3';
		if (isChain(bytes, at, adtsFrameBytes)) return 'aac';
	}
	return null;
}
