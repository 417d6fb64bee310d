import { json } from '@sveltejs/kit';
import type { RequestHandler } from './$types.js';

/** Who we are, for authorization servers: this address is our client_id on https. */
export const GET: RequestHandler = ({ locals }) =>
	json(locals.ctx.oauth.clientMetadata(), {
		headers: { 'cache-control': 'public, max-age=600', 'access-control-allow-origin': '*' }
	});
