import type { Context } from '#lib/server/context.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { isUseless } from '#lib/server/uploads/failures.ts';
import { uploadState } from '#lib/server/uploads/state.ts';
import type { ReleaseState, ReleaseTrackState } from '#lib/releases/release.ts';
import { takesFilesUntil } from './hold.ts';
import { inOrder } from './order.ts';
import {
	type ContentTwin,
	type FileRow,
	findAlbumAddresses,
	findTwins,
	listFiles,
	type ReleaseRow
} from './queries.ts';
import { suggestRelease, suggestTrack } from './suggest.ts';

/** Releases of one artist as the API and the pages carry them, in the order they are given. */
export async function releaseStates(
	{ db }: Pick<Context, 'db'>,
	releases: readonly ReleaseRow[]
): Promise<ReleaseState[]> {
	const [first] = releases;
	if (!first) return [];
	const files = await listFiles(
		db,
		releases.map((release) => release.id)
	);
	const hashes = new Set(files.flatMap(({ sha256 }) => sha256 ?? []));
	const twins = await findTwins(db, first.artist_did, [...hashes]);
	const albums = await findAlbumAddresses(
		db,
		releases.flatMap((release) => release.album_id ?? [])
	);
	return releases.map((release) => ({
		...stateOf(
			release,
			files.filter((file) => file.release_id === release.id),
			twins
		),
		album: albums.get(release.album_id ?? '') ?? null
	}));
}

/** Whether a file of a release is, or may become, a track: it is not broken and no duplicate. */
export const isUsable = ({
	status,
	error_code: code
}: Pick<FileRow, 'status' | 'error_code'>): boolean => !(status === 'failed' && isUseless(code));

function stateOf(
	release: ReleaseRow,
	files: readonly FileRow[],
	twins: readonly ContentTwin[]
): Omit<ReleaseState, 'album'> {
	const { fields } = release;
	const suggested = suggestRelease(files.filter(isUsable));
	const ordered = inOrder(files, fields.isOrdered ?? false);
	return {
		release_id: release.id,
		status: release.status,
		fields: {
			album_title: fields.albumTitle ?? null,
			description: fields.description ?? null,
			year: fields.year ?? null,
			...picture(fields.imageId ?? null)
		},
		suggested: {
			album_title: suggested.albumTitle,
			year: suggested.year,
			...picture(suggested.imageId)
		},
		rights_confirmed: release.rights_confirmed_at !== null,
		release_at: release.release_at?.toISOString() ?? null,
		takes_files_until: takesFilesUntil(release)?.toISOString() ?? null,
		is_arriving: files.some(isArriving),
		album_deletion: release.album_deletion,
		tracks: ordered.map((file, index) => trackState(file, index + 1, twins)),
		created_at: release.created_at.toISOString(),
		updated_at: release.updated_at.toISOString()
	};
}

/** So long after its last byte somebody may still be sending a file. */
const ARRIVING_MS = 10_000;

const isArriving = ({ status, last_byte_at: lastByteAt }: FileRow) =>
	status === 'receiving' && lastByteAt.getTime() > Date.now() - ARRIVING_MS;

function trackState(
	file: FileRow,
	position: number,
	twins: readonly ContentTwin[]
): ReleaseTrackState {
	const { fields } = file;
	const suggested = suggestTrack(file);
	return {
		upload: uploadState(file),
		position,
		fields: {
			title: fields.title ?? null,
			description: fields.description ?? null,
			tags: fields.tags ?? null,
			features: fields.features ?? null,
			is_explicit: fields.isExplicit ?? false,
			is_unlisted: fields.isUnlisted ?? false,
			...picture(fields.imageId ?? null)
		},
		suggested: {
			title: suggested.title,
			artist: suggested.artist,
			track_number: suggested.trackNumber,
			disc_number: suggested.discNumber,
			year: suggested.year,
			tags: suggested.tags,
			isrc: suggested.isrc,
			has_lyrics: suggested.hasLyrics,
			...picture(suggested.imageId)
		},
		duplicate_of: duplicateOf(file, twins)
	};
}

/**
 * Of the same content: a track that is not its own, or an upload that was begun before it. As the
 * worker judges it (uploads/duplicates.ts): one in another draft may lie forgotten, and counts for nothing.
 */
function duplicateOf(
	file: FileRow,
	twins: readonly ContentTwin[]
): ReleaseTrackState['duplicate_of'] {
	if (file.sha256 === null || file.status === 'completed') return null;
	const twin = twins.find(
		({ sha256, rkey, trackId, draftId }) =>
			sha256 === file.sha256 &&
			(draftId === null || draftId === file.release_id) &&
			(trackId === null ? rkey < file.rkey : rkey !== file.rkey)
	);
	return twin ? { track_id: twin.trackId, upload_id: twin.uploadId, title: twin.title } : null;
}

const picture = (imageId: string | null) => ({
	image_id: imageId,
	image_url: imageId && imageUrl(imageId, 320)
});
