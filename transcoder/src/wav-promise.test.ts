import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { wavHeader } from './testing/audio.ts';
import { temporaryFolder } from './testing/temp-folder.ts';
import { wavPromisedMs } from './wav-promise.ts';

const SHAPE = { formatTag: 1, channels: 2, rateHz: 44_100, bitsPerSample: 16 };

describe('the length a wav file promises', () => {
	const folder = temporaryFolder();
	const promised = (bytes: Buffer): Promise<number | null> => {
		const path = join(folder, 'file.wav');
		writeFileSync(path, bytes);
		return wavPromisedMs(path);
	};

	it('is the size of its sound by the header, whatever is there', async () => {
		const header = wavHeader({ ...SHAPE, dataBytes: 176_400 * 3 });
		assert.equal(await promised(header), 3000);
	});

	it('is found behind other chunks, also of odd size', async () => {
		const header = wavHeader({ ...SHAPE, dataBytes: 176_400 });
		const other = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
		const bytes = Buffer.concat([header.subarray(0, 36), other, header.subarray(36)]);
		assert.equal(await promised(bytes), 1000);
	});

	it('is looked for behind some chunks, and not for ever', async () => {
		const header = wavHeader({ ...SHAPE, dataBytes: 176_400 });
		const empty = Buffer.from('junk\x00\x00\x00\x00', 'latin1');
		// with `fmt ` and `data` itself, a hundred chunks are looked at
		const behind = (count: number) => {
			const others = Array<Buffer>(count).fill(empty);
			return Buffer.concat([header.subarray(0, 36), ...others, header.subarray(36)]);
		};
		assert.equal(await promised(behind(98)), 1000);
		assert.equal(await promised(behind(99)), null);
	});

	it('is unknown when the writer did not know, and for other files', async () => {
		assert.equal(await promised(wavHeader({ ...SHAPE, dataBytes: 0xffffffff })), null);
		assert.equal(await promised(wavHeader({ ...SHAPE, dataBytes: 0 })), null);
		assert.equal(await promised(Buffer.from('RIFF')), null);
		assert.equal(await promised(Buffer.from('fLaC and more than twelve bytes')), null);
	});
});
