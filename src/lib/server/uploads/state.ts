import type { UploadState } from '#lib/uploads/upload.ts';
import type { UploadRow } from './queries.ts';

/** The stage that comes after the finished one, in the words older clients know. */
const PHASES: Record<UploadRow['stage'], UploadState['phase']> = {
	receiving: null,
	received: 'upload',
	inspected: 'upload',
	transcoded: 'upload',
	stored: 'atproto',
	published: 'database',
	indexed: null
};

/** An upload as the API, its progress events and pages carry it. */
export function uploadState(row: UploadRow): UploadState {
	return {
		upload_id: row.id,
		status: row.status,
		stage: row.stage,
		phase: PHASES[row.stage],
		message: row.message,
		track_id: row.track_id,
		error: row.error,
		error_code: row.error_code,
		server_progress_pct: row.progress_pct,
		file_name: row.file_name,
		path: row.fields.path ?? null,
		modified_ms: row.fields.modifiedMs ?? null,
		title: row.fields.title ?? row.findings.tags?.title ?? null,
		received_bytes: row.received_bytes,
		size_bytes: row.size_bytes,
		release_id: row.release_id,
		release_position: row.release_position,
		replaces_track_id: row.replaces_track_id,
		unnamed_features: row.findings.unknownFeatures ?? [],
		version: row.version,
		created_at: row.created_at.toISOString(),
		completed_at: row.completed_at?.toISOString() ?? null
	};
}
