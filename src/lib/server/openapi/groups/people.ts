import { type Group, jsonBody, ok, type Problem, query } from '../operation.ts';
import { address, integer, type JsonSchema, list, orNull, record, ref, text } from '../schema.ts';

const NOT_FOUND: Problem = [404, 'artist_not_found', 'there is no such artist'];
const NO_PROFILE: Problem = [404, 'artist_profile_not_found', 'you have no profile yet'];

const profile: Record<string, JsonSchema> = {
	display_name: orNull(text('empty: your handle')),
	bio: orNull(text('at most 256 characters; empty: none')),
	avatar_url: orNull(address('where a picture is; empty: none'))
};

export const artists: Group = {
	name: 'artists',
	text: 'whoever publishes here has a profile. a did is theirs for good; a handle may change.',
	operations: [
		{
			method: 'post',
			path: '/api/artists',
			summary: 'makes your artist profile',
			details: 'without `avatar_url` it gets the picture of your public profile.',
			audience: 'session',
			body: jsonBody(record(profile, ['bio', 'avatar_url'])),
			answers: [ok(ref('Artist'))],
			errors: [[400, 'artist_exists', 'you have one already']]
		},
		{
			method: 'get',
			path: '/api/artists/me',
			summary: 'your own profile',
			audience: 'session',
			answers: [ok(ref('Artist'))],
			errors: [NO_PROFILE]
		},
		{
			method: 'put',
			path: '/api/artists/me',
			summary: 'changes your profile; what is absent or null stays',
			audience: 'session',
			body: jsonBody(record(profile, Object.keys(profile))),
			answers: [ok(ref('Artist'))],
			errors: [NO_PROFILE]
		},
		{
			method: 'get',
			path: '/api/artists/{did}',
			summary: 'an artist',
			audience: 'anybody',
			answers: [ok(ref('Artist'))],
			errors: [NOT_FOUND]
		},
		{
			method: 'get',
			path: '/api/artists/by-handle/{handle}',
			summary: 'an artist by the handle they have now',
			audience: 'anybody',
			answers: [ok(ref('Artist'))],
			errors: [NOT_FOUND]
		},
		{
			method: 'get',
			path: '/api/artists/{did}/analytics',
			summary: 'the numbers of an artist; zeros for anybody who is none',
			audience: 'anybody',
			answers: [ok(ref('Analytics'))]
		},
		{
			method: 'get',
			path: '/api/artists/me/analytics',
			summary: 'your own numbers',
			audience: 'session',
			answers: [ok(ref('Analytics'))]
		},
		{
			method: 'get',
			path: '/api/search/handles',
			summary: 'people whose handle or name begins, or goes on, like what is typed',
			details: 'artists of this site first, then people of the network.',
			audience: 'anybody',
			parameters: [
				{ ...query('q', 'two letters at least'), isRequired: true },
				query('limit', '10 when it is left out', { ...integer(), minimum: 1, maximum: 25 })
			],
			answers: [ok(record({ results: list(ref('FoundPerson')) }))]
		}
	]
};
