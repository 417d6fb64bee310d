import { errorReportBody, takeErrorReport } from '#lib/server/client-errors/client-errors.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';

export const trailingSlash = 'ignore';

/** Something went wrong in somebody's browser: what, and not whose. */
export const POST = api(async (event) => {
	takeErrorReport(event.locals.ctx, await readJson(event, errorReportBody));
	return new Response(null, { status: 204 });
});
