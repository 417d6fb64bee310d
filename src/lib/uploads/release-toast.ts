import { byteSize, clockOfDay, timeLeft } from '#lib/format.ts';
import type { ToastContent } from '#lib/toasts/toasts.svelte.ts';
import type { ReleaseInTab } from './release-in-tab.svelte.ts';
import { STAGES, stageIndex } from './stages.ts';
import { HOW_TO_NAME, withoutNaming } from './unnamed.ts';

const DONE_MS = 8_000;

/** What the one toast of a release says at present; null: nothing. Numbers run in its detail only. */
export function releaseToast(release: ReleaseInTab): ToastContent | null {
	const { name, sending, active, failed, stuck, uploads } = release;
	if (uploads.length === 0) return null;
	if (sending.length > 0) return sendingToast(release);
	if (!release.isPublished) {
		return active.length > 0 ? null : draftToast(release);
	}
	if (active.length > 0) return publishingToast(release);
	if (stuck.length > 0) {
		const message = `${name}: ${stuck[0]?.server?.message ?? 'it waits for you'}`;
		return { kind: 'warning', message, link: uploadsLink(release), durationMs: 0 };
	}
	if (failed.length > 0) return failedToast(release);
	if (uploads.some((upload) => upload.isReady)) {
		const message = `${release.nameIs} ready, and opens by itself on its day`;
		return { kind: 'success', message, link: uploadsLink(release), durationMs: DONE_MS };
	}
	const unnamed = withoutNaming([
		...new Set(release.completed.flatMap(({ server }) => server?.unnamed_features ?? []))
	]);
	if (unnamed !== '') return unnamedToast(release, unnamed);
	return {
		kind: 'success',
		message: `${release.nameIs} published`,
		link: doneLink(release),
		durationMs: DONE_MS
	};
}

/** The first phase: bytes, with the time left. */
function sendingToast(release: ReleaseInTab): ToastContent {
	const { name, paused, uploads, sending, sentBytes, totalBytes, secondsLeft } = release;
	const count = uploads.filter(({ source }) => source).length;
	const progress = totalBytes > 0 ? sentBytes / totalBytes : null;
	const shared = { kind: 'info', progress, durationMs: 0 } as const;
	if (release.isInterrupted) {
		return { ...shared, message: `${name}: connection lost. it goes on by itself` };
	}
	if (paused && sending.every(({ phase }) => phase === 'paused' || phase === 'queued')) {
		const message = `${name} goes on by itself at ${clockOfDay(paused.untilMs)}: ${paused.sentence}`;
		return { ...shared, message };
	}
	const sent = `${byteSize(sentBytes)} of ${byteSize(totalBytes)}`;
	const numbers = secondsLeft === null ? sent : `${sent} · ${timeLeft(secondsLeft)} left`;
	const files = count > 1 ? `${count - sending.length} of ${count} files · ` : '';
	return { ...shared, message: `sending ${name}`, detail: files + numbers };
}

function draftToast(release: ReleaseInTab): ToastContent {
	const { name, uploads, failed } = release;
	const href = `/upload/${release.groupId}` as NonNullable<ToastContent['link']>['href'];
	const link = { href, label: 'look through it and publish' };
	if (failed.length === 0) {
		const message = `${release.nameIs} ready to be published`;
		return { kind: 'success', message, link, durationMs: DONE_MS };
	}
	const message =
		failed.length === uploads.length
			? `${name} cannot be published: ${failed[0]?.error ?? ''}`
			: `${name}: ${uploads.length - failed.length} of ${uploads.length} files are ready to be published`;
	return { kind: 'warning', message, link, durationMs: 0 };
}

/** The second phase: what the server does, by name. */
function publishingToast(release: ReleaseInTab): ToastContent {
	const { name, uploads, completed, active } = release;
	const count = uploads.length;
	const current = active.find(({ server }) => server?.status === 'processing') ?? active[0];
	const words = current?.server ? STAGES[stageIndex(current.server)]?.words : undefined;
	return {
		kind: 'info',
		message: `publishing ${name}`,
		detail: [count > 1 ? `${completed.length} of ${count}` : '', words].filter(Boolean).join(' · '),
		progress: count > 1 ? completed.length / count : (current?.progress ?? null),
		durationMs: 0
	};
}

function failedToast(release: ReleaseInTab): ToastContent {
	const { name, uploads, failed, completed } = release;
	const message =
		completed.length === 0
			? `${release.nameIs} not published: ${failed[0]?.error ?? ''}`
			: `${name}: ${completed.length} of ${uploads.length} are published`;
	const kind = completed.length === 0 ? 'error' : 'warning';
	return { kind, message, link: uploadsLink(release), durationMs: 0 };
}

function unnamedToast(release: ReleaseInTab, unnamed: string): ToastContent {
	const [first, ...others] = release.completed.filter(
		({ server }) => server?.unnamed_features.length
	);
	const how = others.length === 0 ? HOW_TO_NAME : 'edit the tracks to add them';
	const href = `/track/${first?.server?.track_id ?? ''}/edit` as Link['href'];
	const link = others.length === 0 ? { href, label: 'edit the track' } : uploadsLink(release);
	const message = `${release.nameIs} published ${unnamed}. ${how}`;
	return { kind: 'warning', message, link, durationMs: 0 };
}

type Link = NonNullable<ToastContent['link']>;

function uploadsLink({ uploads }: ReleaseInTab): Link {
	const id = uploads.find(({ uploadId }) => uploadId)?.uploadId ?? '';
	return { href: `/portal?upload=${id}` as Link['href'], label: 'see your uploads' };
}

function doneLink(release: ReleaseInTab): Link {
	const first = release.completed.at(-1);
	if (release.uploads.length > 1 && first?.releaseId) {
		return { href: `/upload/${release.groupId}` as Link['href'], label: 'see all of it' };
	}
	return {
		href: `/track/${first?.server?.track_id ?? ''}` as Link['href'],
		label: 'open the track'
	};
}
