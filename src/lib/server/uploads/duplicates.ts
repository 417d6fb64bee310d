import type { Context } from '#lib/server/context.ts';
import { isAudioWhole } from './audio-files.ts';
import { unavailable } from '#lib/server/errors.ts';
import { UploadRefused } from './failures.ts';
import type { UploadRow } from './queries.ts';

/** Why a track's audio is not replaced by itself. */
export const SAME_AUDIO =
	'this is the file the track has already, so there is nothing to replace. choose the new version';

/**
 * Why a file is not taken that another track of its artist has.
 * @param isReplacement it was to be new audio for a track there is
 */
export const duplicateSentence = (
	{ id, title }: { id: number; title: string },
	isReplacement: boolean
): string =>
	isReplacement
		? `another track of yours, “${title}”, is this very file already (id: ${id}). choose another file, or delete that track first`
		: `duplicate upload: track already exists (id: ${id})`;

/**
 * Refuses a file its artist has made a track of; other artists may publish the same.
 * The same file for a track whose audio is gone from the storage brings it back.
 * @param heedsOwn whether a track is refused the file it has; one that is about to be replaced may
 *   have got it from us a moment ago
 * @throws UploadRefused naming the track; DomainError 503 `still_deleting` while a track of the same
 *   file is being deleted
 */
export async function refuseDuplicate(
	ctx: Pick<Context, 'db' | 'storage'>,
	upload: Pick<UploadRow, 'artist_did' | 'rkey' | 'replaces_track_id'>,
	sha256: string,
	heedsOwn = true
): Promise<void> {
	const track = await ctx.db
		.selectFrom('tracks')
		.innerJoin('audio_files', 'audio_files.file_id', 'tracks.original_file_id')
		.select(['tracks.id', 'tracks.title', 'tracks.visibility'])
		.where('tracks.artist_did', '=', upload.artist_did)
		.where('tracks.rkey', '!=', upload.rkey)
		.where('audio_files.sha256', '=', sha256)
		.executeTakeFirst();
	if (!track) return;
	if (track.visibility === 'deleting') throw stillDeleting();
	if (track.id === upload.replaces_track_id) {
		if (heedsOwn && (await isAudioWhole(ctx, track.id))) {
			throw new UploadRefused('same_audio', SAME_AUDIO);
		}
		return;
	}
	throw duplicate(duplicateSentence(track, upload.replaces_track_id !== null));
}

/**
 * Refuses a file that its artist has sent a second time while the first is still on its way: the
 * one that was begun first goes on.
 * @throws UploadRefused
 */
export async function refuseTwin(
	{ db }: Pick<Context, 'db'>,
	upload: Pick<UploadRow, 'artist_did' | 'rkey' | 'release_id'>,
	sha256: string
): Promise<void> {
	const twin = await db
		.selectFrom('uploads')
		.leftJoin('releases', 'releases.id', 'uploads.release_id')
		.select('file_name')
		.where('uploads.artist_did', '=', upload.artist_did)
		.where('sha256', '=', sha256)
		.where('uploads.status', 'in', ['pending', 'processing', 'waiting'])
		// a draft may lie forgotten, or be thrown away: it must not cost a file its place elsewhere
		.where((eb) =>
			eb.or([
				eb('releases.id', 'is', null),
				eb('releases.id', '=', upload.release_id),
				eb('releases.status', '=', 'published')
			])
		)
		// record keys are made of the time: the smaller one was begun first
		.where('rkey', '<', upload.rkey)
		.executeTakeFirst();
	if (!twin) return;
	throw duplicate(`duplicate upload: the same file is on its way already (${twin.file_name})`);
}

/** An artist who deletes a track may want its file again: it has to be gone first. */
const stillDeleting = () =>
	unavailable('still_deleting', 'the track you made of this file before is still being deleted');

const duplicate = (sentence: string) => new UploadRefused('duplicate_upload', sentence);
