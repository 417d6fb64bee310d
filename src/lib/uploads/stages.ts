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

/** Refused for what the file is: sending the same one again can only end the same way. */
const REFUSALS = new Set(['unsupported_audio', 'duplicate_upload', 'empty_file']);

export const isRefused = (errorCode: string | null): boolean =>
	errorCode !== null && REFUSALS.has(errorCode);
