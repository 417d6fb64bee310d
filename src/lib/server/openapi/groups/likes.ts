import { type Group, jsonBody, ok, PAGED, RECORD_PROBLEMS, TRACK_NOT_FOUND } from '../operation.ts';
import { flag, integer, list, orNull, record, ref, text, time } from '../schema.ts';

const liker = record({
	did: text(),
	handle: orNull(text('null until it is known')),
	display_name: text(),
	avatar_url: orNull(text()),
	liked_at: time()
});

export const likes: Group = {
	name: 'likes',
	text: 'a like is a record in the repository of whoever likes.',
	operations: [
		{
			method: 'post',
			path: '/api/tracks/{id}/like',
			summary: 'likes a track; liking it again changes nothing',
			audience: 'session',
			answers: [ok(record({ liked: flag(), atproto_uri: text('of the record') }))],
			errors: [...TRACK_NOT_FOUND, ...RECORD_PROBLEMS]
		},
		{
			method: 'delete',
			path: '/api/tracks/{id}/like',
			summary: 'takes a like back, also of what is gone',
			audience: 'session',
			answers: [ok(record({ liked: flag() }))],
			errors: RECORD_PROBLEMS
		},
		{
			method: 'get',
			path: '/api/tracks/{id}/likes',
			summary: 'who likes a track, the last first',
			audience: 'anybody',
			parameters: PAGED,
			answers: [
				ok(record({ users: list(liker), count: integer('of all'), next_cursor: orNull(text()) }))
			],
			errors: TRACK_NOT_FOUND
		},
		{
			method: 'post',
			path: '/api/tracks/likes/batch',
			summary: 'whether you like some tracks',
			audience: 'session',
			body: jsonBody(record({ track_ids: { ...list(integer()), maxItems: 100 } })),
			answers: [
				ok({
					type: 'object',
					additionalProperties: flag(),
					description: 'by the ids of the tracks'
				})
			]
		},
		{
			method: 'get',
			path: '/api/tracks/liked',
			summary: 'the tracks you like, the last liked first',
			audience: 'session',
			parameters: PAGED,
			answers: [ok(ref('TrackPage'))]
		}
	]
};
