import { randomUUID } from 'node:crypto';
import { streamOf } from '#lib/server/storage/source.ts';
import type { ByteRange } from './ranges.ts';

/** The body of an answer with several ranges, and the headers that describe it. */
export interface MultipartBody {
	contentType: string;
	lengthBytes: number;
	stream: ReadableStream<Uint8Array>;
}

/**
 * Puts ranges of an object into a multipart/byteranges body (RFC 9110 §14.6).
 * @param open reads one range; called for one after the other, when the reader gets there
 */
export function multipartBody(
	object: { sizeBytes: number; contentType: string },
	ranges: ByteRange[],
	open: (range: ByteRange) => Promise<ReadableStream<Uint8Array>>
): MultipartBody {
	const boundary = randomUUID();
	const headOf = (range: ByteRange) =>
		Buffer.from(
			`\r\n--${boundary}\r\n` +
				`content-type: ${object.contentType}\r\n` +
				`content-range: bytes ${range.start}-${range.end}/${object.sizeBytes}\r\n\r\n`
		);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
	const lengthBytes = ranges.reduce(
		(sum, range) => sum + headOf(range).byteLength + range.end - range.start + 1,
		tail.byteLength
	);
	async function* chunks(): AsyncGenerator<Uint8Array, void> {
		for (const range of ranges) {
			yield headOf(range);
			yield* await open(range);
		}
		yield tail;
	}
	const contentType = `multipart/byteranges; boundary=${boundary}`;
	return { contentType, lengthBytes, stream: streamOf(chunks()) };
}
