import { TICKS_PER_SECOND } from '../write-webm.ts';

/** A packet as a browser is told of it, in seconds. */
export interface HeardBlock {
	from: number;
	until: number;
	bytes: Buffer;
}

const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const GROUP = 0xa0;
const BLOCK = 0xa1;
const DURATION = 0x9b;
const BLOCK_HEADER_BYTES = 4;

/** The elements in some bytes, one after the other. */
function* elementsOf(bytes: Buffer): Generator<[id: number, body: Buffer]> {
	for (let at = 0; at < bytes.length;) {
		const idBytes = Math.clz32(bytes.readUInt8(at)) - 23;
		const id = bytes.readUIntBE(at, idBytes);
		at += idBytes;
		const sizeBytes = Math.clz32(bytes.readUInt8(at)) - 23;
		const size = bytes.readUIntBE(at, sizeBytes) - 2 ** (7 * sizeBytes);
		at += sizeBytes;
		if (at + size > bytes.length) throw new Error('an element goes on behind the end');
		yield [id, bytes.subarray(at, at + size)];
		at += size;
	}
}

const numberOf = (body: Buffer | undefined) => body?.readUIntBE(0, body.length) ?? NaN;

/** All blocks in some clusters. */
export function blocksOf(clusters: Uint8Array): HeardBlock[] {
	const blocks: HeardBlock[] = [];
	for (const [id, cluster] of elementsOf(Buffer.from(clusters))) {
		if (id !== CLUSTER) throw new Error(`no cluster: ${id}`);
		let clusterTicks = NaN;
		for (const [inside, body] of elementsOf(cluster)) {
			if (inside === TIMESTAMP) clusterTicks = numberOf(body);
			if (inside !== GROUP) continue;
			const group = new Map(elementsOf(body));
			const block = group.get(BLOCK) ?? Buffer.alloc(0);
			const ticks = clusterTicks + block.readInt16BE(1);
			blocks.push({
				from: ticks / TICKS_PER_SECOND,
				until: (ticks + numberOf(group.get(DURATION))) / TICKS_PER_SECOND,
				bytes: block.subarray(BLOCK_HEADER_BYTES)
			});
		}
	}
	return blocks;
}
