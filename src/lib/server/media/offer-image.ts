import type { Context } from '#lib/server/context.ts';
import { offerImageRow } from './queries.ts';

/**
 * Keeps a picture for somebody who is about to refer to it: it is not removed within a day.
 * @returns whether there is such a picture
 */
export async function offerImage({ db }: Pick<Context, 'db'>, imageId: string): Promise<boolean> {
	return (await offerImageRow(db, imageId)) !== undefined;
}
