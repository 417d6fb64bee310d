import { z } from 'zod';
import { isPlainText } from '#lib/queue/plain-text.ts';
import { isSitePath, QUEUE_MAX_ITEMS, SOURCE_MAX_TRACKS } from '#lib/queue/queue-state.ts';
import { RANK_PATTERN } from '#lib/queue/rank.ts';

const id = z.string().regex(/^[\w-]{1,64}$/, 'an id has 1 to 64 letters, digits, - and _');
const trackId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const at = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const rank = z
	.string()
	.regex(RANK_PATTERN, 'a rank has 1 to 200 digits and letters, the last not 0');
const trackIds = z
	.array(trackId)
	.max(SOURCE_MAX_TRACKS, `a collection goes on with at most ${SOURCE_MAX_TRACKS} tracks`);

const text = (maxCharacters: number) =>
	z
		.string()
		.min(1)
		.max(maxCharacters)
		.refine(isPlainText, 'the text has characters that cannot be kept');

const item = z
	.object({ id, track_id: trackId, rank, moved_at: at, former_rank: rank.optional() })
	.strict();

const source = z
	.object({
		label: text(300),
		// a page of this site, never of another one
		href: text(1_000).refine(isSitePath, 'href is a path of this site'),
		track_ids: trackIds,
		next_index: z.number().int().nonnegative(),
		former_track_ids: trackIds.optional()
	})
	.strict()
	.refine((one) => one.next_index <= one.track_ids.length, {
		message: 'next_index is beyond the end of track_ids',
		path: ['next_index']
	});

const stamped = <T extends z.ZodTypeAny>(value: T) => z.object({ value, at }).strict();

const state = z
	.object({
		items: z
			.array(item)
			.max(QUEUE_MAX_ITEMS, `a queue holds at most ${QUEUE_MAX_ITEMS.toLocaleString('en')} tracks`),
		current: stamped(id.nullable()),
		repeat: stamped(z.enum(['off', 'all', 'one'])),
		source: stamped(source.nullable())
	})
	.strict()
	.refine(({ items }) => new Set(items.map((one) => one.id)).size === items.length, {
		message: 'two items have the same id',
		path: ['items']
	})
	.refine(({ items, current }) => isAmong(current.value, items), {
		message: 'the current item is not among the items',
		path: ['current']
	});

const isAmong = (current: string | null, items: { id: string }[]): boolean =>
	current === null || items.some((one) => one.id === current);

/** What `PUT /api/queue/` takes. */
export const queueBody = z.object({ state, push_id: id.optional() }).strict();

/** What `PUT /api/queue/playhead` takes. */
export const playheadBody = z
	.object({
		item_id: id,
		track_id: trackId,
		position_ms: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
		is_playing: z.boolean(),
		device_id: id,
		device_name: text(100)
	})
	.strict();
