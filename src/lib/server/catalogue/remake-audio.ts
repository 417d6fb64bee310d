import { randomUUID } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { conflict } from '#lib/server/errors.ts';
import { FORMATS, RENDITION_FORMAT } from '#lib/server/media/formats.ts';
import {
	type AudioSource,
	keepMade,
	makeAudio,
	NotTheSameMusic,
	storeMade
} from '#lib/server/media/make-audio.ts';
import { FfmpegMissing, NotAudio, TranscoderRefused } from '#lib/server/media/transcoder-errors.ts';

/** A file that is stored and has its row. */
export interface MadeFile {
	fileId: string;
	fileType: string;
	durationMs: number | null;
}

/**
 * Makes what is streamed anew from what was uploaded, and stores it. The same converter makes the
 * same bytes: then it is the file it was. Another one makes another file.
 * @param source the file the artist uploaded, which is in the storage
 * @throws DomainError 409 `conversion_failed` or `no_converter`; whatever may work another time
 */
export async function remakeAudio(
	ctx: Context,
	source: AudioSource,
	signal: AbortSignal
): Promise<MadeFile> {
	// of its own: what an interrupted one left is swept
	const wanted = { target: RENDITION_FORMAT, stagingId: `remake-${randomUUID()}` } as const;
	try {
		return await makeAudio(ctx, source, wanted, signal, async (made) => {
			const key = await storeMade(ctx, made, signal);
			await ctx.db.transaction().execute((trx) => keepMade(trx, made, key));
			const { fileId, facts } = made;
			const fileType = FORMATS[RENDITION_FORMAT].extension;
			return { fileId, fileType, durationMs: facts.durationMs };
		});
	} catch (cause) {
		throw asSentence(cause);
	}
}

const conversionFailed = (cause: unknown) =>
	conflict(
		'conversion_failed',
		'the file you uploaded could not be converted without losing a part of it. send it again as flac or wav',
		{ cause }
	);

function asSentence(cause: unknown): unknown {
	if (cause instanceof FfmpegMissing) {
		const sentence = 'this site has no converter right now. repair it again when there is one';
		return conflict('no_converter', sentence, { cause });
	}
	const isItsFault =
		cause instanceof NotAudio ||
		cause instanceof TranscoderRefused ||
		cause instanceof NotTheSameMusic;
	return isItsFault ? conversionFailed(cause) : cause;
}
