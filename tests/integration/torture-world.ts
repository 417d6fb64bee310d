import assert from 'node:assert/strict';
import type { World } from '../torture/world.ts';

export const DID = 'did:plc:alice';
const COLLECTION = 'fm.plyr.dev.track';
export const SITE = {
	publicUrl: 'http://127.0.0.1:3999',
	trackCollection: COLLECTION,
	likeCollection: 'fm.plyr.dev.like',
	listCollection: 'fm.plyr.dev.list'
};
export const URI = `at://${DID}/${COLLECTION}/3lbbbbbbbbb22`;
export const SHA = 'ab'.repeat(32);
export const EARLIER_SHA = 'cd'.repeat(32);
export const PICTURE = '0123456789abcdef';
export const CREATED_AT = new Date('2026-01-02T03:04:05.000Z');

/** One track with a picture and an earlier version, and nothing wrong with it. */
export function sound(): World {
	const fileOf = (sha256: string) => ({
		file_id: sha256.slice(0, 16),
		sha256,
		storage_key: `audio/${sha256.slice(0, 16)}.wav`,
		size_bytes: 7,
		file_type: 'wav'
	});
	const [file, earlier] = [fileOf(SHA), fileOf(EARLIER_SHA)];
	const pictureKey = `images/${PICTURE}-square-320.webp`;
	return {
		records: [
			{
				did: DID,
				uri: URI,
				cid: 'cid 1',
				value: {
					$type: COLLECTION,
					title: 'a song',
					artist: 'alice',
					audioUrl: `${SITE.publicUrl}/audio/${file.file_id}`,
					imageUrl: `${SITE.publicUrl}/images/${PICTURE}`,
					fileType: 'wav',
					tags: ['live'],
					createdAt: CREATED_AT.toISOString()
				}
			}
		],
		tracks: [
			{
				id: 1,
				artist_did: DID,
				rkey: '3lbbbbbbbbb22',
				record_uri: URI,
				record_cid: 'cid 1',
				record_rev: null,
				title: 'a song',
				description: null,
				album_id: null,
				album_position: null,
				named_album: null,
				features: [],
				file_id: file.file_id,
				original_file_id: file.file_id,
				duration_ms: 1_000,
				image_id: PICTURE,
				like_count: 0,
				play_count: 0,
				visibility: 'public',
				listed_as: 'public',
				is_explicit: false,
				created_at: CREATED_AT,
				indexed_at: CREATED_AT,
				tags: ['live']
			}
		],
		revisions: [
			{
				id: 1,
				track_id: 1,
				file_id: earlier.file_id,
				original_file_id: earlier.file_id,
				duration_ms: 1_000,
				replaced_at: CREATED_AT
			}
		],
		audioFiles: [file, earlier],
		images: [{ image_id: PICTURE, renditions: { 'square-320.webp': pictureKey } }],
		otherImageIds: [],
		tombstones: [],
		released: [{ storage_key: 'audio/old.wav', deleted_at: CREATED_AT }],
		uploads: [
			{
				id: 'upload 1',
				status: 'completed',
				stage: 'indexed',
				error_code: null,
				track_id: 1,
				message: 'done',
				release_id: null
			}
		],
		jobs: [],
		lists: [],
		albums: [],
		smallerFiles: [],
		albumItems: [],
		releases: [],
		objects: [
			...[file, earlier].map(({ storage_key: key, sha256 }) => ({
				key,
				sizeBytes: 7,
				sha256,
				picture: null
			})),
			{
				key: pictureKey,
				sizeBytes: 9,
				sha256: 'ef',
				picture: { format: 'webp', widthPx: 320, heightPx: 320 }
			}
		],
		staged: []
	};
}

const LIST_URI = `at://${DID}/${SITE.listCollection}/3lccccccccc22`;
export const RELEASE = 'release 1';
export const ALBUM = 'album 1';

/** The same, in which the track and a second one are an album that was published with a cover. */
export function soundAlbum(): World {
	const world = sound();
	const [record, track, upload] = [first(world.records), first(world.tracks), first(world.uploads)];
	const second = URI.replace('bb22', 'bb23');
	world.records.push({ ...record, uri: second });
	Object.assign(track, { album_id: ALBUM, album_position: 1 });
	world.tracks.push({ ...track, id: 2, record_uri: second, album_position: 2 });
	upload.release_id = RELEASE;
	world.uploads.push({ ...upload, id: 'upload 2', track_id: 2 });
	const uris = [URI, second];
	const cid = 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a';
	world.lists.push({
		did: DID,
		uri: LIST_URI,
		cid: 'cid 3',
		value: {
			$type: SITE.listCollection,
			listType: 'album',
			name: 'an album',
			imageUrl: `${SITE.publicUrl}/images/${PICTURE}`,
			items: uris.map((uri) => ({ subject: { uri, cid } })),
			createdAt: CREATED_AT.toISOString()
		}
	});
	world.albums.push({
		id: ALBUM,
		artist_did: DID,
		slug: 'an-album',
		title: 'an album',
		description: null,
		year: null,
		image_id: PICTURE,
		rkey: '3lccccccccc22',
		record_uri: LIST_URI,
		record_cid: 'cid 3',
		record_rev: null,
		sync_wanted: 1,
		sync_done: 1,
		waiting_code: null,
		waiting_since: null,
		kept_change: null,
		deletion: null,
		created_at: CREATED_AT,
		updated_at: CREATED_AT
	});
	world.albumItems.push(
		...uris.map((uri, n) => ({ album_id: ALBUM, position: n + 1, subject_uri: uri }))
	);
	world.releases.push({
		id: RELEASE,
		artist_did: DID,
		status: 'published',
		fields: { albumTitle: 'an album', imageId: PICTURE, isOrdered: true },
		album_id: ALBUM,
		rights_confirmed_at: CREATED_AT,
		release_at: null,
		created_at: CREATED_AT,
		updated_at: CREATED_AT,
		published_at: CREATED_AT,
		album_deletion: null,
		settled_at: CREATED_AT
	});
	world.otherImageIds.push(PICTURE);
	return world;
}

export const first = <T>(items: readonly T[]): T => items[0] ?? assert.fail('there is none');
export const last = <T>(items: readonly T[]): T => items.at(-1) ?? assert.fail('there is none');
