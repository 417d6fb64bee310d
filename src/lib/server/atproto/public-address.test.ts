import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPublicAddress } from './public-address.ts';

describe('an address', () => {
	const open = [
		'1.1.1.1',
		'8.8.8.8',
		'172.32.0.1',
		'192.167.1.1',
		'2606:4700::1111',
		'2a00:1450::1'
	];
	for (const address of open) {
		it(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
	}

	const closed = [
		'0.0.0.0',
		'10.1.2.3',
		'100.64.0.1',
		'127.0.0.1',
		'127.255.255.254',
		'169.254.169.254',
		'172.16.0.1',
		'172.31.255.255',
		'192.0.0.8',
		'192.0.2.1',
		'192.168.1.1',
		'198.18.0.1',
		'198.51.100.1',
		'203.0.113.1',
		'224.0.0.1',
		'240.0.0.1',
		'255.255.255.255',
		'::',
		'::1',
		'::ffff:127.0.0.1',
		'::ffff:8.8.8.8',
		'::ffff:a9fe:a9fe',
		'::127.0.0.1',
		'64:ff9b::7f00:1',
		'64:ff9b:1::1',
		'100::1',
		'2001::1',
		'2001:db8::1',
		'2002:7f00:1::',
		'3fff::1',
		'5f00::1',
		'fc00::1',
		'fd12:3456::1',
		'fe80::1',
		'fe80::1%eth0',
		'fec0::1',
		'ff02::1',
		'localhost',
		'',
		'2130706433',
		'0x7f.1'
	];
	for (const address of closed) {
		it(`${address || 'of nothing'} is not`, () => assert.equal(isPublicAddress(address), false));
	}
});
