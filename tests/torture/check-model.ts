import { checkReleases } from './check-releases.ts';
import type { Report, Violation } from './check-world.ts';
import { albumNamed, type Model, type ModelTrack, type ModelUpload, NO_ALBUM } from './model.ts';
import type { World, WorldTrack } from './world.ts';

/** Compares what there is with what the artists were told. */
export function checkModel(model: Model, world: World): Violation[] {
	const violations: Violation[] = model.surprises.map(({ kind, detail }) => ({
		kind,
		about: detail
	}));
	const report: Report = (kind, about) => violations.push({ kind, about });
	const rows = new Map(world.tracks.map((track) => [track.id, track]));
	for (const track of model.tracks.values()) checkTrack(track, rows.get(track.id), world, report);
	for (const upload of model.uploads.values()) checkUpload(upload, world, report);
	checkReleases(model, world, report);
	for (const { id } of world.tracks) {
		if (!model.tracks.has(id)) report('unknown_track', `track ${id}`);
	}
	return violations;
}

function checkTrack(
	track: ModelTrack,
	row: WorldTrack | undefined,
	world: World,
	report: Report
): void {
	const about = `track ${track.id} of ${track.artist.name}`;
	if (!row) {
		if (!track.isThere.has(false)) report('track_lost', about);
		return;
	}
	if (!track.isThere.has(true)) {
		report('deleted_track_is_there', about);
		return;
	}
	const original = world.audioFiles.find(({ file_id: id }) => id === row.original_file_id);
	const facts = [
		['title', row.title, track.title],
		['tags', row.tags.join(','), track.tags],
		['picture', row.image_id, track.imageId],
		['place', albumOf(row, world), track.album],
		['audio', original?.sha256 ?? '', track.audio]
	] as const;
	for (const [what, value, possible] of facts) {
		const values: ReadonlySet<string | null> = possible.values;
		if (values.has(value)) continue;
		report(`${what}_lost`, `${about}: ${value} and none of ${[...values].join(', ')}`);
	}
	checkHeard(track, row, world, report);
}

/** What the model calls the album a track is in. */
function albumOf({ album_id: id }: WorldTrack, { albums, releases }: World): string {
	if (id === null) return NO_ALBUM;
	const release = releases.find(({ album_id: one }) => one === id);
	return release?.id ?? albumNamed(albums.find((album) => album.id === id)?.title ?? '');
}

/** Every file the track is known to have had is the one it has, or an earlier one. */
function checkHeard(track: ModelTrack, row: WorldTrack, world: World, report: Report): void {
	const had = new Set([row.original_file_id]);
	for (const revision of world.revisions) {
		if (revision.track_id === track.id) had.add(revision.original_file_id);
	}
	for (const sha256 of track.heard.keys()) {
		if (had.has(sha256.slice(0, 16))) continue;
		report('earlier_audio_lost', `track ${track.id} of ${track.artist.name}: ${sha256}`);
	}
}

function checkUpload(upload: ModelUpload, world: World, report: Report): void {
	const row = world.uploads.find(({ id }) => id === upload.id);
	const about = `upload ${upload.id} of ${upload.artist.name}`;
	if (upload.state === 'accepted') report('upload_not_finished', `${about}: ${row?.status}`);
	if (upload.state === 'discarded' && row) report('discarded_upload_is_there', about);
	const wentAlong = upload.replaces?.isThere.has(false) || upload.release?.tracksGo;
	if (upload.state === 'over' && !row && !wentAlong) report('upload_lost', about);
}
