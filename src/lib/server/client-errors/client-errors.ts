import { z } from 'zod';
import { cleanText } from '#lib/client-errors/clean-text.ts';
import { BROWSERS, type ErrorReport, KINDS } from '#lib/client-errors/error-report.ts';
import { failureReasons } from '#lib/player/playback-failure.ts';
import type { Context } from '#lib/server/context.ts';
import { Repeats } from './repeats.ts';

/** What `POST /api/client-errors` takes: forms in which nothing about a person fits. */
export const errorReportBody = z
	.object({
		kind: z.enum(KINDS),
		/** class of the error, or why a recording does not play */
		name: z
			.string()
			.max(40)
			.regex(/^[\w.$-]*$/),
		message: z.string().max(400),
		/** in our own scripts */
		place: z
			.string()
			.max(200)
			.regex(/^(\/_app\/[\w./-]+\.js:\d+:\d+)?$/),
		/** template of the page's address */
		route: z
			.string()
			.max(120)
			.regex(/^[\w/[\]().=-]*$/),
		browser: z.enum(BROWSERS)
	})
	.strict() satisfies z.ZodType<ErrorReport>;

/** Of each process: an error in a page that many look at is one line of the log, and not thousands. */
const repeats = new Repeats();

/** Counts an error of a browser, and logs it unless it was logged lately. */
export function takeErrorReport(
	{ metrics, log }: Pick<Context, 'metrics' | 'log'>,
	report: ErrorReport
): void {
	const { kind, name, place, route, browser } = report;
	// once more: anybody may send anything
	const message = cleanText(report.message);
	metrics.clientErrors.add(1, kind, browser);
	if (kind === 'playback') {
		metrics.playbackErrors.add(1, Object.hasOwn(failureReasons, name) ? name : 'other');
	}
	const since = repeats.take(JSON.stringify([kind, name, message, place]));
	if (since === null) return;
	const fields = { kind, name, message, place, route, browser };
	log.warn('client_error', since === 0 ? fields : { ...fields, repeats: since });
}
