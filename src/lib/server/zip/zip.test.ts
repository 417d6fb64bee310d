import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { contentAt, listZip, readZip } from '#lib/server/testing/read-zip.ts';
import { UniqueNames } from './unique-names.ts';
import { zip, type ZipEntry } from './zip.ts';

const AT = new Date('2026-05-20T12:34:56Z');

async function bytesOf(entries: Iterable<ZipEntry>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of zip(entries)) chunks.push(chunk);
	return Buffer.concat(chunks);
}
async function* inParts(...parts: string[]): AsyncGenerator<Uint8Array, void> {
	for (const part of parts) {
		await Promise.resolve();
		yield Buffer.from(part);
	}
}

describe('an archive', () => {
	it('holds files that are there at once and files that come in parts', async () => {
		const files = readZip(
			await bytesOf([
				{ name: 'a.txt', modifiedAt: AT, content: Buffer.from('alpha') },
				{ name: 'music/ö 海.mp3', modifiedAt: AT, content: inParts('be', 'ta'), sizeBytes: 4 },
				{ name: 'unknown.json', modifiedAt: AT, content: inParts('[', ']') },
				{ name: 'empty', modifiedAt: AT, content: new Uint8Array() }
			])
		);
		const texts = Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString()]));
		assert.deepEqual(texts, {
			'a.txt': 'alpha',
			'music/ö 海.mp3': 'beta',
			'unknown.json': '[]',
			empty: ''
		});
	});

	it('is broken off when a file is not as long as it said', async () => {
		const short: ZipEntry = { name: 'a', modifiedAt: AT, content: inParts('abc'), sizeBytes: 4 };
		await assert.rejects(bytesOf([short]), /a has 3 bytes, and not 4/);
	});

	it('ends what it reads when nobody takes it any more', async () => {
		let isEnded = false;
		const endless = (async function* () {
			try {
				for (;;) yield await Promise.resolve(Buffer.alloc(1024));
			} finally {
				isEnded = true;
			}
		})();
		const chunks = zip([{ name: 'endless', modifiedAt: AT, content: endless }]);
		for (let n = 0; n < 5; n++) await chunks.next();
		await chunks.return();
		assert.ok(isEnded);
	});

	it('has files and places beyond 4 GiB, with no more than a part of them in memory', async () => {
		const part = Buffer.alloc(8 * 1024 * 1024);
		const parts = 520;
		const sizeBytes = part.length * parts;
		assert.ok(sizeBytes > 2 ** 32);
		const large = (async function* () {
			for (let n = 0; n < parts; n++) yield await Promise.resolve(part);
		})();
		// what is not the large file, by where it stands
		const kept: { offset: number; bytes: Uint8Array }[] = [];
		let offset = 0;
		const before = process.memoryUsage().arrayBuffers;
		let most = 0;
		for await (const chunk of zip([
			{ name: 'large.wav', modifiedAt: AT, content: large, sizeBytes },
			{ name: 'behind.txt', modifiedAt: AT, content: Buffer.from('behind it') }
		])) {
			if (chunk !== part) kept.push({ offset, bytes: chunk });
			offset += chunk.length;
			most = Math.max(most, process.memoryUsage().arrayBuffers - before);
		}
		assert.ok(most < 4 * part.length, `${most} bytes`);
		const tail = Buffer.concat(kept.slice(1).map(({ bytes }) => bytes));
		const tailAt = kept[1]?.offset ?? 0;
		const readAt = (at: number, length: number) => tail.subarray(at - tailAt, at - tailAt + length);
		const [first, second] = listZip(readAt, offset);
		assert.equal(first?.sizeBytes, sizeBytes);
		let crc = 0;
		for (let n = 0; n < parts; n++) crc = crc32(part, crc);
		assert.equal(first.crc, crc);
		assert.ok(second && second.offset > 2 ** 32);
		assert.equal(contentAt(readAt, second).toString(), 'behind it');
	});
});

describe('the names in an archive', () => {
	it('are names on every system, and lead nowhere else', () => {
		const names = new UniqueNames();
		assert.equal(names.path(['..', 'a/b'], 'c:d?', 'mp3'), 'untitled/a b/c d.mp3');
		assert.equal(names.path(['music'], 'CON', 'wav'), 'music/_CON.wav');
		assert.equal(names.path(['music'], 'aux.flac', ''), 'music/_aux.flac');
		assert.equal(names.path([], '. . .', 'txt'), 'untitled.txt');
		assert.equal(names.path([], 'a\u202ecod.exe', 'mp3'), 'a cod.exe.mp3');
		const long = names.path(['x'.repeat(500)], '海'.repeat(500), 'flac');
		for (const part of long.split('/')) assert.ok(Buffer.byteLength(part) <= 110, part);
	});

	it('are all different, also where capitals and accents are not told apart', () => {
		const names = new UniqueNames();
		const paths = ['Tide', 'tide', 'TIDE', 'caf\u00e9', 'cafe\u0301'].map((name) =>
			names.path(['music'], name, 'mp3')
		);
		assert.deepEqual(paths, [
			'music/Tide.mp3',
			'music/tide (2).mp3',
			'music/TIDE (3).mp3',
			'music/caf\u00e9.mp3',
			'music/caf\u00e9 (2).mp3'
		]);
	});
});
