import { fail, redirect, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { type ArtistViewer, requireArtistPage } from './guards.ts';

/** An action about one of the viewer's uploads: leads where `act` says, or says why not. */
export const uploadFormAction = (
	act: (event: RequestEvent, viewer: ArtistViewer, id: string) => Promise<string>
) =>
	async function (event: RequestEvent) {
		const viewer = requireArtistPage(event);
		const field = (await event.request.formData()).get('upload_id');
		const id = typeof field === 'string' ? field : '';
		let next: string;
		try {
			next = await act(event, viewer, id);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			return fail(cause.status, { message: cause.message, trackId: trackOf(cause) });
		}
		redirect(303, next);
	};

/** The track an upload has become; null: the refusal is about something else. */
function trackOf({ detail }: DomainError): number | null {
	const isNamed = typeof detail === 'object' && detail !== null && 'track_id' in detail;
	return isNamed && typeof detail.track_id === 'number' ? detail.track_id : null;
}
