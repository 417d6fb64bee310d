import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseFiles } from './choose-files.ts';
import { takeChosen, walkEntries } from './dropped-files.ts';

const MAX_BYTES = 1_000;

interface Folder {
	[name: string]: Folder | string;
}

/** What a browser makes of a dropped folder: names and contents, a hundred at a time. */
function entryOf(name: string, content: Folder | string, parent = ''): FileSystemEntry {
	const fullPath = `${parent}/${name}`;
	if (typeof content === 'string') {
		const file = (done: (file: File) => void, failed: (cause: Error) => void) => {
			if (content === 'gone') failed(new DOMException('gone', 'NotFoundError'));
			else done(new File([content], name));
		};
		return { name, fullPath, isFile: true, isDirectory: false, file } as never;
	}
	const createReader = () => {
		const left = Object.entries(content).map(([child, inside]) => entryOf(child, inside, fullPath));
		return { readEntries: (done: (some: FileSystemEntry[]) => void) => done(left.splice(0, 100)) };
	};
	return { name, fullPath, isFile: false, isDirectory: true, createReader } as never;
}

describe('a dropped folder', () => {
	it('is read to its end, folder by folder, in the order people count in', async () => {
		const many = Object.fromEntries(Array.from({ length: 230 }, (_, n) => [`${n + 1}.wav`, 'x']));
		const { files } = await walkEntries([
			entryOf('all', { 'cd 2': { 'a.wav': 'x' }, 'cd 1': many })
		]);
		const paths = files.map(({ path }) => path);
		assert.equal(paths.length, 231);
		assert.deepEqual(paths.slice(0, 3), ['all/cd 1/1.wav', 'all/cd 1/2.wav', 'all/cd 1/3.wav']);
		assert.equal(paths[9], 'all/cd 1/10.wav');
		assert.equal(paths.at(-1), 'all/cd 2/a.wav');
	});

	it('leaves hidden files behind, and what systems put there', async () => {
		const folder = {
			'.DS_Store': 'x',
			'._01.wav': 'x',
			'.git': { 'a.wav': 'x' },
			__MACOSX: { 'b.wav': 'x' },
			'Thumbs.db': 'x',
			'01.wav': 'x'
		};
		const { files } = await walkEntries([entryOf('low water', folder)]);
		assert.deepEqual(
			files.map(({ path }) => path),
			['low water/01.wav']
		);
	});

	it('goes on past a file that cannot be read, and names it', async () => {
		const { files, unreadable } = await walkEntries([entryOf('f', { a: 'gone', 'b.wav': 'x' })]);
		assert.deepEqual(unreadable, ['f/a']);
		assert.equal(files.length, 1);
	});
});

describe('what becomes of the files', () => {
	const chosen = (...names: (string | [string, string])[]) =>
		chooseFiles(
			takeChosen(
				names.map((name) =>
					typeof name === 'string' ? new File(['x'], name) : new File([name[1]], name[0])
				)
			),
			MAX_BYTES
		);

	it('takes the picture named like a cover, and names what is left out', () => {
		const { audio, cover, leftOut } = chosen('2.flac', '10.mp3', 'back.png', 'Folder.JPG', 'a.txt');
		assert.deepEqual(
			audio.map(({ path }) => path),
			['2.flac', '10.mp3']
		);
		assert.equal(cover?.name, 'Folder.JPG');
		assert.deepEqual(leftOut, [
			{
				name: 'a.txt',
				why: 'is not audio. supported: mp3, m4a, wav, flac, ogg, opus, aiff or alac'
			},
			{ name: 'back.png', why: 'is not used: Folder.JPG is the cover' }
		]);
	});

	it('takes the only picture as the cover, and none of several', () => {
		assert.equal(chosen('1.wav', 'scan.webp').cover?.name, 'scan.webp');
		const several = chosen('1.wav', 'a.jpg', 'b.jpg');
		assert.equal(several.cover, null);
		assert.match(several.leftOut[0]?.why ?? '', /choose the cover in the next step/);
	});

	it('leaves out an empty file and one that is too large, before a byte is sent', () => {
		const { audio, leftOut } = chosen(['empty.wav', ''], ['long.wav', 'x'.repeat(1_001)], 'ok.wav');
		assert.deepEqual(
			audio.map(({ path }) => path),
			['ok.wav']
		);
		assert.deepEqual(leftOut, [
			{ name: 'empty.wav', why: 'is empty' },
			{ name: 'long.wav', why: 'has 1.0 kB; at most 1.0 kB fit' }
		]);
	});
});
