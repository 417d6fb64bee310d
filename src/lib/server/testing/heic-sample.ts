import { ffmpegBytes } from './audio-samples.ts';

/** A photo as phones make them, in HEIC (ISO 23008-12) with HEVC inside: one tile of a test card. */
export async function makeHeic(): Promise<Buffer> {
	const input = ['-f', 'lavfi', '-i', 'testsrc=size=128x128:rate=1', '-frames:v', '1'];
	const codec = ['-pix_fmt', 'yuv420p', '-c:v', 'libx265', '-x265-params', 'log-level=none'];
	const mp4 = await ffmpegBytes([...input, ...codec, '-tag:v', 'hvc1'], 'mp4');
	const hvcC = boxIn(mp4, 'hvcC');
	const picture = boxIn(mp4, 'mdat').subarray(8);

	const fileType = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'));
	const metaWith = (offset: number) => meta(hvcC, picture.length, offset);
	const offset = fileType.length + metaWith(0).length + 8;
	return Buffer.concat([fileType, metaWith(offset), box('mdat', picture)]);
}

function meta(hvcC: Buffer, sizeBytes: number, offset: number): Buffer {
	const handler = fullBox('hdlr', u32(0), Buffer.from('pict'), Buffer.alloc(13));
	const primary = fullBox('pitm', u16(1));
	const location = fullBox(
		'iloc',
		u16(0x4400),
		u16(1),
		u16(1),
		u16(0),
		u16(1),
		u32(offset),
		u32(sizeBytes)
	);
	const entry = box('infe', Buffer.from([2, 0, 0, 0]), u16(1), u16(0), Buffer.from('hvc1\0'));
	const items = fullBox('iinf', u16(1), entry);
	const properties = box('ipco', hvcC, fullBox('ispe', u32(128), u32(128)));
	const association = fullBox('ipma', u32(1), u16(1), Buffer.from([2, 0x81, 0x02]));
	return fullBox('meta', handler, primary, location, items, box('iprp', properties, association));
}

const u16 = (value: number) => {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16BE(value);
	return bytes;
};
const u32 = (value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
};

function box(type: string, ...content: Buffer[]): Buffer {
	const body = Buffer.concat(content);
	return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

/** A box with version 0 and no flags. */
const fullBox = (type: string, ...content: Buffer[]) => box(type, u32(0), ...content);

/** The first box of a type, wherever it is. */
function boxIn(file: Buffer, type: string): Buffer {
	const start = file.indexOf(type, 0, 'latin1') - 4;
	if (start < 0) throw new Error(`there is no ${type}`);
	return file.subarray(start, start + file.readUInt32BE(start));
}
