import type { RequestEvent } from '@sveltejs/kit';
import { drainBody } from '#lib/server/uploads/body.ts';
import { api } from './respond.ts';

/**
 * An endpoint under /api that takes large bodies: as `api`, and when it answers before the body
 * has arrived, the rest is read for a moment so that the sender gets to see the answer.
 */
export function uploadEndpoint<E extends RequestEvent>(
	handler: (event: E) => Response | Promise<Response>
): (event: E) => Promise<Response> {
	const answer = api(handler);
	return async (event) => {
		try {
			return await answer(event);
		} finally {
			void drainBody(event.request.body);
		}
	};
}
