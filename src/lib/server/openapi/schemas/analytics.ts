import { integer, orNull, record, text } from '../schema.ts';

/** The track of a person that is most in something. */
const top = record({ id: integer(), title: text(), play_count: integer() });

export const analytics = record({
	total_plays: integer(),
	total_items: integer('tracks'),
	top_item: orNull(top),
	top_liked: orNull({
		...top,
		description: 'with its likes as `play_count`; null: nothing is liked'
	})
});
