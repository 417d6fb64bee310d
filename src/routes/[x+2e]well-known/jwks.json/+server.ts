import { json } from '@sveltejs/kit';
import type { RequestHandler } from './$types.js';

/** The public halves of the keys we sign with (RFC 7517). */
export const GET: RequestHandler = ({ locals }) =>
	json(locals.ctx.oauth.jwks(), {
		headers: { 'cache-control': 'public, max-age=600', 'access-control-allow-origin': '*' }
	});
