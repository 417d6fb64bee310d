import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError } from '#lib/server/errors.ts';
import { readChange } from './read-change.ts';

function refusal(sent: unknown): { field: string; message: string } {
	try {
		readChange(sent, (id) => (id === 'one' ? 'song.mp3' : 'a track'));
	} catch (cause) {
		assert.ok(cause instanceof DomainError);
		assert.deepEqual([cause.status, cause.code], [422, 'invalid_field']);
		return cause.detail as { field: string; message: string };
	}
	return assert.fail('it fits');
}

describe('a change of a release that is not of the right shape', () => {
	for (const [name, sent, field, message] of [
		['fields that are a number', { fields: 5 }, 'fields', 'fields is an object'],
		['fields that are nothing', { fields: null }, 'fields', 'fields is an object'],
		[
			'a title that is a number',
			{ fields: { album_title: 5 } },
			'album_title',
			/^the album.* text/
		],
		[
			'an unknown field',
			{ fields: { colour: 'red' } },
			'colour',
			'there is no field "colour" here'
		],
		['an unknown part', { colour: 'red' }, 'colour', 'there is no field "colour" here'],
		['tracks that are no list', { tracks: {} }, 'tracks', 'tracks is a list'],
		[
			'too many tracks',
			{ tracks: Array(501).fill({ upload_id: 'one' }) },
			'tracks',
			'tracks has at most 500 entries'
		],
		[
			'a track that is a number',
			{ tracks: [5] },
			'tracks',
			'a track is an object with its upload_id'
		],
		[
			'a track without its upload',
			{ tracks: [{ position: 1 }] },
			'tracks',
			/a text as its upload_id/
		],
		[
			'a track whose upload is a number, and another mistake',
			{ tracks: [{ upload_id: 5, position: 0 }] },
			'tracks',
			/a text as its upload_id/
		],
		[
			'an unknown field of a track',
			{ tracks: [{ upload_id: 'one', fields: { colour: 'red' } }] },
			'colour:one',
			'song.mp3: there is no field "colour" here'
		],
		[
			'an unknown part of a track',
			{ tracks: [{ upload_id: 'one', colour: 'red' }] },
			'colour:one',
			'song.mp3: there is no field "colour" here'
		],
		[
			'fields of a track that are a text',
			{ tracks: [{ upload_id: 'one', fields: 'red' }] },
			'fields:one',
			'song.mp3: fields is an object'
		],
		[
			'a tag that is a number',
			{ tracks: [{ upload_id: 'one', fields: { tags: [5] } }] },
			'tags:one',
			'song.mp3: a tag is a text'
		],
		['a body that is a list', [], 'body', 'a change is an object']
	] as const) {
		it(`names what is wrong: ${name}`, () => {
			const refused = refusal(sent);
			assert.equal(refused.field, field);
			if (typeof message === 'string') assert.equal(refused.message, message);
			else assert.match(refused.message, message);
			assert.doesNotMatch(JSON.stringify(refused), /undefined|received/);
		});
	}
});
