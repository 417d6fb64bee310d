import type { UploadState } from './upload.ts';

/** The way of an upload in the artist's words, in order; a finished stage leads to the next one. */
export const STAGES = [
	{ after: 'receiving', words: 'sending' },
	{ after: 'received', words: 'checking' },
	{ after: 'inspected', words: 'making it streamable' },
	{ after: 'transcoded', words: 'storing' },
	{ after: 'stored', words: 'writing your record' },
	{ after: 'published', words: 'listing it' },
	{ after: 'indexed', words: 'done' }
] as const;

/** Which of the stages an upload is in, from 0. */
export function stageIndex(upload: Pick<UploadState, 'stage' | 'status'>): number {
	if (upload.status === 'completed') return STAGES.length - 1;
	return Math.max(
		0,
		STAGES.findIndex((stage) => stage.after === upload.stage)
	);
}

/** What ended it may pass, and its file is kept; after any other end the file has to be sent again. */
const MAY_PASS = new Set([
	'gave_up',
	'internal_error',
	'no_profile',
	'not_removed',
	'record_refused',
	'record_invalid',
	'too_much'
]);

/**
 * Why an upload waits although all is well: for its artist to publish the release, for the time it
 * opens, or for the other files of it.
 */
const PARKED = new Set(['draft', 'scheduled', 'unsettled']);

/** Everything that can be done ahead is done: it goes on when its release is published or opens. */
export const isParked = (upload: Pick<UploadState, 'status' | 'error_code'>): boolean =>
	upload.status === 'waiting' && PARKED.has(upload.error_code ?? '');

/** It waits, but not for anybody: it goes on within moments. */
export const isUnsettled = (upload: Pick<UploadState, 'status' | 'error_code'>): boolean =>
	upload.status === 'waiting' && upload.error_code === 'unsettled';

/** Whether trying again makes sense. */
export const isRetryable = (upload: Pick<UploadState, 'status' | 'error_code'>): boolean =>
	(upload.status === 'waiting' && !isParked(upload)) ||
	(upload.status === 'failed' && MAY_PASS.has(upload.error_code ?? ''));

/** Stages from whose end on it is put where others see it: they take moments, and are not broken off. */
const PUBLISHING = new Set<UploadState['stage']>(['transcoded', 'stored', 'published']);

/** Whether it can be discarded just now: it is not published, nor about to be this second. */
export const isDiscardable = ({ status, stage }: Pick<UploadState, 'status' | 'stage'>): boolean =>
	status === 'processing'
		? !PUBLISHING.has(stage)
		: status !== 'completed' && !(status === 'pending' && stage === 'published');
