import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidRecord } from './invalid-record.ts';
import { decodeLike, encodeLike } from './like.ts';

const site = {
	publicUrl: 'https://plyr.example.org',
	trackCollection: 'fm.plyr.stg.track',
	likeCollection: 'fm.plyr.stg.like'
};
const subject = {
	uri: 'at://did:plc:alice/fm.plyr.stg.track/3lbk2aaaaaa2a',
	cid: 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a'
};

describe('a like as a record', () => {
	it('is written in the collection of this site and read back the same', () => {
		const createdAt = new Date('2026-11-22T18:00:00.000Z');
		const record = encodeLike(site, { subject, createdAt });
		assert.deepEqual(record, {
			$type: 'fm.plyr.stg.like',
			subject,
			createdAt: '2026-11-22T18:00:00.000Z'
		});
		assert.deepEqual(decodeLike(site, record), { subject, createdAt });
	});

	it('is refused when it does not fit the lexicon', () => {
		const broken = [
			{ $type: 'fm.plyr.like', subject, createdAt: '2026-11-22T18:00:00.000Z' },
			{ $type: 'fm.plyr.stg.like', subject: { uri: 'x', cid: 'y' }, createdAt: 'now' },
			{ $type: 'fm.plyr.stg.like', createdAt: '2026-11-22T18:00:00.000Z' }
		];
		for (const record of broken) assert.throws(() => decodeLike(site, record), InvalidRecord);
	});
});
