import { requireArtist } from '#lib/server/http/guards.ts';
import { answerForm } from '#lib/server/http/form-endpoint.ts';
import { receiveMultipart } from '#lib/server/uploads/receive-multipart.ts';

/** Where the portal's form goes without JavaScript: back to the portal, with the upload or the reason. */
export const POST = answerForm('/portal', 'upload_error', async (event) => {
	const upload = await receiveMultipart(event.locals.ctx, requireArtist(event), event.request);
	return `/portal?upload=${upload.id}`;
});
