import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeAudio, makePicture } from './sample-files.ts';

interface TaggedFile {
	/** its extension decides the format; the name says nothing about the order */
	name: string;
	title: string;
	track: number;
	disc: number;
}

const ON_ALBUM: TaggedFile[] = [
	{ name: 'zebra.flac', title: 'Low Tide', track: 1, disc: 1 },
	{ name: 'yellow.mp3', title: 'Harbour Lights', track: 2, disc: 1 },
	{ name: 'xylophone.m4a', title: 'Sodium', track: 3, disc: 1 },
	{ name: 'window.ogg', title: 'Glass Rain', track: 4, disc: 1 },
	{ name: 'violet.opus', title: 'Last Bus', track: 5, disc: 1 },
	{ name: 'umbrella.aiff', title: 'Orchard Gate', track: 1, disc: 2 },
	{ name: 'table.flac', title: 'Paper Boats', track: 2, disc: 2 },
	{ name: 'snow.mp3', title: 'Save Point', track: 3, disc: 2 },
	{ name: 'river.m4a', title: 'Seven Lanterns', track: 4, disc: 2 }
];

/** What an album must look like when all of it is read. */
export const IN_ORDER = [
	...ON_ALBUM.slice(0, 5).map(({ title }) => title),
	// without tags it is of the first disc, behind those that have a number
	'untagged',
	...ON_ALBUM.slice(5).map(({ title }) => title)
];

/**
 * Fills a folder as artists have them: nine files with tags in six formats, one without, one that
 * is broken, one that was published before, a cover, a note and what systems leave behind.
 * @param published the file that is a track already
 */
export async function makeAlbumFolder(folder: string, published: string): Promise<void> {
	const file = (name: string) => path.join(folder, name);
	await mkdir(folder, { recursive: true });
	await Promise.all(ON_ALBUM.map((tagged, index) => makeTagged(file(tagged.name), tagged, index)));
	await makeAudio(
		file('untagged.wav'),
		{ seconds: 3, frequencyHz: 440 },
		...['-map_metadata', '-1', '-fflags', '+bitexact']
	);
	await writeFile(file('quite broken.mp3'), 'only words, and no music in them. '.repeat(300));
	await copyFile(published, file(path.basename(published)));
	await makePicture(file('cover.jpg'));
	await writeFile(file('thanks.txt'), 'to everybody');
	await writeFile(file('.DS_Store'), 'nobody means to send this');
}

async function makeTagged(file: string, tagged: TaggedFile, index: number): Promise<void> {
	const { title, track, disc } = tagged;
	const tags = { title, track, disc, album: 'Low Water', date: 2024, genre: 'Ambient' };
	const pairs = Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`]);
	const format = file.endsWith('.aiff') ? ['-write_id3v2', '1'] : [];
	await makeAudio(file, { seconds: 3, frequencyHz: 200 + 20 * index }, ...format, ...pairs);
}
