import { byteSize } from '#lib/format.ts';
import { escapeMarkup } from '#lib/sharing/escape-markup.ts';
import type { Contents } from './contents.ts';

/** Of whom an archive is, and where from. */
export interface ExportHead {
	site: string;
	siteUrl: string;
	did: string;
	/** the name of the artist, or the did */
	name: string;
}

const of = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

function facts(contents: Contents): string[] {
	const { tracks, revisions, albums, likes, records } = contents;
	return [
		`${of(tracks.length, 'track', 'tracks')}, ${of(albums, 'album', 'albums')}, ${of(likes, 'like', 'likes')}, ${of(revisions, 'earlier version', 'earlier versions')} of tracks`,
		...records.map(
			({ collection, count, from }) =>
				`${of(count, 'record', 'records')} of ${collection}, ${from === 'repository' ? 'as your repository has them' : 'as this site knows them'}`
		)
	];
}

const WHAT = [
	'music/: your recordings, in a folder for each album, with what is said about each in a .json beside it',
	'records/: your records as json',
	'covers/, avatar.jpg: your pictures, in the largest form that is kept',
	'albums.json, likes.json, profile.json, preferences.json, queue.json and others: whatever else is kept of you'
];

/** The same in plain text, for who has no browser at hand. */
export function readme(head: ExportHead, contents: Contents): string {
	return [
		`everything ${head.site} keeps of ${head.name}`,
		`${head.did}, ${head.siteUrl}, ${contents.startedAt.toISOString()}`,
		'',
		...facts(contents),
		'',
		...WHAT,
		'',
		contents.missing.length === 0 ? 'nothing is missing.' : 'what is missing:',
		...contents.missing.map((sentence) => `- ${sentence}`),
		''
	].join('\r\n');
}

/** The first page of an archive, which can be opened from it. */
export function indexPage(head: ExportHead, contents: Contents): string {
	const row = (track: Contents['tracks'][number]) =>
		`<tr><td><a href="${href(track.path)}">${escapeMarkup(track.title)}</a></td><td>${escapeMarkup(track.album ?? '')}</td><td>${byteSize(track.sizeBytes)}</td><td>${track.hasTags ? 'with title and cover' : 'as uploaded'}</td></tr>`;
	const list = (lines: string[]) =>
		`<ul>${lines.map((line) => `<li>${escapeMarkup(line)}</li>`).join('')}</ul>`;
	const missing =
		contents.missing.length === 0
			? '<p>nothing is missing.</p>'
			: `<h2>what is missing</h2>${list(contents.missing)}`;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>everything of ${escapeMarkup(head.name)}</title>
<style>body{font:1rem/1.6 monospace;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}td,th{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top}</style>
</head>
<body>
<h1>everything ${escapeMarkup(head.site)} keeps of ${escapeMarkup(head.name)}</h1>
<p>${escapeMarkup(head.did)}, ${contents.startedAt.toISOString()}</p>
${list(facts(contents))}
${missing}
<h2>what is where</h2>
${list(WHAT)}
<h2>tracks</h2>
<table><thead><tr><th>title</th><th>album</th><th>size</th><th>file</th></tr></thead><tbody>
${contents.tracks.map(row).join('\n')}
</tbody></table>
</body>
</html>
`;
}

const href = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
