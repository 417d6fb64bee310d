/** Of each route once: there are as many as files. */
const known = new Map<string, string>();

/**
 * The address of a route as people would write it: `/track/[id]`, without the groups its files are in.
 * @param routeId as SvelteKit names it; null: there is nothing at the address
 */
export function routeTemplate(routeId: string | null): string {
	if (routeId === null) return 'none';
	let template = known.get(routeId);
	if (template === undefined) {
		template = routeId.replace(/\/\([^)/]+\)/g, '') || '/';
		known.set(routeId, template);
	}
	return template;
}
