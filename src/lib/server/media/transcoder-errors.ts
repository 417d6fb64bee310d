import { DomainError } from '#lib/server/errors.ts';

/** Nothing in the file can be played: trying again cannot help. `message` says what it is instead. */
export class NotAudio extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'NotAudio';
	}
}

/** The file is audio, and the transcoder could not do it: damaged, too large for it, or too slow. */
export class TranscoderRefused extends Error {
	/** the transcoder's own, snake_case */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.name = 'TranscoderRefused';
		this.code = code;
	}
}

/** There is no ffmpeg where the transcoder runs. */
export class FfmpegMissing extends Error {
	constructor() {
		super('the transcoder has no ffmpeg');
		this.name = 'FfmpegMissing';
	}
}

/** Every place of the transcoder is taken; the same request can succeed later. */
export class TranscoderBusy extends DomainError {
	constructor(retryAfterSeconds: number) {
		super(503, 'transcoder_busy', 'the transcoder is busy with other files. try again later', {
			retryAfterSeconds
		});
		this.name = 'TranscoderBusy';
	}
}

/** The transcoder does not answer, or broke off: the same request can succeed later. */
export class TranscoderUnreachable extends DomainError {
	constructor(cause: unknown) {
		super(503, 'transcoder_unreachable', 'the transcoder does not answer. try again later', {
			cause
		});
		this.name = 'TranscoderUnreachable';
	}
}
