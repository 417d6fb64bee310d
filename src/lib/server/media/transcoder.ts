import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { cached } from '#lib/server/cached.ts';
import type { Config } from '#lib/server/config.ts';
import type { Logger } from '#lib/server/log.ts';
import { type OwnTranscoder, startOwnTranscoder } from './own-transcoder.ts';
import { TranscoderUnreachable } from './transcoder-errors.ts';
import {
	type Analysis,
	type FileToSend,
	type TranscodeTarget,
	type TranscoderAddress,
	TranscoderClient
} from './transcoder-client.ts';

/** What the transcoder can do right now. */
export interface TranscoderCapabilities {
	/** false: it does not answer, so nobody knows */
	reachable: boolean;
	/** false: uploads a browser plays are published as they are, others wait */
	ffmpeg: boolean;
	/** version of ffmpeg, or why there is none */
	detail: string | null;
}

/** The sibling service that converts and measures audio. */
export interface Transcoder {
	/** what it can do, at most some seconds old; never throws: a service that is away can do nothing */
	capabilities(): Promise<TranscoderCapabilities>;
	/** measures a file. @throws NotAudio, TranscoderRefused, FfmpegMissing, TranscoderBusy, TranscoderUnreachable */
	analyse(file: FileToSend, signal: AbortSignal): Promise<Analysis>;
	/** converts a file; the answer streams, and breaks with an error when the conversion does. @throws as `analyse` */
	transcode(
		file: FileToSend,
		target: TranscodeTarget,
		signal: AbortSignal
	): Promise<IncomingMessage>;
	close(): Promise<void>;
}

const HEALTH_LIMIT_MS = 2_000;
const CAPABILITIES_FRESH_MS = 5_000;

/**
 * Connects to the transcoder of the configuration. When none is named, our own is started where ROLES
 * has one; a process without, which serves pages only, needs none.
 */
export async function openTranscoder(config: Config, log: Logger): Promise<Transcoder> {
	const { locate, close } = await chosen(config, log);
	const { timeoutMs } = config.transcoder;
	// its own limit counts the work; the file has to get there and back as well
	const client = new TranscoderClient(locate, timeoutMs * 2);
	return {
		capabilities: cached(CAPABILITIES_FRESH_MS, () => askHealth(locate)),
		analyse: (file, signal) => client.analyse(file, signal),
		transcode: (file, target, signal) => client.transcode(file, target, signal),
		close
	};
}

async function chosen(config: Config, log: Logger): Promise<OwnTranscoder> {
	const { url, authToken = '' } = config.transcoder;
	if (url !== undefined) return elsewhere({ url, key: authToken });
	return config.roles.transcoder ? await startOwnTranscoder(config, log) : nowhere;
}

const nowhere: OwnTranscoder = {
	locate: () => Promise.reject(new TranscoderUnreachable(new Error('ROLES has no transcoder'))),
	close: () => Promise.resolve()
};

/** One that somebody else runs. */
const elsewhere = (address: TranscoderAddress): OwnTranscoder => ({
	locate: () => Promise.resolve(address),
	close: () => Promise.resolve()
});

const health = z.object({ ffmpeg: z.string().nullable() });

async function askHealth(
	locate: () => Promise<TranscoderAddress>
): Promise<TranscoderCapabilities> {
	try {
		const { url } = await locate();
		const response = await fetch(new URL('/health', url), {
			signal: AbortSignal.timeout(HEALTH_LIMIT_MS)
		});
		const { ffmpeg } = health.parse(await response.json());
		const detail = ffmpeg ?? 'no ffmpeg where the transcoder runs';
		return { reachable: true, ffmpeg: ffmpeg !== null, detail };
	} catch (cause) {
		// not answering is an answer: what needs it waits, everything else goes on
		const detail = `the transcoder does not answer: ${String(cause)}`;
		return { reachable: false, ffmpeg: false, detail };
	}
}
