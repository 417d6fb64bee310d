import { redirect, type RequestEvent } from '@sveltejs/kit';
import { GROUNDS } from '#lib/moderation/takedown.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { dismissNotice, dismissReports } from '#lib/server/moderation/operator-queue.ts';
import { findAccountToModerate, findTrackToModerate } from '#lib/server/moderation/subjects.ts';
import { restoreTakenDown, takeDown } from '#lib/server/moderation/takedowns.ts';
import { formText } from './form-text.ts';

/**
 * What an operator decides on a page of theirs, which it leads back to.
 * @param who their did
 */
export async function hideSubject(event: RequestEvent, who: string): Promise<never> {
	const { ctx } = event.locals;
	const text = formText(await event.request.formData());
	const ground = GROUNDS.find(({ value }) => value === text('ground'))?.value;
	if (!ground) throw unprocessable('ground', 'say on what ground');
	const find = text('kind') === 'account' ? findAccountToModerate : findTrackToModerate;
	const subject = await find(ctx, text('subject'));
	await takeDown(ctx, who, subject, { ground, reason: text('reason') });
	redirect(303, event.url.pathname);
}

/** As above. */
export async function restoreSubject(event: RequestEvent, who: string): Promise<never> {
	const text = formText(await event.request.formData());
	await restoreTakenDown(event.locals.ctx, who, text('subject'));
	redirect(303, event.url.pathname);
}

/** Leaves what was reported as it is. */
export async function leaveReported(event: RequestEvent, who: string): Promise<never> {
	const text = formText(await event.request.formData());
	await dismissReports(event.locals.ctx, who, text('subject'));
	redirect(303, event.url.pathname);
}

/** Leaves what was taken down hidden, whatever its artist says. */
export async function leaveNotice(event: RequestEvent, who: string): Promise<never> {
	const text = formText(await event.request.formData());
	await dismissNotice(event.locals.ctx, who, Number(text('takedown')), text('subject'));
	redirect(303, event.url.pathname);
}
