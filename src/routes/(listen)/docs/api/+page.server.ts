import { readableApi } from '#lib/server/openapi/readable.ts';
import type { PageServerLoadEvent } from './$types.js';

/** The description of the api, for people. */
export const load = ({ locals }: PageServerLoadEvent) => ({ api: readableApi(locals.ctx.config) });
