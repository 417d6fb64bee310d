import { redirect, type RequestEvent } from '@sveltejs/kit';

/**
 * Leads to where something is now. Browsers ask again the next time: a handle or name can come back,
 * and two redirects that are kept for good would lead to each other.
 */
export function moved(event: Pick<RequestEvent, 'setHeaders'>, to: string): never {
	event.setHeaders({ 'cache-control': 'no-cache' });
	redirect(308, to);
}
