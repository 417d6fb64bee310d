import { safeName } from '#lib/server/safe-name.ts';
import { UniqueNames } from '#lib/server/zip/unique-names.ts';
import { zip, type ZipEntry } from '#lib/server/zip/zip.ts';
import { emptyContents, type ExportParts, textFile } from './contents.ts';
import { indexPage, readme } from './index-page.ts';
import { musicFiles } from './music.ts';
import { ownFiles } from './own-things.ts';
import { findProfile } from './queries.ts';
import { recordFiles } from './records.ts';

/** What somebody wants. */
export type ExportWish = Pick<ExportParts, 'did' | 'writesTags' | 'signal'>;

/**
 * Everything of somebody as one zip, made as it is taken: no more of it is in memory, and nothing on a
 * disk, than what is on its way. No connection to the database is held meanwhile, so that what changes
 * while it is made may be in it or not.
 * @throws StorageUnavailable, and whatever aborts the signal; the archive is broken off then
 */
export async function* exportAccount(
	ctx: ExportParts['ctx'],
	wish: ExportWish
): AsyncGenerator<Uint8Array, void> {
	const parts = { ...wish, ctx, names: new UniqueNames(), contents: emptyContents() };
	ctx.log.info('export_begun', { did: wish.did });
	let sizeBytes = 0;
	let isWhole = false;
	try {
		for await (const chunk of zip(entriesOf(parts))) {
			wish.signal.throwIfAborted();
			sizeBytes += chunk.length;
			yield chunk;
		}
		isWhole = true;
	} finally {
		const { tracks, missing } = parts.contents;
		const counts = { tracks: tracks.length, missing: missing.length };
		const event = isWhole ? 'export_ended' : 'export_broken_off';
		ctx.log.info(event, { did: wish.did, sizeBytes, ...counts });
	}
}

/** What is read first stands last: only then it is known. */
async function* entriesOf(parts: ExportParts): AsyncGenerator<ZipEntry, void> {
	const { ctx, did, contents } = parts;
	const profile = await findProfile(ctx.db, did);
	const name = profile?.display_name ?? did;
	yield* ownFiles(parts, profile);
	yield* recordFiles(parts);
	yield* musicFiles(parts, name);
	const head = { site: ctx.config.appName, siteUrl: ctx.config.publicUrl, did, name };
	yield textFile('readme.txt', readme(head, contents));
	yield textFile('index.html', indexPage(head, contents));
}

/** What the archive is called: who it is of, and the day. */
export const exportName = (handle: string, now = new Date()): string =>
	`${safeName(handle)} ${now.toISOString().slice(0, 10)}.zip`;
