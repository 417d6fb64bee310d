import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage, type PageRequest } from '#lib/server/db/keyset.ts';
import { notFound } from '#lib/server/errors.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { normaliseTag } from '#lib/tracks/tag.ts';
import { tagPath } from '#lib/tracks/tag-path.ts';
import { presentTrack } from './present.ts';
import { tracksWithTag } from './tag-queries.ts';
import { trackRowsById, type TrackPage } from './tracks.ts';

const PAGE_SIZE = 50;
const MAX_RELATED = 12;

/** The page of a tag, or where it is in the form tags are kept in. */
export type TagPage =
	| (TrackPage & {
			tag: string;
			/** other tags of these tracks, those of most of them first */
			related: string[];
	  })
	| { movedTo: string };

/**
 * The newest public tracks with a tag, a page at a time.
 * @param text the tag as it stands in the address, in any spelling
 * @throws DomainError 404 `tag_not_found`, 422 for a cursor that is none
 */
export async function getTagPage(
	{ db }: Pick<Context, 'db'>,
	viewer: Viewer | null,
	text: string,
	request: Pick<PageRequest, 'cursor'> = {}
): Promise<TagPage> {
	const tag = normaliseTag(text);
	if (tag === null) throw noSuchTag();
	if (tag !== text) return { movedTo: tagPath(tag) };
	const page = KeysetPage.parse({ ...request, limit: PAGE_SIZE });
	const { items, nextCursor } = page.split(await tracksWithTag(db, tag, page).execute(), (row) => ({
		createdAt: row.created_at,
		id: row.id
	}));
	if (items.length === 0 && request.cursor === undefined) throw noSuchTag();
	const rows = await trackRowsById(
		{ db },
		items.map(({ id }) => id)
	);
	const tracks = await withOwnLikes({ db }, viewer, rows.map(presentTrack));
	return { tag, tracks, nextCursor, related: relatedTags(tracks, tag) };
}

const noSuchTag = () => notFound('no track has this tag', 'tag_not_found');

function relatedTags(tracks: { tags: string[] }[], tag: string): string[] {
	const uses = new Map<string, number>();
	for (const other of tracks.flatMap(({ tags }) => tags)) {
		if (other !== tag) uses.set(other, (uses.get(other) ?? 0) + 1);
	}
	const most = [...uses].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
	return most.slice(0, MAX_RELATED).map(([one]) => one);
}
