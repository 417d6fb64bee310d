import type { Handle, RequestEvent } from '@sveltejs/kit';
import { drainBody } from '#lib/server/uploads/body.ts';

const MEBIBYTE = 1024 * 1024;

/** More than any form that is refused for its size has, a picture too large included. */
const FORM_BYTES = 64 * MEBIBYTE;
/** Of what an upload sends in one part (send-file.ts). */
const PART_BYTES = 32 * MEBIBYTE;
/** Where nothing depends on the answer. */
const HARDLY_ANY_BYTES = 64 * 1024;

const RESUMABLE = /^\/api\/uploads\/tus(?:\/|$)/;

/**
 * Reads what a handler left of a body, within limits: a connection that is closed with unread bytes
 * in it takes the answer along (RFC 9112 9.6). A browser that sends a form looks at the answer when
 * everything is sent: it ends after that. Whoever looks earlier has it by then.
 */
export const unreadBody: Handle = async ({ event, resolve }) => {
	const { body } = event.request;
	const response = await resolve(event);
	if (!body) return response;
	if (RESUMABLE.test(event.url.pathname)) {
		// looked at meanwhile, and the sooner it ends the sooner the rest is sent where it belongs
		void drainBody(body, isRepeat(event, response) ? HARDLY_ANY_BYTES : PART_BYTES);
		return response;
	}
	const rest = drainBody(body, FORM_BYTES);
	if (!response.body) {
		await rest;
		return response;
	}
	const answer = response.body.pipeThrough(new TransformStream({ flush: () => rest }));
	return new Response(answer, response);
};

/** A part that is there already: whether its sender sees the answer or a broken line, it asks where to go on. */
const isRepeat = ({ request }: RequestEvent, { status }: Response): boolean =>
	status === 409 && request.headers.has('upload-offset');
