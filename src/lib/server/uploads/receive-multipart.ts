import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { MAX_IMAGE_BYTES } from '#lib/server/media/images.ts';
import { refuseBeyondAllowance } from './allowance.ts';
import { findEarlier, readIdempotencyKey } from './idempotency.ts';
import { fileTooLarge } from './incoming.ts';
import { readForm } from './multipart.ts';
import type { UploadRow } from './queries.ts';
import { TrackForm } from './track-form.ts';

/** What a form is larger than its audio: a picture, the fields, the lines between them. */
const FORM_OVERHEAD_BYTES = MAX_IMAGE_BYTES + 1024 * 1024;

/**
 * Receives a track as a streamed multipart form: `file`, `title`, and optionally `album`,
 * `description`, `features`, `image`, `rights_confirmed`, in any order. The audio goes straight to
 * staging; nothing is left of a form that is refused or breaks off. With `replaces_track_id` the track
 * of that id gets the audio, and everything else about it stays.
 * @param options.replacesTrackId the same, whatever the form says
 * @param options.onField hears every field as it was sent, also of a form that is refused later
 * @returns the upload, pending, with its job; or the one an earlier request with the same
 * Idempotency-Key made
 * @throws DomainError 400, 408, 409, 413, 422, 429, each with a code and a sentence
 */
export async function receiveMultipart(
	ctx: Context,
	viewer: Viewer,
	request: Request,
	options: {
		mustConfirmRights?: boolean;
		replacesTrackId?: number;
		onField?: (name: string, value: string) => void;
	} = {}
): Promise<UploadRow> {
	const contentLength = Number(request.headers.get('content-length') ?? 0);
	if (contentLength > ctx.config.maxUploadBytes + FORM_OVERHEAD_BYTES) {
		throw fileTooLarge(ctx.config.maxUploadBytes);
	}
	const key = readIdempotencyKey(request.headers);
	const earlier = key === null ? undefined : await findEarlier(ctx, viewer.did, key);
	if (earlier) return earlier;
	await refuseBeyondAllowance(ctx, ctx.db, { artistDid: viewer.did, sizeBytes: contentLength });
	const form = new TrackForm(ctx, {
		artistDid: viewer.did,
		idempotencyKey: key,
		contentLength,
		mustConfirmRights: options.mustConfirmRights ?? false,
		replacesTrackId: options.replacesTrackId
	});
	// the answer is about the form: what could not be tidied up is swept later
	const untidy = (cause: unknown) => ctx.log.warn('form_not_tidied_up', describeError(cause));
	try {
		await readForm(
			request,
			(name, value) => {
				options.onField?.(name, value);
				form.takeField(name, value);
			},
			(file) => form.takeFile(file)
		);
		return await form.accept();
	} catch (cause) {
		await form.abandon().catch(untidy);
		throw cause;
	} finally {
		await form.release().catch(untidy);
	}
}
