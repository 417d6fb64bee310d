import { done, type Group, json, jsonBody, ok, type Problem } from '../operation.ts';
import { flag, integer, list, orNull, record, ref, text, time } from '../schema.ts';

const NOT_FOUND: Problem = [404, 'release_not_found', 'there is no such release of yours'];

const change = record(
	{
		fields: { type: 'object', description: 'some of ReleaseFields' },
		release_at: orNull(time('null: at once')),
		rights_confirmed: flag('you state that you may publish all of it'),
		tracks: list(
			record(
				{
					upload_id: text(),
					position: integer('1 is the first'),
					fields: { type: 'object', description: 'some of TrackFields' }
				},
				['position', 'fields']
			)
		)
	},
	['fields', 'release_at', 'rights_confirmed', 'tracks']
);

export const releases: Group = {
	name: 'releases',
	text: 'tracks that are published together: a draft first, whose files arrive and are read meanwhile.',
	operations: [
		{
			method: 'get',
			path: '/api/releases',
			summary: 'your releases that are not open yet, the newest first',
			audience: 'artist',
			answers: [ok(record({ releases: list(ref('Release')) }))]
		},
		{
			method: 'post',
			path: '/api/releases',
			summary:
				'begins an empty draft; files join it as resumable uploads with its id as release_id',
			audience: 'artist',
			answers: [
				{ status: 201, description: 'begun', content: json(record({ release_id: text() })) }
			]
		},
		{
			method: 'get',
			path: '/api/releases/{id}',
			summary: 'one of them',
			audience: 'artist',
			answers: [ok(ref('Release'))],
			errors: [NOT_FOUND]
		},
		{
			method: 'patch',
			path: '/api/releases/{id}',
			summary: 'changes what is said about it; what is absent stays, null takes back',
			audience: 'artist',
			body: jsonBody(change),
			answers: [ok(ref('Release'))],
			errors: [NOT_FOUND, [409, 'release_published', 'it is published']]
		},
		{
			method: 'delete',
			path: '/api/releases/{id}',
			summary: 'removes one that is not open, with its uploads',
			audience: 'artist',
			answers: [done('release discarded')],
			errors: [NOT_FOUND, [409, 'release_published', 'it is published']]
		},
		{
			method: 'post',
			path: '/api/releases/{id}/publish',
			summary: 'publishes it, at once or at its time',
			audience: 'artist',
			answers: [ok(ref('Release'))],
			errors: [
				NOT_FOUND,
				[422, 'rights_not_confirmed', 'state first that you may publish it'],
				[422, 'nothing_to_publish', 'there is no file in it that can be']
			]
		}
	]
};
