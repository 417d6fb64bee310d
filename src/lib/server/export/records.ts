import { listRecords } from '#lib/server/atproto/read-repo.ts';
import { describeError } from '#lib/server/log.ts';
import type { ZipEntry } from '#lib/server/zip/zip.ts';
import { type ExportParts, jsonFile, jsonList } from './contents.ts';
import { eachLike, eachTrack, findAlbums } from './queries.ts';

interface ExportedRecord {
	uri: string;
	cid: string | null;
	value: unknown;
}

/**
 * Every record of ours in somebody's repository, a file for each collection. When their server does not
 * answer, what the index says of them, and a word about that.
 */
export async function* recordFiles(parts: ExportParts): AsyncGenerator<ZipEntry, void> {
	const { trackCollection, listCollection, likeCollection } = parts.ctx.config.atproto;
	yield* filesOf(parts, trackCollection, () => indexedTracks(parts));
	yield* filesOf(parts, listCollection, () => indexedAlbums(parts));
	yield* filesOf(parts, likeCollection, () => indexedLikes(parts));
}

async function* filesOf(
	parts: ExportParts,
	collection: string,
	indexed: () => AsyncIterable<ExportedRecord>
): AsyncGenerator<ZipEntry, void> {
	const { contents, ctx, did } = parts;
	const name = (end: string) => `records/${collection}${end}.json`;
	let count = 0;
	let failure: unknown;
	const content = jsonList(
		(async function* () {
			try {
				for await (const page of listRecords(ctx, { did, collection }, parts.signal)) {
					for (const { uri, cid, record: value } of page) {
						count += 1;
						yield { uri, cid, value };
					}
				}
			} catch (cause) {
				parts.signal.throwIfAborted();
				failure = cause;
			}
		})()
	);
	yield { name: name(''), modifiedAt: new Date(), content };
	contents.records.push({ collection, count, from: 'repository' });
	if (failure === undefined) return;
	ctx.log.warn('export_without_repository', { did, collection, ...describeError(failure) });
	const sentence = `your personal data server did not give all records of ${collection}: ${count} of them are in records/${collection}.json, and what this site knows of all is in records/${collection}-as-indexed.json`;
	contents.missing.push(sentence);
	const all: ExportedRecord[] = [];
	for await (const record of indexed()) all.push(record);
	yield jsonFile(name('-as-indexed'), { note: sentence, records: all });
	contents.records.push({ collection, count: all.length, from: 'index' });
}

async function* indexedTracks({ ctx, did }: ExportParts): AsyncGenerator<ExportedRecord, void> {
	for await (const track of eachTrack(ctx.db, did)) {
		const { record_uri: uri, record_cid: cid } = track;
		const { title, description, features, tags, created_at: createdAt } = track;
		yield { uri, cid, value: { title, description, features, tags, createdAt } };
	}
}

async function* indexedAlbums({ ctx, did }: ExportParts): AsyncGenerator<ExportedRecord, void> {
	for (const album of await findAlbums(ctx.db, did)) {
		if (album.record_uri === null) continue;
		const { title, description, year, tracks, created_at: createdAt } = album;
		const value = { title, description, year, tracks, createdAt };
		yield { uri: album.record_uri, cid: album.record_cid, value };
	}
}

async function* indexedLikes({ ctx, did }: ExportParts): AsyncGenerator<ExportedRecord, void> {
	for await (const like of eachLike(ctx.db, did)) {
		const { record_uri: uri, record_cid: cid, subject_uri: subject } = like;
		yield { uri, cid, value: { subject, createdAt: like.created_at } };
	}
}
