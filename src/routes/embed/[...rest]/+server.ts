import { notFound } from '#lib/server/errors.ts';
import { embed } from '#lib/server/http/answer-embed.ts';
import type { RequestEvent } from './$types.js';

/** Within a frame, what there is not is said as small as what there is. */
export const GET = embed((_event: RequestEvent) =>
	Promise.reject(notFound('there is nothing at this address'))
);
