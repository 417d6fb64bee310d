import type { Handle, RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { takeFromLimit } from '#lib/server/limits/limits.ts';
import { describeError } from '#lib/server/log.ts';
import { clientKey } from './client-address.ts';
import { type RateRule, rateRuleOf } from './rate-rules.ts';
import { refuse } from './refuse.ts';

/**
 * Stops what is done too often, by the table in rate-rules.ts: one query for what changes
 * something, none for reading. A person who is signed in has a part of their own wherever they
 * are; everybody else shares the part of their address.
 */
export const rateLimit: Handle = async ({ event, resolve }) => {
	const rule = rateRuleOf(event.request.method, event.route.id);
	// what a page asks of its own server while it renders was counted already
	if (!rule || event.isSubRequest) return resolve(event);
	try {
		await takeFromLimit(event.locals.ctx, { name: rule.limit, key: keyOf(event, rule) });
	} catch (cause) {
		if (cause instanceof DomainError && cause.status === 429) return refuse(event, cause);
		// whatever the request wants will find out by itself that the database is away
		event.locals.log.warn('limit_not_checked', { limit: rule.limit, ...describeError(cause) });
	}
	return resolve(event);
};

const keyOf = (event: RequestEvent, { by }: RateRule): string =>
	(by === 'viewer' ? event.locals.viewer?.did : undefined) ?? clientKey(event);
