import { describePage } from '#lib/server/http/head-tags.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { PageServerLoad } from './$types.js';

export const load: PageServerLoad = (event) => {
	const { config } = event.locals.ctx;
	const name = config.appName;
	describePage(event, {
		path: '/privacy',
		description: `what ${name} keeps of the people who use it, for how long, and how it goes away`
	});
	return { operator: operatorOf(config) };
};
