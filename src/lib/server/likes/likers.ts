import type { Liker } from '#lib/likes/liker.ts';
import type { Context } from '#lib/server/context.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { KeysetPage, type PageRequest } from '#lib/server/db/keyset.ts';
import { refreshPeople } from '#lib/server/people/resolve-people.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { type LikerRow, likersOf } from './queries.ts';

type Reader = Pick<Context, 'db' | 'jobs'>;

export interface LikersPage {
	likers: Liker[];
	/** null at the end */
	nextCursor: string | null;
}

/**
 * Everybody who likes a track, the newest first, artists or not. Who is not known yet is shown by their
 * did; nobody is asked for it here.
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function listLikers(
	ctx: Reader,
	trackId: number,
	request: PageRequest = {}
): Promise<LikersPage> {
	const page = KeysetPage.parse(request);
	const rows = await readLikers(ctx.db, trackId, page);
	const { items, nextCursor } = page.split(rows, (row) => ({
		createdAt: row.created_at,
		id: row.id
	}));
	const strangers = items.filter(({ artist_handle: handle }) => handle === null);
	await refreshPeople(
		ctx,
		strangers.map(({ did, resolved_at: resolvedAt }) => ({ did, resolvedAt }))
	);
	return { likers: items.map(present), nextCursor };
}

/** By how many are read: first pages, as a track shows one. */
const readsOfFirst = new Map<number, (db: Db, trackId: number) => Promise<LikerRow[]>>();

function readLikers(db: Db, trackId: number, page: KeysetPage): Promise<LikerRow[]> {
	if (page.after) return likersOf(db, trackId, page).execute();
	const { limit } = page;
	const made = readsOfFirst.get(limit);
	const read =
		made ?? builtOnce((builder: Db, id: number) => likersOf(builder, id, new KeysetPage(limit)));
	if (!made) readsOfFirst.set(limit, read);
	return read(db, trackId);
}

function present(row: LikerRow): Liker {
	const isArtist = row.artist_handle !== null;
	const handle = row.artist_handle ?? row.handle;
	const avatar = isArtist ? row.artist_avatar : row.avatar;
	const name = isArtist ? row.artist_name : row.display_name;
	return {
		did: row.did,
		handle,
		name: name ?? handle ?? row.did,
		avatarUrl: avatar === null ? null : imageUrl(avatar, 320),
		likedAt: row.created_at.toISOString(),
		isArtist
	};
}
