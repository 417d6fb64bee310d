import type { Handle } from '@sveltejs/kit';

/**
 * On a person's own machine the site lives at 127.0.0.1, where the PDS sends the browser back to:
 * a cookie set under `localhost` would not be there. Pages asked for under `localhost` are
 * therefore opened at the other name.
 */
export const canonicalHost: Handle = async ({ event, resolve }) => {
	const { config } = event.locals.ctx;
	const { method, headers } = event.request;
	const isPage = method === 'GET' && headers.get('accept')?.includes('text/html');
	if (config.isSecure || !isPage || !/^localhost(:\d+)?$/i.test(headers.get('host') ?? '')) {
		return resolve(event);
	}
	const location = config.publicUrl + event.url.pathname + event.url.search;
	return new Response(null, { status: 307, headers: { location } });
};
