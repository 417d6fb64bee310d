import { safePart } from '#lib/server/safe-name.ts';

/**
 * What a browser calls the file of a track when somebody saves it: "artist - title.flac". Whatever
 * artist and title are, it is the name of one file, of the type it has, in the folder it is put in.
 */
export function downloadName(of: { artist: string; title: string; fileType: string }): string {
	const parts = [of.artist, of.title].map(safePart);
	const name = parts.filter((part) => part !== '').join(' - ');
	return `${name || 'track'}.${of.fileType}`;
}
