import type { Context } from '#lib/server/context.ts';

/**
 * Keeps a picture for somebody who is about to refer to it: it is not removed within a day.
 * @returns whether there is such a picture
 */
export async function offerImage({ db }: Pick<Context, 'db'>, imageId: string): Promise<boolean> {
	const offered = await db
		.updateTable('images')
		.set({ offered_at: new Date() })
		.where('image_id', '=', imageId)
		.returning('image_id')
		.executeTakeFirst();
	return offered !== undefined;
}
