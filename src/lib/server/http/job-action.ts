import { redirect, type RequestEvent } from '@sveltejs/kit';
import type { retryJob } from '#lib/server/admin/jobs.ts';
import { formText } from './form-text.ts';

/** What an operator does about a job on their page, which it leads back to. `who`: their did */
export const actOnJob =
	(act: typeof retryJob) =>
	async (event: RequestEvent, who: string): Promise<never> => {
		const text = formText(await event.request.formData());
		await act(event.locals.ctx, who, text('queue'), text('id'));
		const back = new URLSearchParams({ queue: text('queue'), state: text('state') });
		redirect(303, `/admin/jobs?${back}`);
	};
