import assert from 'node:assert/strict';
import { it } from 'node:test';
import { momentInAddress, parseMoment } from './moment.ts';

it('a moment is named in seconds, in units or as a clock shows it', () => {
	const named: [string, number][] = [
		['90', 90],
		['90s', 90],
		['0', 0],
		['90.5', 90.5],
		['1m30s', 90],
		['1m30', 90],
		['2m', 120],
		['1h', 3600],
		['1h2m3s', 3723],
		['1H2M3S', 3723],
		['1:30', 90],
		['01:05', 65],
		['75:00', 4500],
		['1:02:03', 3723],
		[' 1:30 ', 90]
	];
	for (const [text, seconds] of named) assert.equal(parseMoment(text), seconds, text);
});

it('what names no moment is none', () => {
	const texts = ['', ' ', 's', 'm', '-5', '1:5', '1:2:3', 'abc', '1e3', '0x10', 'NaN', '1d', ':30'];
	for (const text of [null, undefined, ...texts, '1m1h', '99999999', '30h', '9'.repeat(400)]) {
		assert.equal(parseMoment(text), null, text ?? 'nothing');
	}
});

it('an address names whole seconds', () => {
	assert.deepEqual([momentInAddress(90.9), momentInAddress(-1)], ['90', '0']);
});
