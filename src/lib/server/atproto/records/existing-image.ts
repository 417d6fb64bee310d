import type { Db } from '#lib/server/db/connect.ts';

/** The id of a picture when we have it: a record may name any. */
export async function existingImage(db: Db, imageId: string | null): Promise<string | null> {
	if (imageId === null) return null;
	const image = await db
		.selectFrom('images')
		.select('image_id')
		.where('image_id', '=', imageId)
		.executeTakeFirst();
	return image?.image_id ?? null;
}
