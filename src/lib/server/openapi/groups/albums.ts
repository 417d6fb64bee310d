import { albumBody } from '#lib/server/albums/albums-api.ts';
import {
	done,
	FORM_PROBLEMS,
	type Group,
	jsonBody,
	ok,
	PAGED,
	PICTURE_PROBLEMS,
	type Problem,
	query,
	RECORD_PROBLEMS
} from '../operation.ts';
import { address, list, oneOf, orNull, record, ref, schemaOf, text } from '../schema.ts';

const ARTIST_NOT_FOUND: Problem = [404, 'artist_not_found', 'there is no such artist'];
const ALBUM_NOT_FOUND: Problem = [404, 'album_not_found', 'there is no such album'];
const MOVED = { status: 308, description: 'it was renamed: `location` says where it is' };

const OWN: Problem[] = [
	ALBUM_NOT_FOUND,
	[403, 'not_your_album', 'it is another artist’s'],
	[403, 'permission_needed', 'the sign-in does not include albums: sign in once more'],
	[503, 'album_changing', 'it is being changed. try again in a moment'],
	...RECORD_PROBLEMS
];

export const albums: Group = {
	name: 'albums',
	text: 'where an album is read, `{album}` is the handle or did of its artist; where it is changed, its id.',
	operations: [
		{
			method: 'get',
			path: '/api/albums',
			summary: 'everybody’s albums that have something to hear, by title',
			audience: 'anybody',
			parameters: PAGED,
			answers: [ok(record({ albums: list(ref('AlbumSummary')), next_cursor: orNull(text()) }))]
		},
		{
			method: 'post',
			path: '/api/albums',
			summary: 'makes an album',
			audience: 'artist',
			body: jsonBody(schemaOf(albumBody), '`track_ids`: your own tracks, in their order'),
			answers: [
				{ status: 201, description: 'made', content: { 'application/json': ref('AlbumMetadata') } }
			],
			errors: [
				[409, 'track_in_other_album', 'one of them is on another album'],
				[403, 'permission_needed', 'the sign-in does not include albums: sign in once more'],
				...RECORD_PROBLEMS
			]
		},
		{
			method: 'get',
			path: '/api/albums/{album}',
			summary: 'the albums of an artist that have something to hear, by title',
			audience: 'anybody',
			parameters: PAGED,
			answers: [ok(record({ albums: list(ref('AlbumOfArtist')), next_cursor: orNull(text()) }))],
			errors: [ARTIST_NOT_FOUND]
		},
		{
			method: 'patch',
			path: '/api/albums/{album}',
			summary: 'changes an album of yours; what is absent stays, null takes away',
			audience: 'artist',
			body: jsonBody(schemaOf(albumBody), '`track_ids`: the whole album, in its order'),
			answers: [ok(ref('AlbumMetadata'))],
			errors: [[409, 'track_in_other_album', 'one of them is on another album'], ...OWN]
		},
		{
			method: 'delete',
			path: '/api/albums/{album}',
			summary: 'deletes an album of yours',
			audience: 'artist',
			parameters: [
				query('tracks', '`delete`: its tracks too; else they stay', oneOf('delete', 'keep'))
			],
			answers: [done('album deleted successfully')],
			errors: OWN
		},
		{
			method: 'get',
			path: '/api/albums/{album}/{slug}',
			summary: 'an album with its tracks',
			audience: 'anybody',
			answers: [ok(ref('Album')), MOVED],
			errors: [ARTIST_NOT_FOUND, ALBUM_NOT_FOUND]
		},
		{
			method: 'get',
			path: '/api/albums/{album}/cover',
			summary: 'the album whose slug is “cover”',
			audience: 'anybody',
			answers: [ok(ref('Album')), MOVED],
			errors: [ARTIST_NOT_FOUND, ALBUM_NOT_FOUND]
		},
		{
			method: 'post',
			path: '/api/albums/{album}/cover',
			summary: 'gives an album of yours its cover, or takes it away',
			audience: 'artist',
			body: {
				content: {
					'multipart/form-data': record(
						{ image: { type: 'string', contentMediaType: 'image/*' }, remove_image: text() },
						['image', 'remove_image']
					)
				}
			},
			answers: [ok(record({ image_url: orNull(address()), image_id: orNull(text()) }))],
			errors: [
				...OWN,
				[400, 'missing_file', 'there is no picture in it'],
				...FORM_PROBLEMS,
				...PICTURE_PROBLEMS
			]
		}
	]
};
