/** Why an upload can never be published, whatever anybody does: its bytes are of no further use. */
export const USELESS = [
	'unsupported_audio',
	'not_audio',
	'broken_audio',
	'has_video',
	'no_sound',
	'truncated',
	'duplicate_upload',
	'file_id_taken',
	'bytes_lost',
	'same_audio',
	'track_removed',
	'album_deleted'
] as const;

/** Why an upload cannot be published as things are: its bytes are kept, and it can be retried. */
export type RefusalCode =
	| (typeof USELESS)[number]
	| 'too_much'
	| 'conversion_failed'
	| 'no_profile'
	| 'record_invalid'
	| 'record_refused'
	| 'record_taken'
	| 'record_deleted';

/** The upload cannot be published; says why in a sentence for the artist. */
export class UploadRefused extends Error {
	readonly code: RefusalCode;

	constructor(code: RefusalCode, message: string, cause?: unknown) {
		super(message, { cause });
		this.name = 'UploadRefused';
		this.code = code;
	}
}

/** Whether the bytes of an upload that failed for this reason can go. */
export const isUseless = (code: string | null): boolean => USELESS.some((one) => one === code);

/** Its release was an album that its artist has deleted, with its tracks. */
export const albumDeleted = () =>
	new UploadRefused(
		'album_deleted',
		'you deleted the album this was a part of, with its tracks, before this one was published'
	);

/** The upload cannot go on before something outside changes; it keeps everything and goes on by itself then. */
export class UploadWaits extends Error {
	/** stable, snake_case; see uploads/resume.ts and releases/settle-release.ts for what ends each */
	readonly code: 'sign_in_again' | 'needs_transcoder' | 'draft' | 'scheduled' | 'unsettled';

	constructor(code: UploadWaits['code'], message: string, cause?: unknown) {
		super(message, { cause });
		this.name = 'UploadWaits';
		this.code = code;
	}
}
