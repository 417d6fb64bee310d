import type { RequestEvent } from '@sveltejs/kit';
import { drainBody, HARDLY_ANY_BYTES } from '#lib/server/uploads/body.ts';
import { api } from './respond.ts';

/**
 * An endpoint under /api that takes large bodies: as `api`, and when it answers before the body
 * has arrived, the rest is read for a moment so that the sender gets to see the answer. A part of an
 * upload that is there already is not read: whether its sender sees the answer or a broken line, it
 * asks where to go on.
 */
export function uploadEndpoint<E extends RequestEvent>(
	handler: (event: E) => Response | Promise<Response>
): (event: E) => Promise<Response> {
	const answer = api(handler);
	return async (event) => {
		let isRepeat = false;
		try {
			const response = await answer(event);
			isRepeat = response.status === 409 && event.request.headers.has('upload-offset');
			return response;
		} finally {
			void drainBody(event.request.body, isRepeat ? HARDLY_ANY_BYTES : undefined);
		}
	};
}
