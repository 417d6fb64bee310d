import { isDeepStrictEqual } from 'node:util';
import type { Report } from './check-world.ts';
import type { Model } from './model.ts';
import { type ModelRelease, tracksOf } from './model-release.ts';
import type { World } from './world.ts';

/** Compares releases and their albums with what the artists were told about them. */
export function checkReleases(model: Model, world: World, report: Report): void {
	for (const release of model.releases) {
		const row = world.releases.find(({ id }) => id === release.id);
		const about = `release ${release.id} of ${release.artist.name}`;
		if (release.state === 'discarded' && row) report('discarded_release_is_there', about);
		if (release.state !== 'published') continue;
		if (!row) report('release_lost', about);
		else if (row.status !== 'published') report('release_not_published', about);
		checkAlbum(release, row?.album_id ?? release.albumId, world, report);
	}
}

function checkAlbum(
	release: ModelRelease,
	albumId: string | null,
	world: World,
	report: Report
): void {
	const about = `album of release ${release.id} of ${release.artist.name}`;
	const album = world.albums.find(({ id }) => id === albumId);
	if (!album) {
		const isExpected = tracksOf(release).length > 0 && !release.albumIsThere.has(false);
		if (isExpected) report('album_lost', about);
		return;
	}
	if (!release.albumIsThere.has(true)) report('deleted_album_is_there', about);
	if (!release.title.has(album.title)) {
		const titles = [...release.title.values].join(', ');
		report('album_title_lost', `${about}: ${album.title} and none of ${titles}`);
	}
	if (!release.coverId.has(album.image_id)) {
		const covers = [...release.coverId.values].join(', ');
		report('album_cover_lost', `${about}: ${album.image_id} and none of ${covers}`);
	}
	checkOrder(release, album.id, world, report);
}

/** Of the tracks somebody has put in order, those that are in the album are in that order. */
function checkOrder(release: ModelRelease, albumId: string, world: World, report: Report): void {
	const present = world.tracks
		.filter(({ album_id: id }) => id === albumId)
		.toSorted((a, b) => (a.album_position ?? 0) - (b.album_position ?? 0))
		.map(({ id }) => id);
	const orders = [...release.order.values].map((order) => order ?? tracksOf(release));
	const isSo = orders.some((order) =>
		isDeepStrictEqual(
			present.filter((id) => order.includes(id)),
			order.filter((id) => present.includes(id))
		)
	);
	if (isSo) return;
	const about = `album of release ${release.id} of ${release.artist.name}`;
	report('album_order_lost', `${about}: ${present.join()} and none of ${orders.join('; ')}`);
}
