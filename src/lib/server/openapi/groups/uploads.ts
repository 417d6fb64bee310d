import {
	done,
	events,
	FORM_PROBLEMS,
	type Group,
	header,
	LAST_EVENT_ID,
	ok,
	type Operation,
	PICTURE_PROBLEMS,
	type Problem
} from '../operation.ts';
import { type JsonSchema, list, record, ref, text } from '../schema.ts';

const NOT_FOUND: Problem = [404, 'upload_not_found', 'there is no such upload of yours'];

const FORM: Record<string, JsonSchema> = {
	file: { type: 'string', contentMediaType: 'audio/*' },
	title: text('left out: the file says it'),
	album: text(),
	description: text(),
	features: text('a json array of handles'),
	image: { type: 'string', contentMediaType: 'image/*' },
	image_id: text('of a picture that is kept'),
	rights_confirmed: text('true: you state that you may publish it'),
	replaces_track_id: text('a track of yours that gets this audio; everything else of it stays')
};

const REFUSED: Problem[] = [
	[400, 'missing_file', 'there is no file in it'],
	[409, 'duplicate_upload', 'another track of yours has this audio'],
	[413, 'file_too_large', 'it is larger than `max_upload_size_mb` of /api/config'],
	[429, 'limit_reached', 'more than one artist may send in an hour, or keep']
];

const TUS: Problem[] = [[412, 'tus_version', '`tus-resumable` has to be 1.0.0']];
const OFFSET = header('upload-offset', 'where this part begins');

const resumable: Operation[] = [
	{
		method: 'options',
		path: '/api/uploads/tus',
		summary: 'what resumable uploads can do here',
		audience: 'anybody',
		answers: [{ status: 204, description: 'in the headers of tus 1.0' }]
	},
	{
		method: 'post',
		path: '/api/uploads/tus',
		summary: 'begins a resumable upload (tus 1.0)',
		details:
			'its metadata has filename and what a form has: title, album, description, features, image_id; and release_id, release_position, path, modified, in_place_of, rights_confirmed.',
		audience: 'artist',
		parameters: [
			header('upload-length', 'how many bytes the file has'),
			header('upload-metadata', 'keys and values in base64')
		],
		answers: [{ status: 201, description: '`location` says where its bytes go' }],
		errors: [...REFUSED, ...TUS, [400, 'missing_length', 'how long it is has to be known']]
	},
	{
		method: 'head',
		path: '/api/uploads/tus/{id}',
		summary: 'how much of it has arrived',
		audience: 'artist',
		answers: [{ status: 200, description: 'in `upload-offset`' }],
		errors: [NOT_FOUND, ...TUS]
	},
	{
		method: 'patch',
		path: '/api/uploads/tus/{id}',
		summary: 'sends the next part; the last one makes a track of it',
		audience: 'artist',
		parameters: [OFFSET, header('upload-checksum', '`sha256` and the digest in base64')],
		body: { content: { 'application/offset+octet-stream': { type: 'string' } } },
		answers: [{ status: 204, description: 'kept; `upload-offset` says how much there is' }],
		errors: [
			NOT_FOUND,
			[409, 'wrong_offset', 'it goes on elsewhere'],
			[423, 'upload_taken_over', 'another request goes on with it'],
			...TUS
		]
	},
	{
		method: 'delete',
		path: '/api/uploads/tus/{id}',
		summary: 'gives it up',
		audience: 'artist',
		answers: [{ status: 204, description: 'gone' }],
		errors: [NOT_FOUND, ...TUS]
	}
];

export const uploads: Group = {
	name: 'uploads',
	text: 'a file becomes a track by a job, after the answer; its progress is sent as events.',
	operations: [
		{
			method: 'post',
			path: '/api/tracks',
			summary: 'takes a track as a form',
			audience: 'artist',
			parameters: [
				header('idempotency-key', 'the same request again is answered with the same upload')
			],
			body: { content: { 'multipart/form-data': record(FORM, Object.keys(FORM).slice(1)) } },
			answers: [ok(record({ upload_id: text(), status: text(), message: text() }))],
			errors: [...REFUSED, ...FORM_PROBLEMS, ...PICTURE_PROBLEMS]
		},
		{
			method: 'post',
			path: '/api/images',
			summary: 'keeps a picture, sent as the body',
			audience: 'artist',
			body: { content: { 'image/*': { type: 'string' } } },
			answers: [
				{
					status: 201,
					description: 'kept',
					content: { 'application/json': record({ image_id: text() }) }
				}
			],
			errors: [...PICTURE_PROBLEMS, [415, 'picture_expected', 'it is sent as something else']]
		},
		{
			method: 'get',
			path: '/api/tracks/uploads',
			summary: 'your uploads, the newest first',
			audience: 'session',
			answers: [ok(record({ uploads: list(ref('Upload')) }))]
		},
		{
			method: 'get',
			path: '/api/tracks/uploads/{id}',
			summary: 'one of them',
			audience: 'session',
			answers: [ok(ref('Upload'))],
			errors: [NOT_FOUND]
		},
		{
			method: 'delete',
			path: '/api/tracks/uploads/{id}',
			summary: 'removes one that is no track, and its bytes',
			audience: 'session',
			answers: [done('upload removed')],
			errors: [NOT_FOUND]
		},
		{
			method: 'get',
			path: '/api/tracks/uploads/{id}/progress',
			summary: 'the progress of one, as events; it ends when nothing more will happen',
			audience: 'session',
			parameters: [LAST_EVENT_ID],
			answers: [
				events('each has an upload as its data, and its version as its id'),
				{ status: 204, description: 'you have seen the end' }
			],
			errors: [NOT_FOUND]
		},
		{
			method: 'get',
			path: '/api/uploads/events',
			summary: 'the progress of all of yours, as events',
			audience: 'session',
			parameters: [LAST_EVENT_ID],
			answers: [events('each has an upload as its data')]
		},
		{
			method: 'post',
			path: '/api/tracks/uploads/{id}/retry',
			summary: 'lets one that failed, or waits, begin again where it stopped',
			audience: 'session',
			answers: [ok(ref('Upload'))],
			errors: [
				NOT_FOUND,
				[409, 'cannot_retry', 'there is nothing to do again; the sentence says why']
			]
		},
		...resumable
	]
};
