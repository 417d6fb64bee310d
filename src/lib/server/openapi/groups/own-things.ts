import { playheadBody, queueBody } from '#lib/server/queue/queue-body.ts';
import { preferencesBody } from '#lib/server/preferences/preferences-body.ts';
import {
	events,
	type Group,
	header,
	json,
	jsonBody,
	LAST_EVENT_ID,
	ok,
	type Operation,
	query
} from '../operation.ts';
import { ref, schemaOf } from '../schema.ts';

export const queue: Group = {
	name: 'queue',
	text: 'what you hear next, the same on every device. two devices that change it at once are told.',
	operations: [
		{
			method: 'get',
			path: '/api/queue',
			summary: 'your queue; its etag is its revision',
			audience: 'session',
			answers: [ok(ref('Queue')), { status: 304, description: 'you have it already' }]
		},
		{
			method: 'put',
			path: '/api/queue',
			summary: 'writes it, if it is still the one you changed',
			details: '`prefer: return=minimal`: what was kept as it was sent is not sent back.',
			audience: 'session',
			parameters: [
				header('if-match', 'its etag when you changed it; left out: whatever it is now')
			],
			body: jsonBody(schemaOf(queueBody)),
			answers: [ok(ref('Queue'))],
			errors: [
				[400, 'invalid_if_match', 'it is no revision'],
				[409, 'queue_conflict', 'it was changed elsewhere: `detail` has it as it is now']
			]
		},
		{
			method: 'put',
			path: '/api/queue/playhead',
			summary: 'says where you are in it, so that another device can go on there',
			audience: 'session',
			body: jsonBody(schemaOf(playheadBody)),
			answers: [ok(ref('Playhead'))],
			errors: [[409, 'no_queue', 'there is no queue to be anywhere in']]
		},
		{
			method: 'get',
			path: '/api/queue/events',
			summary: 'your queue and your place in it, as events',
			audience: 'session',
			parameters: [
				LAST_EVENT_ID,
				query('page', 'names the page that asks: it gets one stream only')
			],
			answers: [events('whatever changed, as it is now')]
		}
	]
};

const change = (method: 'patch' | 'post', summary: string): Operation => ({
	...{ method, path: '/api/preferences', summary, audience: 'session' },
	body: jsonBody(schemaOf(preferencesBody)),
	answers: [ok(ref('Preferences'))]
});

export const preferences: Group = {
	name: 'preferences',
	text: 'how the site looks and plays for you.',
	operations: [
		{
			method: 'get',
			path: '/api/preferences',
			summary: 'what you have chosen',
			audience: 'session',
			answers: [ok(ref('Preferences'))]
		},
		change('patch', 'changes what is sent; what is absent stays'),
		change('post', 'the same, as clients of the first api have it')
	]
};

export const catalogue: Group = {
	name: 'catalogue',
	text: 'whether your records, this index and the files agree.',
	operations: [
		{
			method: 'get',
			path: '/api/catalogue',
			summary: 'what the last check found, and how the one under way is',
			audience: 'artist',
			answers: [ok(ref('Catalogue'))]
		},
		{
			method: 'post',
			path: '/api/catalogue/check',
			summary: 'asks for a check, which a job does',
			audience: 'artist',
			answers: [{ status: 202, description: 'it will be done', content: json(ref('Catalogue')) }]
		}
	]
};
