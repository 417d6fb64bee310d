import type { Context } from '#lib/server/context.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { normaliseTag } from '#lib/tracks/tag.ts';
import { tagsBeginningWith } from './tag-queries.ts';

const MAX_RESULTS = 10;

/** A tag that tracks have already, and how many. */
export interface SuggestedTag {
	tag: string;
	uses: number;
}

/**
 * Tags that begin like what somebody types, in the one form tags have, the most used first. What
 * only unlisted tracks say is not given away.
 * @returns at most ten
 * @throws DomainError 422 when nothing is typed, or what cannot be the beginning of a tag
 */
export async function suggestTags(
	ctx: Pick<Context, 'db'>,
	typed: string
): Promise<SuggestedTag[]> {
	const beginning = normaliseTag(typed);
	if (beginning === null) throw unprocessable('q', 'type the beginning of a tag');
	const rows = await tagsBeginningWith(ctx.db, beginning, MAX_RESULTS).execute();
	return rows.map(({ tag, uses }) => ({ tag, uses: Number(uses) }));
}
