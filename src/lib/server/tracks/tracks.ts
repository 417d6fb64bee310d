import { isDid } from '#lib/auth/handle.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage, type Page, type PageRequest } from '#lib/server/db/keyset.ts';
import { DomainError, notFound, signInRequired, unprocessable } from '#lib/server/errors.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { refuseHiddenFile, refuseHiddenTrack } from '#lib/server/moderation/taken-down.ts';
import type { Track } from '#lib/tracks/track.ts';
import { wasRemoved } from './deletion-queries.ts';
import { findPeaks, findStreamedFile } from './file-queries.ts';
import { presentTrack } from './present.ts';
import {
	findKeptTrack,
	findNewestTracks,
	findTrack,
	findTracks,
	type TrackRow
} from './queries.ts';

/** As a part of a larger query. */
export { tracksById } from './queries.ts';

type Reader = Pick<Context, 'db'>;

/** Which tracks: everybody's, or one artist's; and which page of them. */
export interface TracksRequest extends PageRequest {
	artistDid?: string;
	/** the artist themselves ask: what they have not listed is there as well */
	isOwn?: boolean;
}

export interface TrackPage {
	tracks: Track[];
	/** null at the end */
	nextCursor: string | null;
}

/**
 * The newest tracks, a page at a time.
 * @param viewer who asks; everybody sees the same, beside what they like
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function listNewestTracks(
	ctx: Reader,
	viewer: Viewer | null,
	request: TracksRequest = {}
): Promise<TrackPage> {
	const { items, nextCursor } = await pageOfTracks(ctx, request);
	return { tracks: await withOwnLikes(ctx, viewer, items.map(presentTrack)), nextCursor };
}

/**
 * The newest tracks, a page at a time, and some others beside them: what both need is asked for once.
 * @param others finds their ids; in the answer in that order, missing ones left out
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function listNewestBesideOthers(
	ctx: Reader,
	viewer: Viewer | null,
	request: PageRequest,
	others: () => Promise<readonly number[]>
): Promise<TrackPage & { others: Track[] }> {
	const page = KeysetPage.parse(request);
	const [newest, beside] = await Promise.all([
		findNewestTracks(ctx.db, page),
		others().then((ids) => inOrder(ids, (wanted) => findTracks(ctx.db, wanted)))
	]);
	const { items, nextCursor } = page.split(newest, positionOf);
	const rows = [...items, ...beside];
	const shown = await withOwnLikes(ctx, viewer, rows.map(presentTrack));
	const tracks = shown.slice(0, items.length);
	return { tracks, nextCursor, others: shown.slice(items.length) };
}

/**
 * The tracks of the person who is signed in, the newest first.
 * @throws DomainError 401
 */
export async function listOwnTracks(
	ctx: Reader,
	viewer: Viewer | null,
	request: PageRequest = {}
): Promise<TrackPage> {
	if (!viewer) throw signInRequired();
	return await listNewestTracks(ctx, viewer, { ...request, artistDid: viewer.did, isOwn: true });
}

/**
 * One track.
 * @param viewer who asks; everybody sees the same, beside what they like
 * @throws DomainError 404, for anything that is no id as well; 410 `track_removed`; 451 or 410
 *   `track_taken_down`
 */
export async function getTrack(ctx: Reader, viewer: Viewer | null, id: number): Promise<Track> {
	const track = presentTrack(await trackRow(ctx, id));
	const [shown = track] = await withOwnLikes(ctx, viewer, [track]);
	return shown;
}

/** What serving a stored audio file needs to know. */
export type StreamedFile = NonNullable<Awaited<ReturnType<typeof findStreamedFile>>>;

/**
 * The stored file behind `/audio/{file_id}`, when a track streams it.
 * @throws DomainError 404; 451 or 410 `audio_taken_down`
 */
