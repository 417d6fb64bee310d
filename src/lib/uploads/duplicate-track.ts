import type { UploadState } from './upload.ts';

/** The track that an upload was refused for, as it is the very same file; null: it was not, or it is none yet. */
export function duplicateTrackId({
	error_code: code,
	error
}: Pick<UploadState, 'error_code' | 'error'>): number | null {
	if (code !== 'duplicate_upload') return null;
	const id = /^duplicate upload: track already exists \(id: (\d+)\)$/.exec(error ?? '')?.[1];
	return id === undefined ? null : Number(id);
}
