import type { UploadStage, UploadStatus } from '#lib/server/db/schema.ts';

/**
 * The state of an upload as the API and its progress events carry it (snake_case: it is a public
 * contract). `version` counts up with every change and is the id of the progress event.
 */
export interface UploadState {
	upload_id: string;
	status: UploadStatus;
	stage: UploadStage;
	/** the same as `stage` in the words older clients know */
	phase: 'upload' | 'image' | 'metadata' | 'atproto' | 'database' | null;
	message: string;
	track_id: number | null;
	error: string | null;
	error_code: string | null;
	server_progress_pct: number | null;
	file_name: string;
	/** where the file lay in what was dropped; null: nobody said */
	path: string | null;
	/** when the file was changed last, unix time; null: nobody said */
	modified_ms: number | null;
	title: string | null;
	received_bytes: number;
	size_bytes: number | null;
	/** the release it is a part of; null: published by itself */
	release_id: string | null;
	/** 1-based, as last written down; the release itself tells the order */
	release_position: number | null;
	/** the track it is new audio for; null: it becomes a track */
	replaces_track_id: number | null;
	/** handles of featured artists nobody was found under: it is published without naming them */
	unnamed_features: string[];
	version: number;
	created_at: string;
	completed_at: string | null;
}

/** Code of an upload of a release whose bytes did not all come in time. */
export const NOT_RECEIVED = 'not_received';

/** So long it waits to be chosen again, since its artist has last changed anything about it. */
export const GIVEN_UP_KEPT_DAYS = 60;

/** Its bytes did not all come in time and went; what was said about it is kept, and it begins anew. */
export const isGivenUp = (upload: Pick<UploadState, 'status' | 'error_code'>) =>
	upload.status === 'receiving' && upload.error_code === NOT_RECEIVED;

/** Whether another file may come in its place in its release, and take over its words. */
export const isReplaceable = ({ status }: Pick<UploadState, 'status'>) =>
	status === 'receiving' || status === 'failed';

/** Nothing more will happen to it by itself. */
export const isFinished = (upload: Pick<UploadState, 'status'>) =>
	upload.status === 'completed' || upload.status === 'failed';