export async function getStreamedFile(ctx: Reader, fileId: string): Promise<StreamedFile> {
	const isId = isFileId(fileId);
	const file = isId && (await findStreamedFile(ctx.db, fileId));
	if (file) return file;
	if (isId) await refuseHiddenFile(ctx.db, fileId);
	throw notFound('audio file not found', 'audio_not_found');
}

/**
 * How loud the file behind `/audio/{file_id}` is from part to part, when a track streams it: 1,800
 * parts of the same length, 0..255 each.
 * @throws DomainError 404, also when nothing is known; 451 or 410 `audio_taken_down`
 */
export async function getPeaks(ctx: Reader, fileId: string): Promise<Uint8Array<ArrayBuffer>> {
	const isId = isFileId(fileId);
	const peaks = isId ? await findPeaks(ctx.db, fileId) : null;
	if (!peaks && isId) await refuseHiddenFile(ctx.db, fileId);
	if (!peaks) throw notFound('the peaks of this file are not known', 'peaks_not_found');
	return new Uint8Array(peaks);
}

/** The same of a track; null when nothing is known. */
export const getTrackPeaks = async (
	{ db }: Reader,
	{ fileId }: Pick<Track, 'fileId'>
): Promise<Uint8Array | null> => await findPeaks(db, fileId);

const isFileId = (text: string) => /^[0-9a-f]{16}$/.test(text);

/** The rows of a page, for those who present them otherwise. */
export async function pageOfTracks(
	{ db }: Reader,
	{ artistDid, isOwn, ...request }: TracksRequest
): Promise<Page<TrackRow>> {
	const page = KeysetPage.parse(request);
	if (artistDid !== undefined && !isDid(artistDid)) {
		throw unprocessable('artist_did', 'artist_did is a did, such as did:plc:…');
	}
	const rows = await findNewestTracks(db, page, { artistDid, isOwn });
	return page.split(rows, positionOf);
}

const positionOf = (row: { created_at: Date; id: number }) => ({
	createdAt: row.created_at,
	id: row.id
});

/**
 * The rows of some tracks by their ids, in the order asked for: each once, missing ones left out.
 * Unlisted ones are among them, as whoever has the id may see them.
 */
export const trackRowsById = ({ db }: Reader, ids: readonly number[]): Promise<TrackRow[]> =>
	inOrder(ids, (wanted) => findTracks(db, wanted));

async function inOrder<Row extends { id: number }>(
	ids: readonly number[],
	find: (ids: readonly number[]) => Promise<Row[]>
): Promise<Row[]> {
	const wanted = [...new Set(ids)];
	const rows = wanted.length === 0 ? [] : await find(wanted);
	const byId = new Map(rows.map((row) => [row.id, row]));
	return wanted.flatMap((id) => byId.get(id) ?? []);
}

/** @throws DomainError as `getTrack` */
export const trackRow = async ({ db }: Reader, id: number): Promise<TrackRow> =>
	await trackFoundBy(db, id, findTrack);

/**
 * The same for the artist and for jobs: one that was taken down is there all the same.
 * @throws DomainError 404, 410 `track_removed`
 */
export const keptTrackRow = async ({ db }: Reader, id: number): Promise<TrackRow> =>
	await trackFoundBy(db, id, findKeptTrack);

/**
 * A track by its id, with what `find` reads of it.
 * @throws DomainError as `getTrack`
 */
export async function trackFoundBy<Row>(
	db: Context['db'],
	id: number,
	find: (db: Context['db'], id: number) => Promise<Row | undefined>
): Promise<Row> {
	const isId = Number.isSafeInteger(id) && id > 0;
	const row = isId ? await find(db, id) : undefined;
	if (row) return row;
	if (isId) await refuseHiddenTrack(db, id);
	if (isId && (await wasRemoved(db, id))) throw trackRemoved();
	throw notFound('track not found', 'track_not_found');
}

/** 410: there was such a track, and there will not be again. */
export const trackRemoved = () => new DomainError(410, 'track_removed', 'this track was removed');
