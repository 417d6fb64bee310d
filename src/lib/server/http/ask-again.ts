import type { RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';

/**
 * Carries a request out. What the replica does not have may have been published a moment ago, and whoever
 * is told that it is nowhere may remember that for long, as programs do that show a preview of a link. So
 * it is looked for in the database itself first; not too often, as those who guess addresses ask for what
 * is nowhere all the time.
 */
export async function askAgain<E extends RequestEvent, R>(
	event: E,
	handler: (event: E) => R | Promise<R>
): Promise<R> {
	try {
		return await handler(event);
	} catch (cause) {
		const { ctx, ownDb } = event.locals;
		const isNowhere = cause instanceof DomainError && cause.status === 404;
		if (!isNowhere || !ownDb || !ctx.replica?.mayAskAgain()) throw cause;
		// also for whatever else of this page is still to be read
		event.locals.ctx = { ...ctx, db: ownDb };
		event.locals.ownDb = undefined;
		return await handler(event);
	}
}
