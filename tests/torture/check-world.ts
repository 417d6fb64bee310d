import { isDeepStrictEqual } from 'node:util';
import type { RecordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { checkAlbums } from './check-albums.ts';
import type { WorldObject } from './world-object.ts';
import type { World, WorldRecord, WorldTrack } from './world.ts';

/** Something that must not be, and what it is about. */
export interface Violation {
	kind: string;
	/** ids, keys, addresses */
	about: string;
}

export type Report = (kind: string, about: string) => void;

/**
 * Compares records, rows and objects, when nothing is under way and everything unused was swept:
 * each track has one record, one row and its bytes, each album one record and one row, and there is
 * nothing else.
 */
export function checkWorld(world: World, site: RecordSite): Violation[] {
	const violations: Violation[] = [];
	const report: Report = (kind, about) => violations.push({ kind, about });
	checkRecords(world, site, report);
	checkAudio(world, report);
	checkImages(world, report);
	checkAlbums(world, site, report);
	checkLeftovers(world, report);
	return violations;
}

function checkRecords(world: World, site: RecordSite, report: Report): void {
	const { records, tracks } = world;
	const recordOf = new Map(records.map((record) => [record.uri, record]));
	for (const track of tracks) {
		const about = `track ${track.id}, ${track.record_uri}`;
		if (track.visibility === 'deleting') report('deletion_not_finished', about);
		const record = recordOf.get(track.record_uri);
		if (!record) report('row_without_record', about);
		else compare(track, record, site, report);
	}
	const uris = tracks.map(({ record_uri: uri }) => uri);
	for (const { uri } of records) {
		const rows = uris.filter((one) => one === uri).length;
		if (rows === 0) report('record_without_row', uri);
		if (rows > 1) report('two_rows_of_one_record', uri);
	}
	const buried = new Set(world.tombstones.map(({ record_uri: uri }) => uri));
	for (const uri of new Set([...recordOf.keys(), ...uris])) {
		if (buried.has(uri)) report('tombstone_of_the_living', uri);
	}
}

function compare(track: WorldTrack, record: WorldRecord, site: RecordSite, report: Report): void {
	const about = `track ${track.id}, ${track.record_uri}`;
	if (track.record_cid !== record.cid) report('cid_differs', about);
	const said = decodeTrack(site, record.value);
	const pairs: Record<string, [row: unknown, record: unknown]> = {
		title: [track.title, said.title],
		description: [track.description, said.description],
		album: [track.named_album, said.album],
		features: [track.features, said.features],
		tags: [track.tags, said.tags.toSorted()],
		explicit: [track.is_explicit, said.isExplicit],
		unlisted: [track.visibility === 'unlisted', said.isUnlisted],
		audio: [track.file_id, said.fileId],
		image: [track.image_id, said.imageId],
		createdAt: [track.created_at.getTime(), said.createdAt.getTime()]
	};
	for (const [field, [row, written]] of Object.entries(pairs)) {
		if (isDeepStrictEqual(row, written)) continue;
		const values = `${JSON.stringify(row)}, in the record ${JSON.stringify(written)}`;
		report(`${field}_differs`, `${about}: ${values}`);
	}
}

function checkAudio(world: World, report: Report): void {
	const objects = new Map(world.objects.map((object) => [object.key, object]));
	const files = new Map(world.audioFiles.map((file) => [file.file_id, file]));
	const used = new Set<string>();
	for (const { id, file_id: streamed, original_file_id: original } of world.tracks) {
		for (const fileId of [streamed, original]) {
			used.add(fileId);
			if (!files.has(fileId)) report('track_without_file', `track ${id}, file ${fileId}`);
		}
	}
	for (const { id, track_id, file_id, original_file_id } of world.revisions) {
		for (const fileId of [file_id, original_file_id]) {
			used.add(fileId);
			if (files.has(fileId)) continue;
			report('revision_without_file', `track ${track_id}, revision ${id}, file ${fileId}`);
		}
	}
	for (const { of_file_id: of, file_id: smaller } of world.smallerFiles) {
		const about = `file ${of}, smaller file ${smaller}`;
		if (!files.has(of)) report('smaller_of_nothing', about);
		if (smaller === null) continue;
		if (used.has(of)) used.add(smaller);
		if (!files.has(smaller)) report('smaller_without_file', about);
	}
	for (const file of world.audioFiles) {
		const about = `file ${file.file_id}, ${file.storage_key}`;
		if (!used.has(file.file_id)) report('file_without_reference', about);
		if (!file.sha256.startsWith(file.file_id)) report('file_of_another_name', about);
		const object = objects.get(file.storage_key);
		if (!object) report('file_without_object', about);
		else if (object.sizeBytes !== file.size_bytes) report('object_of_another_size', about);
		else if (object.sha256 !== file.sha256) report('object_with_other_bytes', about);
	}
}

function checkImages(world: World, report: Report): void {
	const objects = new Map(world.objects.map((object) => [object.key, object]));
	const images = new Map(world.images.map((image) => [image.image_id, image]));
	const used = new Set(world.otherImageIds);
	for (const { id, image_id: imageId } of world.tracks) {
		if (imageId === null) continue;
		used.add(imageId);
		if (!images.has(imageId)) report('track_without_image', `track ${id}, image ${imageId}`);
	}
	for (const image of world.images) {
		if (!used.has(image.image_id)) report('image_without_reference', image.image_id);
		for (const key of imageObjectKeys(image)) {
			const object = objects.get(key);
			if (!object) report('image_without_object', `image ${image.image_id}, ${key}`);
			else if (!isWhatItsNameSays(object)) report('broken_picture', key);
		}
	}
	const named = new Set([
		...world.audioFiles.map(({ storage_key: key }) => key),
		...world.images.flatMap(imageObjectKeys)
	]);
	for (const { key } of world.objects) if (!named.has(key)) report('object_without_row', key);
}

/** "…-square-320.avif" is a square of 320 px in AVIF. */
function isWhatItsNameSays({ key, picture }: WorldObject): boolean {
	const [, edge, extension] = /-(\d+)\.(\w+)$/.exec(key) ?? [];
	// sharp calls the container by its name
	const format = extension === 'avif' ? 'heif' : extension;
	if (picture === null) return false;
	const { widthPx, heightPx } = picture;
	return picture.format === format && Math.max(widthPx, heightPx) === Number(edge);
}

function checkLeftovers(world: World, report: Report): void {
	for (const id of world.staged) report('left_in_staging', id);
	for (const { storage_key: key, deleted_at: deletedAt } of world.released) {
		if (deletedAt === null) report('released_and_not_deleted', key);
	}
	for (const { queue, state, key } of world.jobs) {
		report('job_stuck', `${queue} ${key}: ${state}`);
	}
	for (const { id, status, stage, error_code: code } of world.uploads) {
		if (status === 'completed' || status === 'failed') continue;
		report('upload_stuck', `upload ${id}: ${status} after ${stage}, ${code}`);
	}
}
