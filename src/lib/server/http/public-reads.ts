import type { Handle, RequestEvent } from '@sveltejs/kit';

const READS = new Set(['GET', 'HEAD']);

/** Pages, lists and searches that are the same for everybody who is not signed in. */
const PUBLIC =
	/^\/(?:\(listen\)(?:\/(?:feed\.\[ending\]|about|at|costs|search|tag|track\/\[id\]|u)(?:\/|$)|$)|embed\/|oembed$|sitemap)|^\/api\/(?:albums|artists|search|tags|tracks)(?:\/|$)/;

/**
 * Lets what is read for everybody be asked of the replica, when there is one. Who is signed in reads the
 * database itself, so that they see what they have just changed; but for players within other pages, feeds
 * and the like, which are the same whoever asks, and kept for minutes on their way (session.ts).
 */
export const publicReads: Handle = ({ event, resolve }) => {
	const { ctx } = event.locals;
	if (ctx.replica && isPublicRead(event)) {
		event.locals.ownDb = ctx.db;
		event.locals.ctx = { ...ctx, db: ctx.publicDb };
	}
	return resolve(event);
};

const isPublicRead = ({ request, route, locals }: RequestEvent): boolean =>
	READS.has(request.method) && locals.viewer === null && PUBLIC.test(route.id ?? '');
