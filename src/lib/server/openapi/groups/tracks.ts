import { playBody } from '#lib/server/plays/plays.ts';
import { restoreBody } from '#lib/server/tracks/change-api.ts';
import {
	done,
	FORM_PROBLEMS,
	type Group,
	json,
	jsonBody,
	NOT_YOUR_TRACK,
	ok,
	type Operation,
	PAGED,
	PICTURE_PROBLEMS,
	query,
	RECORD_PROBLEMS,
	TRACK_NOT_FOUND
} from '../operation.ts';
import {
	flag,
	integer,
	type JsonSchema,
	list,
	orNull,
	record,
	ref,
	schemaOf,
	text
} from '../schema.ts';

const reading: Operation[] = [
	{
		method: 'get',
		path: '/api/tracks',
		summary: 'the newest tracks, of everybody or of one artist; or certain ones',
		audience: 'anybody',
		parameters: [
			...PAGED,
			query('artist_did', 'only the tracks of this artist'),
			query(
				'ids',
				'certain tracks in this order, at most 100 ids with commas between; not in pages'
			)
		],
		answers: [ok({ anyOf: [ref('TrackPage'), record({ tracks: list(ref('Track')) })] }, 'tracks')]
	},
	{
		method: 'get',
		path: '/api/tracks/{id}',
		summary: 'one track',
		audience: 'anybody',
		answers: [ok(ref('Track'))],
		errors: TRACK_NOT_FOUND
	},
	{
		method: 'get',
		path: '/api/tracks/me',
		summary: 'your own tracks, the newest first, with those that are not listed',
		audience: 'session',
		parameters: PAGED,
		answers: [ok(ref('TrackPage'))]
	},
	{
		method: 'get',
		path: '/api/tracks/me/broken',
		summary: 'your own tracks that need attention, as the last check found them',
		audience: 'session',
		answers: [
			ok(
				record({
					tracks: list({
						allOf: [ref('Track'), record({ problems: list(ref('Problem')) })]
					}),
					count: integer()
				})
			)
		]
	},
	{
		method: 'post',
		path: '/api/tracks/{id}/play',
		summary: 'says that somebody, signed in or not, has listened to a track',
		details:
			'it is counted once for each listener within the length of the track, and not for its own artist. a body may be left out.',
		audience: 'anybody',
		body: { ...jsonBody(schemaOf(playBody)), isOptional: true },
		answers: [ok(record({ play_count: integer(), counted: flag() }))],
		errors: [
			...TRACK_NOT_FOUND,
			[422, 'not_listened_enough', 'less was listened to than counts as a play']
		]
	},
	{
		method: 'get',
		path: '/api/tags',
		summary: 'tags that begin like what is typed, the most used first',
		audience: 'anybody',
		parameters: [{ ...query('q', 'the beginning of a tag'), isRequired: true }],
		answers: [ok(record({ tags: list(record({ tag: text(), uses: integer() })) }))]
	}
];

/** As `readChange` reads them; in a form, a list is a JSON array or has commas between. */
const change: Record<string, JsonSchema> = {
	title: text(),
	album: orNull(text('empty: none')),
	description: orNull(text()),
	features: list(text('handle or did'), 'empty: none'),
	tags: list(text(), 'at most ten'),
	is_explicit: flag(),
	is_unlisted: flag(),
	image_id: orNull(text('of a picture that is kept; null: none')),
	record_cid: text('of the version the change is about: a newer one is not overwritten')
};
const changeInForm = { ...change, image: { type: 'string', contentMediaType: 'image/*' } };

const changing: Operation[] = [
	{
		method: 'patch',
		path: '/api/tracks/{id}',
		summary: 'changes a track of yours; what is absent stays',
		audience: 'artist',
		body: {
			content: {
				...json(record(change, Object.keys(change))),
				'multipart/form-data': record(changeInForm, Object.keys(changeInForm))
			}
		},
		answers: [ok(ref('Track'))],
		errors: [
			...TRACK_NOT_FOUND,
			NOT_YOUR_TRACK,
			...RECORD_PROBLEMS,
			...FORM_PROBLEMS,
			...PICTURE_PROBLEMS
		]
	},
	{
		method: 'delete',
		path: '/api/tracks/{id}',
		summary: 'deletes a track of yours',
		audience: 'artist',
		answers: [done('track deleted successfully')],
		errors: [...TRACK_NOT_FOUND, NOT_YOUR_TRACK, ...RECORD_PROBLEMS]
	},
	{
		method: 'post',
		path: '/api/tracks/{id}/restore-record',
		summary: 'takes the record of a track of yours as it is, or writes it again when it is gone',
		audience: 'artist',
		answers: [ok(record({ success: flag(), track: ref('Track'), restored_uri: text() }))],
		errors: [
			...TRACK_NOT_FOUND,
			NOT_YOUR_TRACK,
			[400, 'already_has_record', 'the record is there, and cannot be taken'],
			...RECORD_PROBLEMS
		]
	},
	{
		method: 'get',
		path: '/api/tracks/{id}/revisions',
		summary: 'the audio a track of yours had before',
		audience: 'artist',
		answers: [ok(record({ revisions: list(ref('Revision')) }))],
		errors: [...TRACK_NOT_FOUND, NOT_YOUR_TRACK]
	},
	{
		method: 'post',
		path: '/api/tracks/{id}/revisions/{revision_id}/restore',
		summary: 'gives a track of yours the audio it had before',
		audience: 'artist',
		body: { ...jsonBody(schemaOf(restoreBody)), isOptional: true },
		answers: [ok(ref('Track'))],
		errors: [
			...TRACK_NOT_FOUND,
			NOT_YOUR_TRACK,
			[404, 'revision_not_found', 'there is no such earlier version'],
			[422, 'rights_not_confirmed', 'say with `rights_confirmed` that you may publish it'],
			...RECORD_PROBLEMS
		]
	}
];

export const tracks: Group = {
	name: 'tracks',
	text: 'a track is a record in its artist’s repository; what is answered here is an index of those.',
	operations: [...reading, ...changing]
};
