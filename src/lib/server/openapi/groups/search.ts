import { type Group, ok, query } from '../operation.ts';
import { integer, list, oneOf, orNull, record, ref, text } from '../schema.ts';

export const search: Group = {
	name: 'search',
	text: 'one index of tracks, albums, artists and tags.',
	operations: [
		{
			method: 'get',
			path: '/api/search',
			summary: 'what fits some words, the best first',
			details:
				'`artist:`, `album:` and `tag:` before a word or words in quotes narrow it down: `rain artist:"alice b"`.',
			audience: 'anybody',
			parameters: [
				{ ...query('q', 'the words'), isRequired: true },
				query('kind', 'only these', oneOf('track', 'album', 'artist', 'tag')),
				query('limit', 'how many of each kind', { ...integer(), minimum: 1 }),
				query('cursor', 'one of `next_cursors`, with the `kind` it is of')
			],
			answers: [
				ok(
					record({
						tracks: list(ref('Track')),
						albums: list(ref('AlbumSummary')),
						artists: list(ref('Artist')),
						tags: list(record({ tag: text(), track_count: integer() })),
						next_cursors: record({
							tracks: orNull(text()),
							albums: orNull(text()),
							artists: orNull(text()),
							tags: orNull(text())
						})
					})
				)
			]
		}
	]
};
