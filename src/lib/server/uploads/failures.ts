/** The upload can never be published; says why in a sentence for the artist. */
export class UploadRefused extends Error {
	/** stable, snake_case */
	readonly code: string;
	/** the bytes are of no further use: they are removed from staging */
	readonly discardBytes: boolean;

	constructor(code: string, message: string, options: { discardBytes: boolean; cause?: unknown }) {
		super(message, { cause: options.cause });
		this.name = 'UploadRefused';
		this.code = code;
		this.discardBytes = options.discardBytes;
	}
}

/** The upload cannot go on before something outside changes; it keeps everything and goes on by itself then. */
export class UploadWaits extends Error {
	/** stable, snake_case; see uploads/resume.ts for what ends each */
	readonly code: 'sign_in_again' | 'needs_transcoder';

	constructor(code: UploadWaits['code'], message: string, cause?: unknown) {
		super(message, { cause });
		this.name = 'UploadWaits';
		this.code = code;
	}
}
