import { sql, type Transaction } from 'kysely';
import { albumSlug } from '#lib/albums/slug.ts';
import type { Database } from '#lib/server/db/schema.ts';

type Trx = Transaction<Database>;

/**
 * The address of an album by its title: the one the title makes, or with a number behind it when
 * another album of the artist is there. One that only leads to a renamed album is free: it belongs
 * to the album that is called so now. To be called with the artist's albums locked.
 * @param albumId the album itself, which may keep what it has; null: a new one
 */
export async function freeSlug(
	trx: Trx,
	did: string,
	title: string,
	albumId: string | null
): Promise<string> {
	const base = albumSlug(title);
	const taken = new Set(
		(
			await trx
				.selectFrom('albums')
				.select(['slug', 'id'])
				.where('artist_did', '=', did)
				.where((eb) => eb.or([eb('slug', '=', base), eb('slug', 'like', `${base}-%`)]))
				.execute()
		)
			.filter(({ id }) => id !== albumId)
			.map(({ slug }) => slug)
	);
	let slug = base;
	for (let number = 2; taken.has(slug); number++) slug = `${base}-${number}`;
	return slug;
}

/**
 * The albums of an artist that a title means, the best first: they are called so, or have the
 * address it makes. What addresses are made of may change, and those there are stay.
 */
export const selectCalled = (trx: Trx, did: string, title: string) => {
	const isCalledSo = sql<boolean>`lower(title) = lower(${title})`;
	const isThere = sql<boolean>`slug = ${albumSlug(title)}`;
	return trx
		.selectFrom('albums')
		.where('artist_did', '=', did)
		.where((eb) => eb.or([isCalledSo, isThere]))
		.orderBy(isCalledSo, 'desc')
		.orderBy(isThere, 'desc')
		.orderBy('created_at');
};

/** Makes a slug nobody's former one: it is an album's present one. */
export async function claimSlug(trx: Trx, did: string, slug: string): Promise<void> {
	await trx
		.deleteFrom('album_slugs')
		.where('artist_did', '=', did)
		.where('slug', '=', slug)
		.execute();
}

/** Gives an album the address of its new title; the one it had leads to it from now on. */
export async function renameSlug(
	trx: Trx,
	album: { id: string; artist_did: string; slug: string; title: string },
	title: string
): Promise<string> {
	const { id, artist_did: did, slug: former } = album;
	// "name-2" stays "name-2" as long as the title makes "name"
	if (albumSlug(title) === albumSlug(album.title)) return former;
	const slug = await freeSlug(trx, did, title, id);
	await claimSlug(trx, did, slug);
	await trx
		.insertInto('album_slugs')
		.values({ artist_did: did, slug: former, album_id: id })
		.onConflict((conflict) =>
			conflict.columns(['artist_did', 'slug']).doUpdateSet({ album_id: id })
		)
		.execute();
	return slug;
}
