import { type ActionFailure, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { readForm } from '#lib/server/uploads/multipart.ts';
import { receiveMultipart } from '#lib/server/uploads/receive-multipart.ts';
import type { ArtistViewer } from './guards.ts';

/** Why a track was not taken, and what was typed about it. */
export interface TrackFormFailure {
	message: string;
	typed: { title?: string; album?: string; description?: string };
}

/** What can be given back to the form; a browser takes no file from a page. */
const TYPED_FIELDS = ['title', 'album', 'description'] as const;

/**
 * The action of the form of one track: leads to the portal, or back to the form with the reason and
 * what was typed.
 */
export async function trackFormAction(
	event: RequestEvent,
	viewer: ArtistViewer
): Promise<ActionFailure<TrackFormFailure>> {
	const typed: TrackFormFailure['typed'] = {};
	const onField = (name: string, value: string) => {
		const field = TYPED_FIELDS.find((known) => known === name);
		if (field) typed[field] = value;
	};
	let uploadId: string;
	try {
		const upload = await receiveMultipart(event.locals.ctx, viewer, event.request, {
			mustConfirmRights: true,
			onField
		});
		uploadId = upload.id;
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		// refused before the form was looked at: what was typed stands before its first file
		const isUnread = !event.request.bodyUsed;
		if (isUnread) await readForm(event.request, onField, stop).catch(() => undefined);
		return refusal(event, cause, typed);
	}
	redirect(303, `/portal?upload=${uploadId}`);
}

const stop = () => Promise.reject(new Error('the file is not wanted'));

function refusal(event: RequestEvent, cause: DomainError, typed: TrackFormFailure['typed']) {
	const { status, message, retryAfterSeconds } = cause;
	// the rest of what is too large is not read: the connection cannot be used again
	if (status === 413) event.setHeaders({ connection: 'close' });
	if (retryAfterSeconds !== undefined) {
		event.setHeaders({ 'retry-after': String(Math.ceil(retryAfterSeconds)) });
	}
	return fail(status, { message, typed });
}
