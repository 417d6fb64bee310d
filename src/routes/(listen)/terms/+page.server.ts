import { describePage } from '#lib/server/http/head-tags.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { PageServerLoad } from './$types.js';

export const load: PageServerLoad = (event) => {
	const { config } = event.locals.ctx;
	const name = config.appName;
	describePage(event, {
		path: '/terms',
		description: `what ${name} asks of people who publish and listen, and what they can expect`
	});
	return { operator: operatorOf(config) };
};
