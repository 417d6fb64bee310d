import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as listRecord from '#lib/server/atproto/records/list.ts';
import { encodeAlbum, overlayAlbum } from '#lib/server/atproto/records/list-record.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { lockRecord } from '#lib/server/atproto/records/tombstones.ts';
import {
	createRecord,
	getRecord,
	type RecordAddress,
	replaceRecord,
	type RepoRecord
} from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { unavailable } from '#lib/server/errors.ts';
import { mergeChanges } from './merge-changes.ts';
import { addMissing, arrange, itemsOf, uriOf } from './items.ts';
import { followRename } from './name-tracks.ts';
import {
	type AlbumRow,
	findAlbumRow,
	findBuried,
	findListed,
	findMembers,
	findOwnTracks,
	isWantedAnew,
	type Member,
	syncIsDone
} from './queries.ts';

/** Somebody else may write the same record at the same moment, this often in a row. */
const ATTEMPTS = 5;
const PAUSE_MS = 50;

/**
 * Makes an album and its record agree: reads the record, lays over it what was changed here, adds
 * the tracks it does not have yet, writes it where that makes a difference, and takes what it says
 * then into the index. May be interrupted anywhere and done again.
 * @param album as it was when this began: what is wanted later is somebody else's to do
 * @param change what the artist changes now; null: nothing, this is the job. it leaves the album to
 *   whoever has begun to change it since, or it would write again what was kept before that
 * @returns `deleted_elsewhere`: the record was deleted by another program, and the album with it
 * @throws SignInAgain, PdsUnavailable, PdsRefusal, InvalidRecord
 */
export async function agree(
	ctx: Context,
	album: AlbumRow & { rkey: string },
	change: AlbumChange | null,
	signal?: AbortSignal
): Promise<'agreed' | 'deleted_elsewhere' | 'left_to_later'> {
	const address = {
		did: album.artist_did,
		collection: ctx.config.atproto.listCollection,
		rkey: album.rkey
	};
	for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
		signal?.throwIfAborted();
		const former = await findAlbumRow(ctx.db, album.id);
		const current = await getRecord(ctx, address, signal);
		if (!current && album.record_uri !== null) {
			await takeOut(ctx, address);
			return 'deleted_elsewhere';
		}
		if (change === null && (await isWantedAnew(ctx.db, album))) return 'left_to_later';
		const record = await wantedRecord(ctx, album, change ?? {}, current);
		const written = await write(ctx, address, current, record, signal);
		const isIn = written && (await takeIn(ctx, album, address, written, former?.record_cid));
		if (isIn) return 'agreed';
		await sleep(PAUSE_MS * attempt, undefined, { signal });
	}
	throw unavailable(
		'album_changed_meanwhile',
		'another program keeps changing this album. try again in a moment',
		{ retryAfterSeconds: 5 }
	);
}

/** @returns null when somebody was faster */
async function write(
	ctx: Context,
	address: RecordAddress,
	current: RepoRecord | null,
	record: Record<string, unknown>,
	signal?: AbortSignal
): Promise<RepoRecord | null> {
	if (!current) return await createRecord(ctx, address, record, signal);
	if (isDeepStrictEqual(current.record, record)) return current;
	const changed = { ...record, updatedAt: new Date().toISOString() };
	const written = await replaceRecord(ctx, address, changed, current.cid, signal);
	if (written) ctx.log.info('album_record_written', { recordUri: written.uri });
	return written;
}

/**
 * @param formerCid of the version the index had before the record was read
 * @returns false when it was only read, and the index has moved since: it may be an older one
 */
async function takeIn(
	ctx: Context,
	album: AlbumRow,
	{ did, rkey }: RecordAddress,
	{ cid, rev, record }: RepoRecord,
	formerCid: string | null | undefined
): Promise<boolean> {
	return await ctx.db.transaction().execute(async (trx) => {
		const site = recordSite(ctx.config);
		await lockRecord(trx, listRecord.listUri(site, did, rkey));
		await lockAlbums(trx, did);
		const former = await findAlbumRow(trx, album.id);
		if (rev === null && former?.record_cid !== formerCid) return false;
		const result = await listRecord.index(trx, site, { did, rkey, cid, rev, record });
		if ('ignored' in result) ctx.log.info('album_not_indexed', { ...result, albumId: album.id });
		await followRename(ctx, trx, album.id, former?.title);
		await syncIsDone(trx, album);
		return true;
	});
}

/** The record was deleted elsewhere. */
async function takeOut(ctx: Context, { did, rkey }: RecordAddress): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		await listRecord.remove(trx, recordSite(ctx.config), { did, rkey, rev: null });
	});
	ctx.log.info('album_deleted_elsewhere', { did, rkey });
}

/** @throws InvalidRecord */
async function wantedRecord(
	ctx: Context,
	album: AlbumRow,
	change: AlbumChange,
	current: RepoRecord | null
): Promise<Record<string, unknown>> {
	const site = recordSite(ctx.config);
	const members = await findMembers(ctx.db, album.id);
	const { order, removed, added, ...facts } = mergeChanges(album.kept_change, change);
	const standing = current ? itemsOf(current.record) : [];
	const gone = await findBuried(
		ctx.db,
		standing.flatMap((item) => uriOf(item) ?? [])
	);
	const alive = standing.filter((item) => !gone.has(uriOf(item) ?? ''));
	// what was listed and is not any more was taken off, though the index may not know it yet
	const listed = current ? await findListed(ctx.db, album.id) : new Set<string>();
	const complete = addMissing(alive, members, listed);
	const isReordered = order !== undefined || removed !== undefined || added !== undefined;
	const items = isReordered
		? await reorder(ctx, album, complete, { order, removed, added })
		: complete;
	if (current) return overlayAlbum(site, current.record, { ...facts, items });
	const { title, description, year, image_id: imageId, created_at: createdAt } = album;
	const fresh = encodeAlbum(
		site,
		{ title, description, year, imageId, createdAt, ...facts },
		members
	);
	return overlayAlbum(site, fresh, { items });
}

/** Tracks named in `order` first come in that order, then those that are there and were not named. */
async function reorder(
	ctx: Context,
	album: AlbumRow,
	items: unknown[],
	{ order = [], removed = [], added = [] }: AlbumChange
): Promise<unknown[]> {
	const ids = [...order, ...removed, ...added];
	const named = await findOwnTracks(ctx.db, album.artist_did, ids);
	const byId = new Map(named.map((track) => [track.id, track]));
	const pick = (ids: number[]): Member[] => ids.flatMap((id) => byId.get(id) ?? []);
	const out = new Set(pick(removed).map(({ uri }) => uri));
	const first = pick(order).filter(({ uri }) => !out.has(uri));
	const firstUris = new Set(first.map(({ uri }) => uri));
	const members = await findMembers(ctx.db, album.id);
	const own = new Map([...members, ...named].map((track) => [track.uri, track]));
	const others = items
		.flatMap((item) => own.get(uriOf(item) ?? '') ?? [])
		.filter(({ uri }) => !firstUris.has(uri) && !out.has(uri));
	const there = new Set([...first, ...others].map(({ uri }) => uri));
	const last = pick(added).filter(({ uri }) => !out.has(uri) && !there.has(uri));
	return arrange(items, (uri) => own.has(uri), [...first, ...others, ...last]);
}
