import type { Handle } from '@sveltejs/kit';

/**
 * What a browser must not do with our pages. The content security policy itself is made by
 * SvelteKit with a nonce per page (svelte.config.js); answers without a page get a closed one.
 */
export const securityHeaders: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers } = response;
	const set = (name: string, value: string) => {
		if (!headers.has(name)) headers.set(name, value);
	};
	set('x-content-type-options', 'nosniff');
	set('referrer-policy', 'strict-origin-when-cross-origin');
	set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
	set('cross-origin-opener-policy', 'same-origin');
	// players that stand within pages of others say so in their policy, which an old header would overrule
	const isForFrames = /frame-ancestors \*/.test(headers.get('content-security-policy') ?? '');
	if (!isForFrames) set('x-frame-options', 'DENY');
	if (event.locals.ctx.config.isSecure) {
		set('strict-transport-security', 'max-age=31536000; includeSubDomains');
	}
	// a browser shows audio and images in a document of its own, which must be allowed to load them
	if (!/^(text\/html|audio\/|image\/|multipart\/)/.test(headers.get('content-type') ?? '')) {
		set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
	}
	return response;
};
