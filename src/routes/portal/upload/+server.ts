import { requireArtist } from '#lib/server/http/guards.ts';
import { answerForm } from '#lib/server/http/form-endpoint.ts';
import { receiveMultipart } from '#lib/server/uploads/receive-multipart.ts';

/** Where the form of one track goes without JavaScript: to the portal, or back with the reason. */
export const POST = answerForm('/upload', 'upload_error', async (event) => {
	const viewer = requireArtist(event);
	const options = { mustConfirmRights: true };
	const upload = await receiveMultipart(event.locals.ctx, viewer, event.request, options);
	return `/portal?upload=${upload.id}`;
});
