import type { RequestEvent } from '@sveltejs/kit';
import type { Viewer } from '#lib/auth/viewer.ts';
import { exportAccount, exportName } from '#lib/server/export/export-account.ts';
import { contentDisposition } from './content-disposition.ts';

/**
 * Answers with everything of the viewer's own. It is made as the browser takes it, and stops with it:
 * how long it gets is not known, and one that is broken off is a download that failed.
 */
export function answerExport(
	{ request, locals }: RequestEvent,
	viewer: Viewer,
	{ writesTags }: { writesTags: boolean }
): Response {
	const stopping = new AbortController();
	const signal = AbortSignal.any([stopping.signal, request.signal]);
	const { log, ctx } = locals;
	const chunks = exportAccount({ ...ctx, log }, { did: viewer.did, writesTags, signal });
	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const { done, value } = await chunks.next();
				if (done) controller.close();
				else controller.enqueue(value);
			},
			async cancel(reason) {
				stopping.abort(reason);
				// it may be in the middle of something that ends by the signal
				await chunks.return().catch(() => undefined);
			}
		},
		{ highWaterMark: 0 }
	);
	return new Response(body, {
		headers: {
			'content-type': 'application/zip',
			'content-disposition': contentDisposition('attachment', exportName(viewer.handle)),
			'cache-control': 'private, no-store'
		}
	});
}
