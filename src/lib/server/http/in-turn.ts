import type { Handle, ResolveOptions } from '@sveltejs/kit';

/**
 * One handle of several: each is asked with the next one to resolve by. SvelteKit's own `sequence` copies
 * the event for every step and opens a store of its own around it, for traces that are not recorded here:
 * with our many steps that was most of what a small answer costs.
 * Options for the page may be given by one of them; another's would take their place.
 */
export function inTurn(...handles: readonly Handle[]): Handle {
	const [first, ...rest] = handles;
	if (!first) return ({ event, resolve }) => resolve(event);
	if (rest.length === 0) return first;
	const next = inTurn(...rest);
	return ({ event, resolve }) =>
		first({
			event,
			resolve: (same, options?: ResolveOptions) =>
				next({ event: same, resolve: (last, own = options) => resolve(last, own) })
		});
}
