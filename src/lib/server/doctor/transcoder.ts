import type { Config } from '#lib/server/config.ts';
import { createLogger } from '#lib/server/log.ts';
import { FfmpegMissing } from '#lib/server/media/transcoder-errors.ts';
import { openTranscoder, type Transcoder } from '#lib/server/media/transcoder.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

const LIMIT_MS = 30_000;
const RATE_HZ = 8_000;

/** A second of sound is measured, and converted to what the site converts to. */
export async function examineTranscoder(config: Config): Promise<Finding[]> {
	if (!config.roles.transcoder && config.transcoder.url === undefined) {
		return [ok('transcoder', 'none here, as ROLES has it: the workers have one')];
	}
	const log = createLogger('error', () => undefined);
	const transcoder = await openTranscoder(config, log);
	try {
		return [await tryOut(config, transcoder)];
	} finally {
		await transcoder.close();
	}
}

async function tryOut({ transcoder: { url } }: Config, transcoder: Transcoder): Promise<Finding> {
	const { reachable, ffmpeg, detail } = await transcoder.capabilities();
	if (!reachable) {
		return fault(
			'transcoder',
			detail ?? 'it does not answer',
			url === undefined
				? 'look for its reason in the log of the application at LOG_LEVEL=debug'
				: `start the one at ${url}, or leave TRANSCODER_URL out to run the built-in one`
		);
	}
	const missing = note(
		'transcoder',
		'it has no ffmpeg: what browsers play is published as it is, everything else waits',
		'install ffmpeg where the transcoder runs, or set FFMPEG_PATH'
	);
	if (!ffmpeg) return missing;
	const sound = secondOfSilence();
	const file = { sizeBytes: sound.length, open: () => Promise.resolve(new Blob([sound]).stream()) };
	const signal = AbortSignal.timeout(LIMIT_MS);
	try {
		await transcoder.analyse(file, signal);
		for (const target of ['mp3', 'mp3-128'] as const) {
			const answer = await transcoder.transcode(file, target, signal);
			answer.resume();
		}
		return ok('transcoder', `ffmpeg ${detail} measures and converts`);
	} catch (cause) {
		if (cause instanceof FfmpegMissing) return missing;
		const reason = reasonOf(cause);
		return fault('transcoder', `it does not convert: ${reason}`, cureOf(reason));
	}
}

const cureOf = (reason: string): string =>
	/40[13]|key/.test(reason)
		? 'give both sides the same TRANSCODER_AUTH_TOKEN'
		: 'install an ffmpeg with libmp3lame where the transcoder runs';

/** A wav file: https://www.rfc-editor.org/rfc/rfc2361, 16 bits, one channel. */
function secondOfSilence(): Uint8Array<ArrayBuffer> {
	const sizeBytes = RATE_HZ * 2;
	const file = Buffer.alloc(44 + sizeBytes);
	file.write('RIFF', 0);
	file.writeUInt32LE(36 + sizeBytes, 4);
	file.write('WAVEfmt ', 8);
	file.writeUInt32LE(16, 16);
	file.writeUInt16LE(1, 20);
	file.writeUInt16LE(1, 22);
	file.writeUInt32LE(RATE_HZ, 24);
	file.writeUInt32LE(RATE_HZ * 2, 28);
	file.writeUInt16LE(2, 32);
	file.writeUInt16LE(16, 34);
	file.write('data', 36);
	file.writeUInt32LE(sizeBytes, 40);
	return Uint8Array.from(file);
}
