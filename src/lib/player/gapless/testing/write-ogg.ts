import { oggPageAt, packetsOf } from '../ogg-pages.ts';
import { concat } from '../ranges.ts';

/** A packet for an ogg file. */
export interface Packet {
	bytes: Uint8Array;
	/** of the page in which it ends, when it is the last one there */
	granule: number;
	/** nothing else comes into this page */
	endsPage?: boolean;
}

interface Page {
	lacing: number[];
	parts: Uint8Array[];
	granule: number;
	isContinued: boolean;
}

const LACING_LIMIT = 255;

/** Puts packets into the pages of a stream. Their sums are left out: nobody here asks for them. */
export function writeOgg(
	packets: readonly Packet[],
	serial = 7,
	lacingLimit = LACING_LIMIT
): Buffer {
	const emptyPage = (isContinued = false): Page => ({
		lacing: [],
		parts: [],
		granule: -1,
		isContinued
	});
	const pages: Page[] = [emptyPage()];
	for (const { bytes, granule, endsPage } of packets) {
		for (let at = 0; at <= bytes.length; at += 255) {
			let page = pages.at(-1);
			if (!page || page.lacing.length >= lacingLimit) pages.push((page = emptyPage(at > 0)));
			page.lacing.push(Math.min(255, bytes.length - at));
			page.parts.push(bytes.subarray(at, at + 255));
			if (bytes.length - at < 255) page.granule = granule;
		}
		if (endsPage) pages.push(emptyPage());
	}
	return Buffer.concat(
		pages
			.filter(({ lacing }) => lacing.length > 0)
			.map((page, index) => pageBytes(page, serial, index))
	);
}

function pageBytes({ lacing, parts, granule, isContinued }: Page, serial: number, index: number) {
	const head = Buffer.alloc(27);
	head.write('OggS');
	head[5] = (isContinued ? 1 : 0) + (index === 0 ? 2 : 0);
	head.writeBigInt64LE(BigInt(granule), 6);
	head.writeUInt32LE(serial, 14);
	head.writeUInt32LE(index, 18);
	head[26] = lacing.length;
	return Buffer.concat([head, Uint8Array.from(lacing), ...parts]);
}

/** All packets of a file, and the granules of those with which a page ends; others have -1. */
export function readOgg(file: Uint8Array): Packet[] {
	const packets: Packet[] = [];
	let begun: Uint8Array[] = [];
	for (let page = oggPageAt(file, 0); page; page = oggPageAt(file, page.end)) {
		const found = packetsOf(file, page, begun);
		begun = found.begun;
		packets.push(...found.packets.map((parts) => ({ bytes: concat(parts), granule: -1 })));
		const last = packets.at(-1);
		if (last && page.granule >= 0) last.granule = page.granule;
	}
	return packets;
}
