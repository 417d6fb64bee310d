import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupByRelease } from './group-by-release.ts';
import type { UploadState } from './upload.ts';

const upload = (id: string, releaseId: string | null, position: number | null, title = id) =>
	({
		upload_id: id,
		release_id: releaseId,
		release_position: position,
		title,
		file_name: id
	}) as UploadState;

describe('uploads that are published together', () => {
	it('are shown together, in the order of their release, where the first of them was', () => {
		const groups = groupByRelease([
			upload('b', 'r', 2),
			upload('single', null, null),
			upload('a', 'r', 1, 'slow tide')
		]);
		assert.deepEqual(
			groups.map(({ name, uploads }) => [name, uploads.map(({ upload_id: id }) => id)]),
			[
				['slow tide and 1 more', ['a', 'b']],
				['single', ['single']]
			]
		);
		assert.deepEqual(
			groups.map(({ releaseId }) => releaseId),
			['r', null]
		);
	});

	it('are named after their file while they have no title, and stay apart without a release', () => {
		const untitled = { ...upload('a.wav', null, null), title: null } as unknown as UploadState;
		const groups = groupByRelease([untitled, upload('b', null, null), upload('c', 's', 1)]);
		assert.deepEqual(
			groups.map(({ name, releaseId }) => [name, releaseId]),
			[
				['a.wav', null],
				['b', null],
				['c', 's']
			]
		);
	});
});
