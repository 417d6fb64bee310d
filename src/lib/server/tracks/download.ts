import { downloadOffer } from '#lib/artists/download-rule.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, forbidden, notFound } from '#lib/server/errors.ts';
import { findOriginalFile } from './download-queries.ts';
import { downloadName } from './download-name.ts';
import { keptTrackRow, trackRow } from './tracks.ts';

/** The file an artist uploaded, and what it is called when somebody saves it. */
export interface Download {
	key: string;
	sizeBytes: number;
	contentType: string;
	sha256: string;
	lastModified: Date;
	fileName: string;
}

/**
 * The original of a track, for whoever may have it: its artist always.
 * @throws DomainError as `getTrack`; 401 `sign_in_to_download` and 403 `downloads_off` as
 * the artist wants it
 */
export async function openDownload(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer | null,
	id: number
): Promise<Download> {
	const kept = await keptTrackRow(ctx, id);
	const track = kept.artist_did === viewer?.did ? kept : await trackRow(ctx, id);
	const offer = downloadOffer(track.artist_downloads, track.artist_did, viewer);
	if (offer === 'no') {
		throw forbidden('downloads_off', 'the artist does not offer downloads of their tracks');
	}
	if (offer === 'after_sign_in') {
		throw new DomainError(
			401,
			'sign_in_to_download',
			'the artist offers downloads to people who are signed in'
		);
	}
	const file = await findOriginalFile(ctx.db, id);
	if (!file) throw notFound('audio file not found', 'audio_not_found');
	return {
		key: file.storage_key,
		sizeBytes: file.size_bytes,
		contentType: file.content_type,
		sha256: file.sha256,
		lastModified: file.created_at,
		fileName: downloadName({
			artist: track.artist_name,
			title: track.title,
			fileType: file.file_type
		})
	};
}
