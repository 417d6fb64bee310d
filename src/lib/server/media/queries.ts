import { type Selectable, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { ImageTable } from '#lib/server/db/schema.ts';
import type { RenditionKeys } from './renditions.ts';

export type ImageRow = Selectable<ImageTable>;

export async function findImageRow(db: Db, imageId: string): Promise<ImageRow | undefined> {
	return await db
		.selectFrom('images')
		.selectAll()
		.where('image_id', '=', imageId)
		.executeTakeFirst();
}

/** The same, and whoever brought it may take a day to refer to it. */
export async function offerImageRow(db: Db, imageId: string): Promise<ImageRow | undefined> {
	return await db
		.updateTable('images')
		.set({ offered_at: new Date() })
		.where('image_id', '=', imageId)
		.returningAll()
		.executeTakeFirst();
}

/**
 * Keeps a picture whose objects are all stored. One that is kept already gets what it lacks; keys it
 * has stay, as objects they name must not be forgotten.
 * @returns false when the id belongs to another picture
 */
export async function keepImageRow(
	db: Db,
	image: {
		imageId: string;
		sha256: string;
		renditions: RenditionKeys;
		widthPx: number;
		heightPx: number;
		placeholder: string;
		dominantColor: string;
	}
): Promise<boolean> {
	const kept = await db
		.insertInto('images')
		.values({
			image_id: image.imageId,
			sha256: image.sha256,
			renditions: JSON.stringify(image.renditions),
			width_px: image.widthPx,
			height_px: image.heightPx,
			placeholder: image.placeholder,
			dominant_color: image.dominantColor
		})
		.onConflict((conflict) =>
			conflict
				.column('image_id')
				.doUpdateSet((eb) => ({
					renditions: sql`excluded.renditions || images.renditions`,
					placeholder: eb.ref('excluded.placeholder'),
					dominant_color: eb.ref('excluded.dominant_color'),
					offered_at: new Date()
				}))
				.whereRef('images.sha256', '=', 'excluded.sha256')
		)
		.returning('image_id')
		.executeTakeFirst();
	return kept !== undefined;
}

/** Changes which objects a picture consists of; it is completed when it is given again. */
export async function setRenditions(
	db: Db,
	imageId: string,
	renditions: RenditionKeys
): Promise<void> {
	await db
		.updateTable('images')
		.set({ renditions: JSON.stringify(renditions), placeholder: null })
		.where('image_id', '=', imageId)
		.execute();
}
