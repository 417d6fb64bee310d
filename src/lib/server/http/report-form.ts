import { type ActionFailure, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { findReportable, report, type ReportFields } from '#lib/server/moderation/reports.ts';
import { clientKey } from './client-address.ts';
import { formText } from './form-text.ts';

/** What a report is about, as the address of its form says it. */
export const reportedIn = ({ searchParams }: URL) => ({
	track: searchParams.get('track'),
	artist: searchParams.get('artist')
});

/** Why a report was not taken, and what was typed. */
export interface ReportFailure {
	message: string;
	typed: ReportFields;
}

/**
 * The action of the form: leads to the page that says thanks, or back to the form with the reason and
 * what was typed.
 */
export async function reportAction(event: RequestEvent): Promise<ActionFailure<ReportFailure>> {
	const { ctx } = event.locals;
	const text = formText(await event.request.formData());
	const typed = { reason: text('reason'), details: text('details'), contact: text('contact') };
	const subject = await findReportable(ctx, reportedIn(event.url));
	let isNew: boolean;
	try {
		({ isNew } = await report(ctx, subject, typed, reporterKey(event)));
	} catch (cause) {
		if (cause instanceof DomainError && cause.status === 422) {
			return fail(422, { message: cause.message, typed });
		}
		throw cause;
	}
	event.url.searchParams.set('thanks', isNew ? 'new' : 'again');
	redirect(303, `/report?${event.url.searchParams}`);
}

/** Who is signed in is one reporter wherever they are; everybody else is one with their address. */
function reporterKey(event: RequestEvent): Buffer {
	const { ctx, viewer } = event.locals;
	return ctx.listeners.keyOfPerson(viewer?.did ?? `address ${clientKey(event)}`);
}
