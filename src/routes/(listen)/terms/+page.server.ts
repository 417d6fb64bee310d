import { operatorOf } from '#lib/server/site/operator.ts';
import type { PageServerLoad } from './$types.js';

export const load: PageServerLoad = ({ locals }) => ({ operator: operatorOf(locals.ctx.config) });
