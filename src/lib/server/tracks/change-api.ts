import { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { deleteTrack } from './delete-track.ts';
import { editTrack } from './edit-track.ts';
import { ownTrack } from './own-track.ts';
import { receiveChangeForm, sentChange, wantedValues } from './receive-change.ts';
import type { SentChange } from './read-change.ts';
import { listRevisions, restoreRevision } from './revisions.ts';
import type { TrackResponse } from './track-response.ts';
import { ownTrackResponse, trackId } from './tracks-api.ts';

/** What PATCH takes as JSON; every field may be absent. The fields themselves are read by `readChange`. */
export const changeBody = z.object({
	title: z.unknown(),
	album: z.unknown(),
	description: z.unknown(),
	features: z.unknown(),
	tags: z.unknown(),
	is_explicit: z.unknown(),
	is_unlisted: z.unknown(),
	image_id: z.unknown(),
	/** of the version the change is about: a newer one is not overwritten */
	record_cid: z.string().optional()
});

interface Change {
	sent: SentChange;
	cid: string | undefined;
}

/**
 * A change sent as a multipart form, with the artwork in `image`.
 * @throws DomainError 404, 410, 403 before anything of it is read
 */
export async function changeFromForm(
	ctx: Context,
	viewer: Viewer,
	id: string,
	request: Request
): Promise<Change> {
	await ownTrack(ctx, viewer, trackId(id), 'edit');
	const form = await receiveChangeForm(ctx, request);
	return { sent: sentChange(form), cid: form.fields.get('record_cid') };
}

/** A change sent as JSON. */
export function changeFromJson({ record_cid: cid, ...sent }: z.output<typeof changeBody>): Change {
	return { sent, cid };
}

/**
 * `PATCH /api/tracks/{id}`: changes the fields that are sent, and nothing else.
 * @throws DomainError as `editTrack` and `wantedValues`
 */
export async function answerChange(
	ctx: Context,
	viewer: Viewer,
	id: string,
	{ sent, cid }: Change
): Promise<TrackResponse> {
	const number = trackId(id);
	const wanted = await wantedValues(ctx, viewer, number, sent);
	const row = await editTrack(ctx, viewer, number, { wanted, cid });
	return await ownTrackResponse(ctx, viewer, row);
}

/** `DELETE /api/tracks/{id}`. @throws DomainError as `deleteTrack` */
export async function answerDeletion(
	ctx: Context,
	viewer: Viewer,
	id: string
): Promise<{ message: string }> {
	await deleteTrack(ctx, viewer, trackId(id));
	return { message: 'track deleted successfully' };
}

/** Earlier audio as the API answers it. */
export interface RevisionResponse {
	id: number;
	file_type: string;
	size_bytes: number;
	duration_ms: number | null;
	replaced_at: string;
	/** false: restoring it takes `rights_confirmed` */
	has_rights: boolean;
}

/** `GET /api/tracks/{id}/revisions`. @throws DomainError as `listRevisions` */
export async function answerRevisions(
	ctx: Context,
	viewer: Viewer,
	id: string
): Promise<{ revisions: RevisionResponse[] }> {
	const revisions = await listRevisions(ctx, viewer, trackId(id));
	return {
		revisions: revisions.map((one) => ({
			id: one.id,
			file_type: one.fileType,
			size_bytes: one.sizeBytes,
			duration_ms: one.durationMs,
			replaced_at: one.replacedAt,
			has_rights: one.hasRights
		}))
	};
}

/** What a restoration takes as JSON; a request without a body states nothing. */
export const restoreBody = z.object({ rights_confirmed: z.boolean().optional() });

/** `POST /api/tracks/{id}/revisions/{revision_id}/restore`. @throws DomainError as `restoreRevision` */
export async function answerRestore(
	ctx: Context,
	viewer: Viewer,
	{ id, revision_id: revisionId }: { id: string; revision_id: string },
	{ rights_confirmed: rightsConfirmed = false }: z.output<typeof restoreBody> = {}
): Promise<TrackResponse> {
	const revision = Number(/^\d{1,15}$/.exec(revisionId)?.[0] ?? 0);
	const row = await restoreRevision(ctx, viewer, trackId(id), revision, {
		rightsConfirmed
	});
	return await ownTrackResponse(ctx, viewer, row);
}
