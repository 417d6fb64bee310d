import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerTus, tusHeaders } from '#lib/server/uploads/tus.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

const answer = api(async (event: RequestEvent) => {
	const { ctx } = event.locals;
	const id = event.params.id.replace(/\/$/, '');
	return await answerTus(ctx, requireArtist(event), event.request, id === '' ? null : id);
});

/** Resumable uploads: https://tus.io/protocols/resumable-upload */
const tus = async (event: RequestEvent): Promise<Response> => {
	const response = await answer(event);
	const { maxUploadBytes } = event.locals.ctx.config;
	for (const [name, value] of Object.entries(tusHeaders(maxUploadBytes))) {
		response.headers.set(name, value);
	}
	return response;
};

export { tus as DELETE, tus as HEAD, tus as PATCH, tus as POST };

/** What this server can do; asked before anybody is known. */
export const OPTIONS = ({ locals }: RequestEvent): Response =>
	new Response(null, { status: 204, headers: tusHeaders(locals.ctx.config.maxUploadBytes) });
