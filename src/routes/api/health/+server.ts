import { json } from '@sveltejs/kit';

export const trailingSlash = 'ignore';

/** Alive: the process answers. Touches nothing else, so that a slow database does not restart it. */
export const GET = () => json({ status: 'ok' });
