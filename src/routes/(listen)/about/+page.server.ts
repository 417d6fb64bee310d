import { describePage } from '#lib/server/http/head-tags.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { PageServerLoad } from './$types.js';

export const load: PageServerLoad = (event) => {
	const { config } = event.locals.ctx;
	const name = config.appName;
	describePage(event, {
		path: '/about',
		description: `what ${name} is, who owns what is on it, and who runs it`
	});
	return { operator: operatorOf(config) };
};
