import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseTrackState } from './release.ts';
import { isChangedSince, trackOfFile } from './track-of-file.ts';

const CHANGED_AT = 1_700_000_000_000;

const track = (id: string, path: string, more: object = {}) =>
	({
		upload: {
			upload_id: id,
			status: 'receiving',
			file_name: path.split('/').at(-1),
			path,
			size_bytes: 3,
			modified_ms: CHANGED_AT,
			...more
		}
	}) as unknown as ReleaseTrackState;

const found = (path: string, { content = 'abc', lastModified = CHANGED_AT } = {}) => ({
	file: new File([content], path.split('/').at(-1) ?? '', { lastModified }),
	path
});

const idOf = (tracks: ReleaseTrackState[], path: string, more = {}, remembered?: string) =>
	trackOfFile(tracks, found(path, more), remembered ?? null)?.upload.upload_id;

describe('a file that is chosen again', () => {
	it('is the track this browser began with it, whatever that is called by now', () => {
		const tracks = [track('a', 'tide.wav'), track('b', 'low.wav')];
		assert.equal(idOf(tracks, 'tide.wav', {}, 'b'), 'b');
	});

	it('is the track with its name and size where nothing is remembered of it', () => {
		const tracks = [track('a', 'tide.wav'), track('b', 'ebb.wav')];
		assert.equal(idOf(tracks, 'low water/ebb.wav'), 'b');
		assert.equal(idOf(tracks, 'ebb.wav', { content: 'longer' }), undefined);
		assert.equal(idOf(tracks, 'flood.wav'), undefined);
	});

	it('is told from its namesakes by its folder, and is none of them without', () => {
		const tracks = [track('a', 'low/cd 1/01.wav'), track('b', 'low/cd 2/01.wav')];
		assert.equal(idOf(tracks, 'low/cd 2/01.wav'), 'b');
		assert.equal(idOf(tracks, '01.wav'), undefined);
	});

	it('is found by a name that the server keeps without what cannot be seen', () => {
		assert.equal(idOf([track('a', 'a tide é.wav')], 'a  tide\u202e e\u0301.wav'), 'a');
	});

	it('is another one when it was changed meanwhile: two halves make no recording', () => {
		const tracks = [track('a', 'tide.wav')];
		const changed = { lastModified: CHANGED_AT + 60_000 };
		assert.equal(idOf(tracks, 'tide.wav', changed), undefined);
		assert.equal(isChangedSince(tracks, found('tide.wav', changed)), true);
		assert.equal(idOf(tracks, 'tide.wav', { lastModified: CHANGED_AT + 1_500 }), 'a');
		assert.equal(isChangedSince(tracks, found('tide.wav')), false);
		assert.equal(idOf([track('a', 'tide.wav', { modified_ms: null })], 'tide.wav', changed), 'a');
	});
});
