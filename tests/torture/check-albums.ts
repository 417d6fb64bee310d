import { isDeepStrictEqual } from 'node:util';
import { decodeList } from '#lib/server/atproto/records/list-record.ts';
import type { RecordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Report } from './check-world.ts';
import type { World, WorldRecord } from './world.ts';

type Album = World['albums'][number];

/**
 * Compares albums with their records, and releases with what became of them: each album that is
 * more than a word on its tracks has one record, which lists its tracks in their order and nothing
 * that is not there; each record has an album; no release is left half-way.
 */
export function checkAlbums(world: World, site: RecordSite, report: Report): void {
	checkLists(world, report);
	const lists = new Map(world.lists.map((list) => [list.uri, list]));
	const titles = new Set<string>();
	for (const album of world.albums) {
		const title = `${album.artist_did} ${album.title}`;
		if (titles.has(title)) report('two_albums_of_one_title', title);
		titles.add(title);
		checkState(album, report);
		// without a key it is a word on its tracks, and nothing is written
		if (album.rkey === null) continue;
		const list = lists.get(album.record_uri ?? '');
		if (list) compare(world, album, list, site, report);
		else report('album_without_record', aboutOf(album));
	}
	checkCovers(world, report);
	for (const release of world.releases) checkRelease(world, release, report);
}

const aboutOf = ({ id, title, artist_did: did }: Album) => `album ${id}, “${title}” of ${did}`;

function checkLists({ lists, albums, tombstones }: World, report: Report): void {
	const buried = new Set(tombstones.map(({ record_uri: uri }) => uri));
	for (const { uri } of lists) {
		const rows = albums.filter((album) => album.record_uri === uri).length;
		if (rows === 0) report('list_without_album', uri);
		if (rows > 1) report('two_albums_of_one_list', uri);
		if (buried.has(uri)) report('tombstone_of_the_living', uri);
	}
}

function checkState(album: Album, report: Report): void {
	const about = aboutOf(album);
	if (album.deletion !== null) report('album_deletion_not_finished', about);
	if (album.waiting_code !== null) report('album_waits', `${about}: ${album.waiting_code}`);
	if (album.kept_change !== null) {
		report('album_change_not_made', `${about}: ${JSON.stringify(album.kept_change)}`);
	}
}

function compare(
	world: World,
	album: Album,
	list: WorldRecord,
	site: RecordSite,
	report: Report
): void {
	const about = aboutOf(album);
	const said = decodeList(site, list.value);
	const pairs: Record<string, [row: unknown, record: unknown]> = {
		cid: [album.record_cid, list.cid],
		title: [album.title, said.name],
		description: [album.description, said.description],
		year: [album.year, said.year],
		cover: [album.image_id, said.imageId],
		items: [itemsOf(world, album), said.uris],
		tracks: [tracksOf(world, album), said.uris]
	};
	for (const [field, [row, written]] of Object.entries(pairs)) {
		if (isDeepStrictEqual(row, written)) continue;
		const values = `${JSON.stringify(row)}, in the record ${JSON.stringify(written)}`;
		report(`album_${field}_differs`, `${about}: ${values}`);
	}
	const there = new Set(world.records.map(({ uri }) => uri));
	for (const uri of said.uris) {
		if (!there.has(uri)) report('item_without_record', `${about}: ${uri}`);
	}
}

const itemsOf = ({ albumItems }: World, { id }: Album) =>
	albumItems.filter(({ album_id: one }) => one === id).map(({ subject_uri: uri }) => uri);

const tracksOf = ({ tracks }: World, { id }: Album) =>
	tracks
		.filter(({ album_id: one }) => one === id)
		.toSorted((a, b) => (a.album_position ?? 0) - (b.album_position ?? 0))
		.map(({ record_uri: uri }) => uri);

function checkCovers({ albums, images }: World, report: Report): void {
	const there = new Set(images.map(({ image_id: id }) => id));
	for (const album of albums) {
		if (album.image_id === null || there.has(album.image_id)) continue;
		report('album_without_cover', `${aboutOf(album)}: ${album.image_id}`);
	}
}

function checkRelease(world: World, release: World['releases'][number], report: Report): void {
	if (release.status === 'draft') return;
	const about = `release ${release.id}`;
	const hasTracks = world.uploads.some(
		({ release_id: id, status }) => id === release.id && status === 'completed'
	);
	if (!hasTracks) return;
	if (release.settled_at === null) report('release_not_settled', about);
	const isAlbum = Boolean(release.fields.albumTitle) && release.album_deletion === null;
	if (isAlbum && !world.albums.some(({ id }) => id === release.album_id)) {
		report('release_without_album', about);
	}
}
