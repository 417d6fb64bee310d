import type { Selectable } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { ImageTable } from '#lib/server/db/schema.ts';

export async function findImageRow(
	db: Db,
	imageId: string
): Promise<Selectable<ImageTable> | undefined> {
	return await db
		.selectFrom('images')
		.selectAll()
		.where('image_id', '=', imageId)
		.executeTakeFirst();
}

/** Keeps a picture that is stored; one that is kept already stays as it is. */
export async function insertImage(
	db: Db,
	image: {
		imageId: string;
		sha256: string;
		renditions: Record<string, string>;
		widthPx: number;
		heightPx: number;
	}
): Promise<void> {
	await db
		.insertInto('images')
		.values({
			image_id: image.imageId,
			sha256: image.sha256,
			renditions: JSON.stringify(image.renditions),
			width_px: image.widthPx,
			height_px: image.heightPx
		})
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}
