import type { Handle } from '@sveltejs/kit';
import { baseHeaders } from './base-headers.ts';

/**
 * What a browser must not do with our pages. The content security policy of a page is made by
 * SvelteKit with a nonce of its own (svelte.config.js); all else is in base-headers.ts.
 */
export const securityHeaders: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers } = response;
	const all = baseHeaders({
		path: event.url.pathname,
		contentType: headers.get('content-type') ?? '',
		policy: headers.get('content-security-policy'),
		isSecure: event.locals.ctx.config.isSecure
	});
	for (const [name, value] of Object.entries(all)) {
		if (!headers.has(name)) headers.set(name, value);
	}
	return response;
};
