/** What is known of a file that is in an archive. Numbers are little-endian; APPNOTE.TXT 6.3.10 says what is where. */
export interface WrittenEntry {
	/** utf-8 */
	name: Buffer;
	modifiedAt: Date;
	/** of its local header */
	offset: number;
	/** its size and checksum follow its content */
	isStreamed: boolean;
	/** its size needs 64 bits */
	isLarge: boolean;
	crc: number;
	sizeBytes: number;
}

const LARGE = 0xffff_ffff;
const MANY = 0xffff;

/** The names are utf-8 */
const UTF8 = 1 << 11;
/** size and checksum follow the content */
const DESCRIPTOR = 1 << 3;
const VERSION = 20;
const VERSION_ZIP64 = 45;
/** made on a system that has file modes, which are those of a plain file everybody may read */
const MADE_BY_UNIX = 3 << 8;
const PLAIN_FILE = 0o100644 * 0x10000;
const ZIP64_EXTRA = 0x0001;

const versionOf = ({ isLarge }: WrittenEntry) => (isLarge ? VERSION_ZIP64 : VERSION);
const flagsOf = ({ isStreamed }: WrittenEntry) => UTF8 | (isStreamed ? DESCRIPTOR : 0);

/** 4.3.7: what stands before the content. */
export function localHeader(entry: WrittenEntry): Buffer {
	const { name, isStreamed, isLarge, crc, sizeBytes } = entry;
	const extra = isLarge ? zip64Extra([0, 0]) : Buffer.alloc(0);
	const head = Buffer.alloc(30);
	const known = isStreamed ? 0 : sizeBytes;
	head.writeUInt32LE(0x0403_4b50, 0);
	head.writeUInt16LE(versionOf(entry), 4);
	head.writeUInt16LE(flagsOf(entry), 6);
	writeTime(head, 10, entry.modifiedAt);
	head.writeUInt32LE(isStreamed ? 0 : crc, 14);
	head.writeUInt32LE(isLarge ? LARGE : known, 18);
	head.writeUInt32LE(isLarge ? LARGE : known, 22);
	head.writeUInt16LE(name.length, 26);
	head.writeUInt16LE(extra.length, 28);
	return Buffer.concat([head, name, extra]);
}

/** 4.3.9: what stands behind a content whose size was not known before. */
export function descriptor({ isLarge, crc, sizeBytes }: WrittenEntry): Buffer {
	const end = Buffer.alloc(isLarge ? 24 : 16);
	end.writeUInt32LE(0x0807_4b50, 0);
	end.writeUInt32LE(crc, 4);
	if (isLarge) {
		end.writeBigUInt64LE(BigInt(sizeBytes), 8);
		end.writeBigUInt64LE(BigInt(sizeBytes), 16);
	} else {
		end.writeUInt32LE(sizeBytes, 8);
		end.writeUInt32LE(sizeBytes, 12);
	}
	return end;
}

/** 4.3.12: its line in the list at the end. */
export function centralEntry(entry: WrittenEntry): Buffer {
	const { name, isLarge, offset, crc, sizeBytes } = entry;
	const isFar = offset >= LARGE;
	const extra = zip64Extra([
		...(isLarge ? [sizeBytes, sizeBytes] : []),
		...(isFar ? [offset] : [])
	]);
	const line = Buffer.alloc(46);
	line.writeUInt32LE(0x0201_4b50, 0);
	line.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 4);
	line.writeUInt16LE(isFar ? VERSION_ZIP64 : versionOf(entry), 6);
	line.writeUInt16LE(flagsOf(entry), 8);
	writeTime(line, 12, entry.modifiedAt);
	line.writeUInt32LE(crc, 16);
	line.writeUInt32LE(isLarge ? LARGE : sizeBytes, 20);
	line.writeUInt32LE(isLarge ? LARGE : sizeBytes, 24);
	line.writeUInt16LE(name.length, 28);
	line.writeUInt16LE(extra.length, 30);
	line.writeUInt32LE(PLAIN_FILE, 38);
	line.writeUInt32LE(isFar ? LARGE : offset, 42);
	return Buffer.concat([line, name, extra]);
}

/** 4.3.14 to 4.3.16: where the list is, in 64 bits when it has to be. */
export function endOfArchive(list: { count: number; listBytes: number; listAt: number }): Buffer {
	const { count, listBytes, listAt } = list;
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x0605_4b50, 0);
	end.writeUInt16LE(Math.min(count, MANY), 8);
	end.writeUInt16LE(Math.min(count, MANY), 10);
	end.writeUInt32LE(Math.min(listBytes, LARGE), 12);
	end.writeUInt32LE(Math.min(listAt, LARGE), 16);
	if (count < MANY && listBytes < LARGE && listAt < LARGE) return end;
	const large = Buffer.alloc(56);
	large.writeUInt32LE(0x0606_4b50, 0);
	large.writeBigUInt64LE(44n, 4);
	large.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
	large.writeUInt16LE(VERSION_ZIP64, 14);
	large.writeBigUInt64LE(BigInt(count), 24);
	large.writeBigUInt64LE(BigInt(count), 32);
	large.writeBigUInt64LE(BigInt(listBytes), 40);
	large.writeBigUInt64LE(BigInt(listAt), 48);
	const locator = Buffer.alloc(20);
	locator.writeUInt32LE(0x0706_4b50, 0);
	locator.writeBigUInt64LE(BigInt(listAt + listBytes), 8);
	locator.writeUInt32LE(1, 16);
	return Buffer.concat([large, locator, end]);
}

/** 4.5.3: the numbers that did not fit, in their order. */
function zip64Extra(numbers: number[]): Buffer {
	if (numbers.length === 0) return Buffer.alloc(0);
	const extra = Buffer.alloc(4 + 8 * numbers.length);
	extra.writeUInt16LE(ZIP64_EXTRA, 0);
	extra.writeUInt16LE(8 * numbers.length, 2);
	for (const [n, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + 8 * n);
	return extra;
}

/** A moment as MS-DOS wrote it: in steps of two seconds, from 1980 on. It knows no time zone: UTC. */
function writeTime(record: Buffer, at: number, moment: Date): void {
	const year = Math.min(Math.max(moment.getUTCFullYear(), 1980), 2107);
	const time =
		(moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1);
	const date = ((year - 1980) << 9) | ((moment.getUTCMonth() + 1) << 5) | moment.getUTCDate();
	record.writeUInt16LE(time, at);
	record.writeUInt16LE(date, at + 2);
}
