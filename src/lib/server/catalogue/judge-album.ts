import { isDeepStrictEqual } from 'node:util';
import type { LeftAlone } from '#lib/catalogue/catalogue.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { decodeList, type ListRecord } from '#lib/server/atproto/records/list-record.ts';
import { recordSite, type RecordSite } from '#lib/server/atproto/records/record-site.ts';
import { readRecord } from '#lib/server/atproto/read-repo.ts';
import type { Context } from '#lib/server/context.ts';
import { type AlbumFacts, findAlbumsByUri, findIndexed } from './album-queries.ts';
import { findKnownImages } from './fact-queries.ts';
import type { Finding } from './finding.ts';
import { findTombstone } from './record-queries.ts';

/** What is known of an artist's repository when its lists are looked at. */
export interface Repository {
	did: string;
	/** keys of the track records that are there */
	tracks: ReadonlySet<string>;
}

export interface AlbumVerdict {
	findings: Finding[];
	leftAlone?: LeftAlone;
}

/** Reads a list record; null: it does not fit its lexicon. */
export function tryDecodeList(site: RecordSite, record: unknown): ListRecord | null {
	try {
		return decodeList(site, record);
	} catch (cause) {
		if (cause instanceof InvalidRecord) return null;
		throw cause;
	}
}

/**
 * How it stands with one album record of an artist's, read anew. Lists of other kinds are not ours.
 * @throws PdsUnavailable, PdsRefusal
 */
export async function judgeAlbum(
	ctx: Context,
	repository: Repository,
	rkey: string,
	signal?: AbortSignal
): Promise<AlbumVerdict> {
	const { did } = repository;
	const site = recordSite(ctx.config);
	const address = { did, collection: site.listCollection, rkey };
	const current = await readRecord(ctx, address, signal);
	const uri = `at://${did}/${site.listCollection}/${rkey}`;
	const row = (await findAlbumsByUri(ctx.db, did, [uri])).get(uri);
	if (row?.is_changing) return NOTHING;
	if (!current) {
		if (!row) return NOTHING;
		return { findings: [{ uri, albumId: row.id, kind: 'album_record_missing', detail: {} }] };
	}
	const record = tryDecodeList(site, current.record);
	if (!record) return row ? { findings: [] } : leftAlone(uri);
	if (!row) return await judgeUnlisted(ctx, uri, record);
	const findings: Finding[] = [];
	if (row.record_cid !== current.cid || !(await saysTheSame(ctx, row, record))) {
		findings.push({ uri, albumId: row.id, kind: 'album_differs', detail: {} });
	}
	const gone = (await findGone(ctx, repository, record.uris)).length;
	if (gone > 0) findings.push({ uri, albumId: row.id, kind: 'album_lists_gone', detail: { gone } });
	return { findings };
}

const NOTHING: AlbumVerdict = { findings: [] };
const leftAlone = (uri: string): AlbumVerdict => ({
	findings: [],
	leftAlone: { uri, title: null, why: 'unreadable' }
});

async function judgeUnlisted(
	{ db }: Context,
	uri: string,
	record: ListRecord
): Promise<AlbumVerdict> {
	if (!record.isAlbum) return NOTHING;
	const title = record.name ?? 'untitled';
	const wasDeleted = await findTombstone(db, uri);
	if (wasDeleted) return { findings: [], leftAlone: { uri, title, why: 'deleted_here' } };
	return { findings: [{ uri, kind: 'album_not_listed', detail: { title } }] };
}

/** Whether the index says what the record does. A picture we do not have, it cannot say. */
async function saysTheSame({ db }: Context, row: AlbumFacts, record: ListRecord): Promise<boolean> {
	const { imageId } = record;
	const known = imageId !== null && (await findKnownImages(db, [imageId])).has(imageId);
	const { title, description, year, image_id, uris } = row;
	return isDeepStrictEqual(
		[title, description, year, image_id, uris],
		[
			record.name ?? 'untitled',
			record.description,
			record.year,
			known ? imageId : null,
			record.uris
		]
	);
}

/** Of what a list names, the artist's own tracks that are neither in their repository nor here. */
export async function findGone(
	{ config, db }: Context,
	{ did, tracks }: Repository,
	uris: readonly string[]
): Promise<string[]> {
	const prefix = `at://${did}/${recordSite(config).trackCollection}/`;
	const missing = uris.filter(
		(uri) => uri.startsWith(prefix) && !tracks.has(uri.slice(prefix.length))
	);
	const indexed = await findIndexed(db, missing);
	return missing.filter((uri) => !indexed.has(uri));
}
