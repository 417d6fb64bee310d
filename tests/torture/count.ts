import type { Model } from './model.ts';
import type { TortureSite } from './site.ts';
import type { World } from './world.ts';

/** What was done to the product, and what there is. */
export function countAll(
	{ app, worker, transcoder, proxy }: TortureSite,
	model: Model,
	world: World,
	rounds: number
): Record<string, number> {
	const uploads = [...model.uploads.values()];
	return {
		rounds,
		'kills of the app': app.kills,
		'kills of the worker': worker.kills,
		'kills of the transcoder': transcoder.kills,
		'pds calls turned away': proxy.troubles['turned away'],
		'pds answers late': proxy.troubles['slow answer'],
		'pds answers lost': proxy.troubles['answer lost'],
		uploads: uploads.length,
		'uploads published': uploads.filter(({ trackId }) => trackId !== null).length,
		'uploads refused': uploads.filter(({ failure }) => failure !== null).length,
		'uploads discarded': uploads.filter(({ state }) => state === 'discarded').length,
		'tracks deleted': [...model.tracks.values()].filter(({ isThere }) => isThere.is(false)).length,
		releases: model.releases.filter(({ state }) => state === 'published').length,
		'releases discarded': model.releases.filter(({ state }) => state === 'discarded').length,
		'albums deleted': model.releases.filter(({ albumIsThere }) => albumIsThere.is(false)).length,
		tracks: world.tracks.length,
		records: world.records.length,
		albums: world.albums.filter(({ rkey }) => rkey !== null).length,
		'album records': world.lists.length,
		'tracks in albums': world.albumItems.length,
		revisions: world.revisions.length,
		'audio files': world.audioFiles.length,
		'smaller files': world.smallerFiles.filter(({ file_id: id }) => id !== null).length,
		pictures: world.images.length,
		objects: world.objects.length,
		staged: world.staged.length
	};
}
