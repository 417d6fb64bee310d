import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProgramAddress } from './program-address.ts';

describe('the address of a program that waits for a sign-in', () => {
	it('is a literal loopback address with a port', () => {
		for (const address of ['http://127.0.0.1:4000/done?a=b', 'http://[::1]:4000/']) {
			assert.equal(parseProgramAddress(address)?.href, address);
		}
	});

	const refused = [
		'https://127.0.0.1:4000/',
		'http://127.0.0.1/',
		'http://localhost:4000/',
		'http://127.0.0.1.evil.example:4000/',
		'http://127.0.0.1:4000@evil.example/',
		'http://user@127.0.0.1:4000/',
		'http://127.0.0.1:4000/#exchange_token=x',
		'http://10.0.0.1:4000/',
		'myapp://done',
		'//127.0.0.1:4000/',
		''
	];
	for (const address of refused) {
		it(`is not ${address || 'nothing'}`, () =>
			assert.equal(parseProgramAddress(address), undefined));
	}
});
