import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeDevice } from './device.ts';

describe('the device of a sign-in', () => {
	it('is its browser and its system, and no version of either', () => {
		const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
		assert.equal(describeDevice(firefox), 'firefox on linux');
		assert.equal(describeDevice('Mozilla/5.0 (something new)'), 'a browser');
	});

	it('is a program, by the name it gives itself', () => {
		assert.equal(describeDevice('curl/8.5.0'), 'a program (curl)');
		assert.equal(
			describeDevice('My-Uploader/1.0 (+https://example.org)'),
			'a program (my-uploader)'
		);
		for (const unnamed of [null, '', '<b>x</b>', 'x'.repeat(31), '‮evil']) {
			assert.equal(describeDevice(unnamed), 'a program');
		}
	});
});
