import { redirect } from '@sveltejs/kit';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

/** The same as `/auth/start`, for clients that know one base address. */
export const GET: RequestHandler = ({ url }) => redirect(307, `/auth/start${url.search}`);
