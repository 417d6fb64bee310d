import { resolve } from '$app/paths';
import type { ToastContent, Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';

const DONE_MS = 8_000;

/**
 * Shows an upload in its one toast, which changes in place from the first byte to the track.
 * Dismissed while it runs, it comes back only for what a person must know: the end, or a halt.
 */
export function showUpload(toasts: Toasts, upload: UploadInTab, isFirst = false): void {
	const content = contentOf(upload);
	if (isFirst || content.kind !== 'info') toasts.show(content, upload.key);
	else toasts.update(upload.key, content);
}

function contentOf(upload: UploadInTab): ToastContent {
	const { name, server } = upload;
	const query = upload.uploadId ? `?upload=${upload.uploadId}` : '';
	const link = {
		href: resolve(`/portal${query}` as `/portal?${string}`),
		label: 'see your uploads'
	};
	if (upload.error) {
		return { kind: 'error', message: `${name}: ${upload.error}`, link, durationMs: 0 };
	}
	if (server?.status === 'completed') {
		return {
			kind: 'success',
			message: `${name} is published`,
			link: { href: resolve(`/track/${server.track_id ?? ''}`), label: 'open the track' },
			durationMs: DONE_MS
		};
	}
	if (server?.status === 'waiting') {
		return { kind: 'warning', message: `${name}: ${server.message}`, link, durationMs: 0 };
	}
	return {
		kind: 'info',
		message: upload.message,
		detail: upload.detail ?? undefined,
		progress: upload.progress,
		durationMs: 0
	};
}
