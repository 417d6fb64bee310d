import { redirect, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { openDownload } from '#lib/server/tracks/download.ts';
import { answerDownload } from './stored-object.ts';

/**
 * Answers with the original of a track. Whoever has to sign in first is led to the track after it:
 * nothing is saved without being asked for.
 * @throws DomainError as `openDownload`, but for the sign-in
 */
export async function answerTrackDownload(event: RequestEvent, id: number): Promise<Response> {
	const { ctx, viewer } = event.locals;
	try {
		const file = await openDownload(ctx, viewer, id);
		return await answerDownload(event, file, 'audio file not found');
	} catch (cause) {
		if (!(cause instanceof DomainError) || cause.code !== 'sign_in_to_download') throw cause;
		const query = new URLSearchParams({ return_to: `/track/${id}`, reason: 'download' });
		redirect(303, `/login?${query}`);
	}
}
