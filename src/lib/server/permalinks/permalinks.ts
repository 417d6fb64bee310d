import { albumPath } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import { isDid } from '#lib/auth/handle.ts';
import { findArtist } from '#lib/server/artists/artists.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, notFound } from '#lib/server/errors.ts';
import { findAlbumOfRecord, findTrackOfLike, findTrackOfRecord, isTombstone } from './queries.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** A person, or a record of theirs: `did/collection/rkey`, with or without `at://` before it. */
const RECORD = /^(?:at:\/{1,2})?([^/]+)(?:\/([a-z][a-z0-9.-]*)\/([a-z0-9._~:-]{1,512}))?\/?$/i;

/**
 * Where the page of a record is at present: its own address stays the same when handles, titles and
 * albums change. https://atproto.com/specs/at-uri-scheme
 * @param address the at-uri, or what follows its scheme
 * @throws DomainError 404 `record_not_found`, 410 `record_removed`
 */
export async function findPermalink(ctx: Reader, address: string): Promise<string> {
	const [, authority = '', collection, rkey] = RECORD.exec(address) ?? [];
	if (authority === '') throw noSuchRecord();
	if (collection === undefined) return artistPath(await ownerOf(ctx, authority));
	const did = isDid(authority) ? authority : (await ownerOf(ctx, authority)).did;
	const uri = `at://${did}/${collection}/${rkey}`;
	const path = await pathOf(ctx, uri);
	if (path !== undefined) return path;
	if (await isTombstone(ctx.db, uri)) throw removed();
	throw noSuchRecord();
}

async function pathOf({ db }: Reader, uri: string): Promise<string | undefined> {
	const track = await findTrackOfRecord(db, uri);
	if (track?.isRemoved) throw removed();
	if (track) return `/track/${track.id}`;
	const album = await findAlbumOfRecord(db, uri);
	if (album?.isRemoved) throw removed();
	if (album) return albumPath({ slug: album.slug, artist: album });
	const liked = await findTrackOfLike(db, uri);
	return liked === undefined ? undefined : `/track/${liked}`;
}

const ownerOf = (ctx: Reader, authority: string) =>
	findArtist(ctx, isDid(authority) ? { did: authority } : { handle: authority });

const noSuchRecord = () =>
	notFound('no record with this address is known here', 'record_not_found');

const removed = () =>
	new DomainError(410, 'record_removed', 'what was at this address was removed by its owner');
