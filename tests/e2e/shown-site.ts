import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { coverJpeg, type CoverName } from '../../dev/artwork/cover.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';
import { openProductDatabase } from './product-database.ts';

const ALBUM = 'tidewater rooms';
/** Who is featured by some tracks. */
export const GUEST = 'bob of the high water';

const TRACKS: { title: string; cover?: CoverName; album?: string; plays?: number }[] = [
	{ title: 'low tide, first light', cover: 'tide', album: ALBUM, plays: 1 },
	{ title: 'glass rain', cover: 'tide', album: ALBUM, plays: 340 },
	{
		title: 'harbour lights after the last ferry has gone and nobody waits',
		cover: 'tide',
		album: ALBUM,
		plays: 12
	},
	{ title: 'lullaby for a lighthouse', cover: 'beam', plays: 7 },
	{ title: '\u0623\u063a\u0646\u064a\u0629 \u0627\u0644\u0628\u062d\u0631', cover: 'lamps' },
	{ title: 'without a picture' }
];
/** With a guest: the one with the long title, and the one without an album. */
const WITH_GUEST = [2, 3];
const LIKED = [0, 1, 2];

/** A site of which pictures are taken: the same each time. */
export interface ShownSite {
	site: MusicSite;
	/** of the tracks, in the order they were published */
	ids: number[];
	/** of each page, by the name of its pictures */
	pages: Record<string, string>;
}

/** Publishes, plays and likes what pages are looked at with. Close its site in `after`. */
export async function startShownSite(): Promise<ShownSite> {
	const site = await startMusicSite('amber lattice');
	await site.signedIn('bob', GUEST);
	const ids: number[] = [];
	for (const [index, { title, cover, album }] of TRACKS.entries()) {
		const picture = cover && path.join(site.dir, `${cover}.jpg`);
		if (cover && picture) await writeFile(picture, await coverJpeg(cover));
		const fields = {
			title,
			description: 'slow chords over a distant sea.',
			...(album ? { album } : {}),
			...(WITH_GUEST.includes(index) ? { features: JSON.stringify(['bob.test']) } : {})
		};
		const sound = { seconds: 3, hasPicture: picture !== undefined, ...(picture && { picture }) };
		ids.push((await site.publish(fields, sound)).id);
	}
	for (const index of LIKED) {
		const liked = await site.alice.context.request.post(
			site.at(`/api/tracks/${ids[index] ?? 0}/like`),
			{ headers: { origin: site.product.url } }
		);
		assert.ok(liked.ok(), await liked.text());
	}
	await countPlays(site, ids);
	return { site, ids, pages: pagesOf(ids) };
}

async function countPlays(site: MusicSite, ids: number[]): Promise<void> {
	const database = await openProductDatabase(site.product);
	for (const [index, { plays = 0 }] of TRACKS.entries()) {
		await database`update tracks set play_count = ${plays} where id = ${ids[index] ?? 0}`;
	}
	await database.end();
}

const pagesOf = (ids: number[]): Record<string, string> => ({
	home: '/',
	track: `/track/${ids[3] ?? 0}`,
	'track-without-picture': `/track/${ids[5] ?? 0}`,
	album: '/u/alice.test/album/tidewater-rooms',
	artist: '/u/alice.test',
	search: '/search?q=tide',
	portal: '/portal',
	liked: '/liked',
	profile: '/portal/profile',
	settings: '/settings',
	about: '/about',
	'not-found': '/nothing-here'
});
