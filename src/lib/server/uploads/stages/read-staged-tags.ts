import type { UploadFindings } from '#lib/server/db/schema.ts';
import { DomainError } from '#lib/server/errors.ts';
import type { AudioFormat } from '#lib/server/media/formats.ts';
import { storeImage } from '#lib/server/media/images.ts';
import { readDuration, readTags, TagsUnreadable } from '#lib/server/media/read-tags.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import type { StageWork } from './stage.ts';
import { rangeReader } from './staged-reader.ts';
import { tagsOf } from './tags.ts';

interface StagedFile {
	sizeBytes: number;
	format: AudioFormat;
	/** null: nobody could decode it */
	analysis: Analysis | null;
}

/**
 * Reads what a staged file says about itself, and keeps the picture in it. Tags never decide
 * whether a file can be published: those that cannot be read are not there.
 * @throws what the storage, the database or the signal throw
 */
export async function readStagedTags(
	work: StageWork,
	file: StagedFile
): Promise<Pick<UploadFindings, 'tags' | 'coverImageId'>> {
	const { ctx, upload, signal } = work;
	const read = rangeReader(ctx.storage.staging, upload.id, signal);
	const parsed = await unlessUnreadable(work, () => readTags(read, file, signal));
	const said = parsed && Object.keys(parsed.tags).length > 0 ? parsed.tags : undefined;
	return {
		// of a container we cannot read, ffmpeg may know something
		tags: said ?? (file.analysis ? tagsOf(file.analysis) : {}),
		coverImageId: parsed?.cover ? await keepCover(work, parsed.cover) : undefined
	};
}

/** The playing time as the headers tell it; null when they do not. @throws as `readStagedTags` */
export async function durationOfStaged(
	work: StageWork,
	file: Omit<StagedFile, 'analysis'>
): Promise<number | null> {
	const { ctx, upload, signal } = work;
	const read = rangeReader(ctx.storage.staging, upload.id, signal);
	return await unlessUnreadable(work, () => readDuration(read, file, signal));
}

async function unlessUnreadable<T>({ ctx }: StageWork, read: () => Promise<T>): Promise<T | null> {
	try {
		return await read();
	} catch (cause) {
		if (!(cause instanceof TagsUnreadable)) throw cause;
		ctx.log.info('tags_unreadable', { reason: cause.message });
		return null;
	}
}

/** @returns undefined when it is no picture we can use */
async function keepCover({ ctx }: StageWork, bytes: Uint8Array): Promise<string | undefined> {
	try {
		return (await storeImage(ctx, bytes)).imageId;
	} catch (cause) {
		if (!(cause instanceof DomainError) || cause.status >= 500) throw cause;
		ctx.log.info('embedded_cover_ignored', { code: cause.code, sizeBytes: bytes.byteLength });
		return undefined;
	}
}
