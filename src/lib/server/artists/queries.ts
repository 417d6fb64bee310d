import { type Insertable, type RawBuilder, type Selectable, sql, type Updateable } from 'kysely';
import { INVALID_HANDLE } from '#lib/artists/artist-path.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { ArtistTable } from '#lib/server/db/schema.ts';

export type ArtistRow = Selectable<ArtistTable>;

/** Keeps a new artist; undefined when there is one already. */
export async function insertArtist(
	db: Db,
	artist: Insertable<ArtistTable>
): Promise<ArtistRow | undefined> {
	return await db
		.insertInto('artists')
		.values(artist)
		.onConflict((conflict) => conflict.column('did').doNothing())
		.returningAll()
		.executeTakeFirst();
}

/** Changes an artist; undefined when there is none. */
export async function changeArtist(
	db: Db,
	did: string,
	change: Updateable<ArtistTable>
): Promise<ArtistRow | undefined> {
	return await db
		.updateTable('artists')
		.set({ ...change, updated_at: new Date() })
		.where('did', '=', did)
		.returningAll()
		.executeTakeFirst();
}

/**
 * Writes down a handle and PDS, and the handle there was before; says whether there is such an
 * artist, and touches only what changed.
 */
export async function refreshIdentity(
	db: Db,
	identity: { did: string; handle: string; pdsUrl: string }
): Promise<boolean> {
	const { did, handle, pdsUrl } = identity;
	const present = await findArtistRow(db, did);
	if (!present) return false;
	if (present.handle === handle && present.pds_url === pdsUrl) return true;
	await db.transaction().execute(async (trx) => {
		if (present.handle !== handle) await keepFormerHandle(trx, did, present.handle);
		await trx
			.updateTable('artists')
			.set({ handle, pds_url: pdsUrl })
			.where('did', '=', did)
			.execute();
	});
	return true;
}

/** Of several artists who had it, it leads to the last one. */
async function keepFormerHandle(trx: Db, did: string, handle: string): Promise<void> {
	if (handle === INVALID_HANDLE) return;
	await trx
		.insertInto('former_handles')
		.values({ handle, did })
		.onConflict((conflict) => conflict.column('handle').doUpdateSet({ did, left_at: new Date() }))
		.execute();
}

/** The artist who had a handle before. */
export async function findArtistRowByFormerHandle(
	db: Db,
	handle: string
): Promise<ArtistRow | undefined> {
	return await db
		.selectFrom('former_handles')
		.innerJoin('artists', 'artists.did', 'former_handles.did')
		.selectAll('artists')
		.where('former_handles.handle', '=', handle)
		.executeTakeFirst();
}

export async function findArtistRow(db: Db, did: string): Promise<ArtistRow | undefined> {
	return await db.selectFrom('artists').selectAll().where('did', '=', did).executeTakeFirst();
}

/** Those of some artists that everybody sees, in no order; the query itself. */
export const artistsByDid = (db: Db, dids: readonly string[] | RawBuilder<string[]>) =>
	db
		.selectFrom('artists')
		.selectAll()
		.where(sql<boolean>`did = any(${dids}::text[])`)
		.where('is_hidden', '=', false);

/** Of artists with the same handle, the one seen with it last: an older label may be out of date. */
export async function findArtistRowByHandle(
	db: Db,
	handle: string
): Promise<ArtistRow | undefined> {
	const [row] = await readByHandle(db, handle);
	return row;
}

const readByHandle = builtOnce((db: Db, handle: string) =>
	db
		.selectFrom('artists')
		.selectAll()
		.where('handle', '=', handle)
		.orderBy('updated_at', 'desc')
		.limit(sql.lit(1))
);

/** Artists whose handle or name begins with a text, or has a word that does; the shortest handle first. */
export async function findArtistsByText(
	db: Db,
	text: string,
	limit: number
): Promise<Pick<ArtistRow, 'did' | 'handle' | 'display_name' | 'avatar_image_id'>[]> {
	return await artistsByText(db, text, limit).execute();
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export function artistsByText(db: Db, text: string, limit: number) {
	const pattern = text.replace(/[\\%_]/g, '\\$&');
	return db
		.selectFrom('artists')
		.select(['did', 'handle', 'display_name', 'avatar_image_id'])
		.where('is_hidden', '=', false)
		.where((eb) =>
			eb.or([
				eb('handle', 'like', `${pattern}%`),
				eb('display_name', 'ilike', `${pattern}%`),
				eb('display_name', 'ilike', `% ${pattern}%`)
			])
		)
		.orderBy((eb) => eb.fn('length', ['handle']))
		.orderBy('handle')
		.limit(limit);
}
