import { errorReportBody } from '#lib/server/client-errors/client-errors.ts';
import { type Group, header, jsonBody, ok } from '../operation.ts';
import { integer, record, schemaOf, text } from '../schema.ts';

const AUDIO = { 'audio/*': { type: 'string' } };

export const site: Group = {
	name: 'site',
	text: 'audio, pictures and what a client has to know. pictures are at /images/{image_id}, feeds at /feed.xml and beneath every artist, album and tag.',
	operations: [
		{
			method: 'get',
			path: '/api/audio/{file_id}',
			summary: 'the audio of a track, whole or in ranges; the same as /audio/{file_id}',
			audience: 'anybody',
			parameters: [header('range', 'which bytes')],
			answers: [
				{ status: 200, description: 'all of it', content: AUDIO },
				{ status: 206, description: 'those bytes', content: AUDIO },
				{ status: 304, description: 'you have it already' },
				{ status: 307, description: 'to where the storage serves it' },
				{ status: 416, description: 'there are no such bytes' }
			],
			errors: [[404, 'audio_not_found', 'no track streams such a file']]
		},
		{
			method: 'options',
			path: '/api/audio/{file_id}',
			summary: 'what pages of other origins may ask for',
			audience: 'anybody',
			answers: [{ status: 204, description: 'in the headers of cors' }]
		},
		{
			method: 'get',
			path: '/api/config',
			summary: 'how large files may be',
			audience: 'anybody',
			answers: [ok(record({ max_upload_size_mb: integer(), max_image_size_mb: integer() }))]
		},
		{
			method: 'post',
			path: '/api/client-errors',
			summary: 'says that something went wrong in a browser: what, and not whose',
			audience: 'anybody',
			body: jsonBody(schemaOf(errorReportBody)),
			answers: [{ status: 204, description: 'it was counted' }]
		},
		{
			method: 'get',
			path: '/api/health',
			summary: 'the process answers',
			audience: 'anybody',
			answers: [ok(record({ status: text() }))]
		},
		{
			method: 'get',
			path: '/api/openapi.json',
			summary: 'this description, for programs',
			audience: 'anybody',
			answers: [ok({ type: 'object' })]
		}
	]
};
