import { open, type FileHandle } from 'node:fs/promises';

const CHUNK_HEADER_BYTES = 8;
const RIFF_HEADER_BYTES = 12;
/** Bytes per second is the third field of `fmt `, 8 bytes into it. */
const FMT_BYTES_READ = 12;
/** What a writer that cannot go back leaves as the size. */
const UNKNOWN_SIZE = 0xffffffff;
/** Chunks before the sound (tags, markers); more than this is not a file anyone wrote. */
const MAX_CHUNKS = 100;

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer | null> {
	const buffer = Buffer.alloc(length);
	const { bytesRead } = await file.read(buffer, 0, length, offset);
	return bytesRead === length ? buffer : null;
}

async function findPromise(file: FileHandle): Promise<number | null> {
	const riff = await readAt(file, 0, RIFF_HEADER_BYTES);
	if (riff?.toString('latin1', 0, 4) !== 'RIFF') return null;
	if (riff.toString('latin1', 8) !== 'WAVE') return null;
	let bytesPerSecond = 0;
	let offset = RIFF_HEADER_BYTES;
	for (let count = 0; count < MAX_CHUNKS; count += 1) {
		const header = await readAt(file, offset, CHUNK_HEADER_BYTES);
		if (header === null) return null;
		const name = header.toString('latin1', 0, 4);
		const sizeBytes = header.readUInt32LE(4);
		const body = offset + CHUNK_HEADER_BYTES;
		if (name === 'fmt ') {
			bytesPerSecond = (await readAt(file, body, FMT_BYTES_READ))?.readUInt32LE(8) ?? 0;
		}
		if (name === 'data') {
			const known = sizeBytes !== 0 && sizeBytes !== UNKNOWN_SIZE && bytesPerSecond > 0;
			return known ? (sizeBytes / bytesPerSecond) * 1000 : null;
		}
		// Chunks begin at even offsets.
		offset = body + sizeBytes + (sizeBytes % 2);
	}
	return null;
}

/**
 * How long a WAV file says its sound is, in milliseconds, by the size of its `data` chunk; null
 * when it is no RIFF WAV or does not say.
 *
 * ffprobe estimates from the bytes that are there when the file is shorter than it says, so a cut
 * file would look whole. Source: Microsoft RIFF specification 1.0, chapter 3.
 */
export async function wavPromisedMs(path: string): Promise<number | null> {
	const file = await open(path, 'r');
	try {
		return await findPromise(file);
	} finally {
		await file.close();
	}
}
