import type { LayoutServerLoad } from './$types.js';

/** What every page knows: who looks at it, and what the site is called. */
export const load: LayoutServerLoad = ({ locals }) => {
	const { appName: name, tagline, publicUrl } = locals.ctx.config;
	return { viewer: locals.viewer, site: { name, tagline, origin: publicUrl } };
};
