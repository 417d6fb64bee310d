import { api } from '#lib/server/http/respond.ts';
import { answerOembed } from '#lib/server/sharing/oembed.ts';
import { assertFormat, formatOembed } from '#lib/server/sharing/oembed-format.ts';
import type { RequestEvent } from './$types.js';

const CORS = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };

/** How programs show a page of ours within theirs: `?url=&format=json|xml&maxwidth=&maxheight=`. */
export const GET = async (event: RequestEvent): Promise<Response> => {
	const response = await answer(event);
	// also what is refused can be read by the page that asked
	for (const [name, value] of Object.entries(CORS)) response.headers.set(name, value);
	return response;
};

const answer = api(async ({ locals, url: { searchParams } }: RequestEvent) => {
	const asked = (name: string) => searchParams.get(name);
	const format = asked('format');
	assertFormat(format);
	const found = await answerOembed(locals.ctx, {
		url: asked('url'),
		maxwidth: asked('maxwidth'),
		maxheight: asked('maxheight')
	});
	const { body, contentType } = formatOembed(format, found);
	const headers = { 'content-type': contentType, 'cache-control': 'public, max-age=3600' };
	return new Response(body, { headers });
});
