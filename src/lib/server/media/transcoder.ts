import type { Config } from '#lib/server/config.ts';
import type { Logger } from '#lib/server/log.ts';

/** What the transcoder can do right now. */
export interface TranscoderCapabilities {
	/** false: uploads a browser plays are published as they are, others wait */
	ffmpeg: boolean;
	/** version of ffmpeg, or why there is none */
	detail: string | null;
}

/** The sibling service that converts and measures audio. */
export interface Transcoder {
	/** what it can do, at most some seconds old; never throws: a service that is away can do nothing */
	capabilities(): Promise<TranscoderCapabilities>;
	close(): Promise<void>;
}

/** Connects to the transcoder of the configuration, or starts our own. */
export async function openTranscoder(_config: Config, _log: Logger): Promise<Transcoder> {
	return {
		async capabilities() {
			return { ffmpeg: false, detail: 'not started' };
		},
		async close() {}
	};
}
