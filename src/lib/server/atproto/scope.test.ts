import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingPermissions } from './scope.ts';

const needed = 'atproto repo:fm.plyr.track repo:fm.plyr.like';

describe('what a PDS granted', () => {
	const enough = [
		needed,
		'repo:fm.plyr.like repo:fm.plyr.track atproto',
		'atproto repo?collection=fm.plyr.like&collection=fm.plyr.track',
		'repo?collection=fm.plyr.track&collection=fm.plyr.like&collection=fm.plyr.list atproto blob:*/*',
		'atproto repo:*',
		'atproto transition:generic',
		'atproto repo:fm.plyr.like repo:fm.plyr.track?action=create&action=update repo:fm.plyr.track?action=delete'
	];
	for (const granted of enough) {
		it(`is enough: ${granted}`, () => assert.deepEqual(missingPermissions(needed, granted), []));
	}

	const notEnough: [string, string[]][] = [
		['atproto', ['repo:fm.plyr.track', 'repo:fm.plyr.like']],
		['atproto repo:fm.plyr.track', ['repo:fm.plyr.like']],
		['repo:fm.plyr.track repo:fm.plyr.like', ['atproto']],
		['atproto repo:fm.plyr.tracks repo:fm.plyr.like', ['repo:fm.plyr.track']],
		['atproto repo:fm.plyr.* repo:fm.plyr.like', ['repo:fm.plyr.track']],
		['atproto repo:fm.plyr.like repo:fm.plyr.track?action=create', ['repo:fm.plyr.track']],
		['atproto blob:*/* rpc:*', ['repo:fm.plyr.track', 'repo:fm.plyr.like']],
		['', ['atproto', 'repo:fm.plyr.track', 'repo:fm.plyr.like']]
	];
	for (const [granted, missing] of notEnough) {
		it(`is not enough: ${granted || 'nothing'}`, () =>
			assert.deepEqual(missingPermissions(needed, granted), missing));
	}
});
