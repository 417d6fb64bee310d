import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

/** Reads part of an archive. */
export type ReadAt = (offset: number, length: number) => Buffer;

export interface ListedFile {
	name: string;
	sizeBytes: number;
	crc: number;
	/** of its local header */
	offset: number;
}

/** The list at the end of an archive, as a program that unpacks it finds it: from behind. */
export function listZip(readAt: ReadAt, sizeBytes: number): ListedFile[] {
	const end = readAt(sizeBytes - 22, 22);
	assert.equal(end.readUInt32LE(0), 0x06054b50, 'it ends with the end');
	let [count, at] = [end.readUInt16LE(10), end.readUInt32LE(16)];
	if (count === 0xffff || at === 0xffff_ffff) {
		const locator = readAt(sizeBytes - 42, 20);
		assert.equal(locator.readUInt32LE(0), 0x07064b50);
		const large = readAt(Number(locator.readBigUInt64LE(8)), 56);
		assert.equal(large.readUInt32LE(0), 0x06064b50);
		[count, at] = [Number(large.readBigUInt64LE(32)), Number(large.readBigUInt64LE(48))];
	}
	const files: ListedFile[] = [];
	for (let n = 0; n < count; n++) {
		const line = readAt(at, 46);
		assert.equal(line.readUInt32LE(0), 0x02014b50);
		const nameBytes = line.readUInt16LE(28);
		const extraBytes = line.readUInt16LE(30);
		const rest = readAt(at + 46, nameBytes + extraBytes);
		files.push({
			name: rest.toString('utf8', 0, nameBytes),
			crc: line.readUInt32LE(16),
			...sizesOf(line, rest.subarray(nameBytes))
		});
		at += 46 + nameBytes + extraBytes;
	}
	return files;
}

function sizesOf(line: Buffer, extra: Buffer): { sizeBytes: number; offset: number } {
	let [sizeBytes, offset] = [line.readUInt32LE(24), line.readUInt32LE(42)];
	let at = 4;
	if (sizeBytes === 0xffff_ffff) {
		sizeBytes = Number(extra.readBigUInt64LE(at));
		// how large it is packed stands between them
		at += 16;
	}
	if (offset === 0xffff_ffff) offset = Number(extra.readBigUInt64LE(at));
	return { sizeBytes, offset };
}

/** Unpacks a whole archive, and holds every file to its checksum. */
export function readZip(archive: Buffer): Map<string, Buffer> {
	const readAt: ReadAt = (offset, length) => archive.subarray(offset, offset + length);
	const files = new Map<string, Buffer>();
	for (const { name, sizeBytes, crc, offset } of listZip(readAt, archive.length)) {
		const content = contentAt(readAt, { offset, sizeBytes });
		assert.equal(crc32(content), crc, name);
		assert.ok(!files.has(name), `${name} is there once`);
		files.set(name, content);
	}
	return files;
}

/** The bytes of one file. */
export function contentAt(
	readAt: ReadAt,
	{ offset, sizeBytes }: Pick<ListedFile, 'offset' | 'sizeBytes'>
): Buffer {
	const head = readAt(offset, 30);
	assert.equal(head.readUInt32LE(0), 0x04034b50);
	return readAt(offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28), sizeBytes);
}
