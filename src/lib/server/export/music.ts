import { retag } from '#lib/server/media/write-tags/write-tags.ts';
import type { Retagged } from '#lib/server/media/write-tags/own-tags.ts';
import { chooseRendition, type RenditionKeys } from '#lib/server/media/renditions.ts';
import type { ZipEntry } from '#lib/server/zip/zip.ts';
import { type ExportParts, jsonFile } from './contents.ts';
import { eachRevision, eachTrack, type ExportedTrack } from './queries.ts';
import { rangesOf, readOn, readWhole } from './read-object.ts';

const MUSIC = 'music';
const SINGLES = 'singles';
const EARLIER = 'earlier versions';

/** The originals of somebody's tracks, what is said about each beside it, and what they were before. */
export async function* musicFiles(
	parts: ExportParts,
	artist: string
): AsyncGenerator<ZipEntry, void> {
	const { ctx, did, contents, names } = parts;
	for await (const track of eachTrack(ctx.db, did)) {
		yield* filesOfTrack(parts, track, artist);
	}
	for await (const revision of eachRevision(ctx.db, did)) {
		const day = revision.replaced_at.toISOString().slice(0, 10);
		const called = `${revision.title}, until ${day}`;
		if (!(await isThere(parts, revision, called))) continue;
		const { storage_key: key, size_bytes: sizeBytes } = revision;
		yield {
			name: names.path([MUSIC, EARLIER], called, revision.file_type),
			modifiedAt: revision.replaced_at,
			content: readOn(ctx, key, { start: 0, sizeBytes }, parts.signal),
			sizeBytes
		};
		contents.revisions += 1;
	}
}

async function* filesOfTrack(
	parts: ExportParts,
	track: ExportedTrack,
	artist: string
): AsyncGenerator<ZipEntry, void> {
	const { names, contents } = parts;
	const folders = [MUSIC, track.album_title ?? SINGLES];
	const number = track.track_number;
	const called = `${number === null ? '' : `${String(number).padStart(2, '0')} `}${track.title}`;
	const path = names.path(folders, called, track.file_type);
	const about = names.path(folders, called, 'json');
	const modifiedAt = track.created_at;
	if (!(await isThere(parts, track, called))) {
		yield jsonFile(about, sidecar(track, null), modifiedAt);
		return;
	}
	const written = parts.writesTags ? await tagsFor(parts, track, artist) : null;
	const file = fileOf(parts, track, written);
	yield { name: path, modifiedAt, ...file };
	yield jsonFile(about, sidecar(track, { path, hasTags: written !== null }), modifiedAt);
	contents.tracks.push({
		title: track.title,
		album: track.album_title,
		path,
		sizeBytes: file.sizeBytes,
		hasTags: written !== null
	});
}

/** A recording that is lost here is no reason to withhold all others. */
async function isThere(
	{ ctx, contents }: ExportParts,
	file: { storage_key: string; size_bytes: number },
	called: string
): Promise<boolean> {
	const facts = await ctx.storage.head(file.storage_key);
	if (facts?.sizeBytes === file.size_bytes) return true;
	ctx.log.error('stored_object_missing', { key: file.storage_key });
	contents.missing.push(`the recording of “${called}” is not where it ought to be`);
	return false;
}

async function tagsFor(
	{ ctx, signal }: ExportParts,
	track: ExportedTrack,
	artist: string
): Promise<Retagged | null> {
	const { storage_key: key, size_bytes: sizeBytes, file_type: fileType } = track;
	const cover = await coverOf(ctx, track.renditions, signal);
	return await retag(
		rangesOf(ctx, key, sizeBytes, signal),
		{ fileType, sizeBytes },
		{
			...{ title: track.title, artist, album: track.album_title, cover },
			...{ trackNumber: track.track_number, year: track.album_year, genres: track.tags }
		}
	);
}

/** The largest form of a picture that every program shows; null: there is none. */
export async function coverOf(
	ctx: Pick<ExportParts['ctx'], 'storage'>,
	renditions: RenditionKeys | null,
	signal: AbortSignal
): Promise<Uint8Array | null> {
	const wanted = { shape: 'full', edgePx: 1200, format: 'jpeg' } as const;
	const kept = renditions && chooseRendition(renditions, wanted);
	return kept?.format === 'jpeg' ? await readWhole(ctx, kept.storageKey, signal) : null;
}

function fileOf(
	{ ctx, signal }: ExportParts,
	{ storage_key: key, size_bytes: size }: ExportedTrack,
	written: Retagged | null
): { content: AsyncIterable<Uint8Array>; sizeBytes: number } {
	const { head, from, tail } = written ?? { head: NOTHING, from: 0, tail: NOTHING };
	return {
		sizeBytes: head.length + size - from + tail.length,
		content: (async function* () {
			if (head.length > 0) yield head;
			yield* readOn(ctx, key, { start: from, sizeBytes: size }, signal);
			if (tail.length > 0) yield tail;
		})()
	};
}

const NOTHING = new Uint8Array();

/** What is said about a track, for programs and people. */
const sidecar = (track: ExportedTrack, file: { path: string; hasTags: boolean } | null) => ({
	title: track.title,
	description: track.description,
	album: track.album_title,
	track_number: track.track_number,
	features: track.features,
	tags: track.tags,
	is_explicit: track.is_explicit,
	is_public: track.visibility === 'public',
	created_at: track.created_at,
	duration_ms: track.duration_ms,
	plays: track.play_count,
	likes: track.like_count,
	record: { uri: track.record_uri, cid: track.record_cid },
	original: { sha256: track.sha256, size_bytes: track.size_bytes, type: track.content_type },
	file:
		file === null
			? 'not here: see readme.txt'
			: {
					path: file.path,
					is: file.hasTags
						? 'the original with title, artist, album and cover written in; the music is not touched'
						: 'the original, as it was uploaded'
				}
});
