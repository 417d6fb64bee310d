import { crc32 } from 'node:zlib';
import {
	centralEntry,
	descriptor,
	endOfArchive,
	localHeader,
	type WrittenEntry
} from './zip-records.ts';

/** One file of an archive. */
export interface ZipEntry {
	/** path within the archive, with `/` between its parts */
	name: string;
	modifiedAt: Date;
	/** all of it, or its bytes as they come */
	content: Uint8Array | AsyncIterable<Uint8Array>;
	/** of what comes part by part, when it is known: whatever is not below 4 GiB has to say it */
	sizeBytes?: number;
}

/** From here on a size or an offset does not fit into 32 bits. */
const LARGE = 0xffff_ffff;

/**
 * An archive as it is made: nothing is kept of a file but a line for the list at the end, nothing is
 * compressed (music is already), and bytes are read as they are taken. Zip64 where it has to be (APPNOTE
 * 4.3, 4.5.3), so that files and archives of any size can be in it, and every program that unpacks the
 * others too.
 * @throws whatever the entries throw; Error when a file is not as long as it said
 */
export async function* zip(
	entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>
): AsyncGenerator<Uint8Array, void> {
	const written: WrittenEntry[] = [];
	let offset = 0;
	for await (const entry of entries) {
		const about = aboutEntry(entry, offset);
		const header = localHeader(about);
		yield header;
		offset += header.length;
		if (entry.content instanceof Uint8Array) {
			if (entry.content.length > 0) yield entry.content;
		} else {
			yield* counted(entry.content, about);
			const end = descriptor(about);
			yield end;
			offset += end.length;
		}
		if (entry.sizeBytes !== undefined && entry.sizeBytes !== about.sizeBytes) {
			throw new Error(`${entry.name} has ${about.sizeBytes} bytes, and not ${entry.sizeBytes}`);
		}
		offset += about.sizeBytes;
		written.push(about);
	}
	let listBytes = 0;
	for (const about of written) {
		const line = centralEntry(about);
		yield line;
		listBytes += line.length;
	}
	yield endOfArchive({ count: written.length, listBytes, listAt: offset });
}

function aboutEntry(
	{ name, modifiedAt, content, sizeBytes }: ZipEntry,
	offset: number
): WrittenEntry {
	const isKnown = content instanceof Uint8Array;
	return {
		...{ name: Buffer.from(name), modifiedAt, offset },
		isStreamed: !isKnown,
		isLarge: (sizeBytes ?? 0) >= LARGE,
		crc: isKnown ? crc32(content) : 0,
		sizeBytes: isKnown ? content.length : 0
	};
}

/** Counts what passes; its size and checksum are known behind it. */
async function* counted(
	content: AsyncIterable<Uint8Array>,
	about: WrittenEntry
): AsyncGenerator<Uint8Array, void> {
	for await (const chunk of content) {
		about.crc = crc32(chunk, about.crc);
		about.sizeBytes += chunk.length;
		if (about.sizeBytes >= LARGE && !about.isLarge) {
			throw new Error(`${about.name.toString()} is larger than it said`);
		}
		yield chunk;
	}
}
