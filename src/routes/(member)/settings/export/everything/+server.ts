import { answerExport } from '#lib/server/http/export-answer.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

/** Everything of the viewer's own, as a file to be saved. */
export const POST = page(async (event: RequestEvent) => {
	const viewer = requireViewer(event);
	const form = await event.request.formData();
	return answerExport(event, viewer, { writesTags: form.get('tags') === 'yes' });
});
