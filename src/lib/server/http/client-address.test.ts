import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressKey, clientAddress } from './client-address.ts';

const SOCKET = '10.0.0.1';

describe('the address of whoever asks', () => {
	const cases: [string, string | null, number, string][] = [
		['no proxy of ours: what a stranger writes is not believed', '203.0.113.9', 0, SOCKET],
		['no proxy and no header', null, 0, SOCKET],
		['one proxy of ours', '203.0.113.9', 1, '203.0.113.9'],
		[
			'one proxy, behind which somebody claims another address',
			'1.1.1.1, 203.0.113.9',
			1,
			'203.0.113.9'
		],
		['two proxies of ours', '1.1.1.1, 203.0.113.9, 10.0.0.7', 2, '203.0.113.9'],
		['two proxies, and a request that came past one of them', '203.0.113.9', 2, SOCKET],
		['a proxy that wrote nothing', null, 1, SOCKET],
		['an empty header', '', 1, SOCKET],
		['what is no address', '203.0.113.9, unknown', 1, SOCKET],
		['a script instead of an address', '<script>', 1, SOCKET],
		['a list that ends with a comma', '203.0.113.9,', 1, SOCKET],
		['an address with a port', '203.0.113.9:4711', 1, '203.0.113.9'],
		['an ipv6 address', '2001:db8::1', 1, '2001:db8::1'],
		['an ipv6 address with a port', '[2001:db8::1]:4711', 1, '2001:db8::1']
	];
	for (const [name, header, proxies, expected] of cases) {
		it(name, () => assert.equal(clientAddress(SOCKET, header, proxies), expected));
	}
});

describe('what a limit counts as one', () => {
	const cases: [string, string][] = [
		['203.0.113.9', '203.0.113.9'],
		['::ffff:203.0.113.9', '203.0.113.9'],
		['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
		['2001:DB8:0001:0002::6', '2001:db8:1:2::/64'],
		['2001:db8::1', '2001:db8:0:0::/64'],
		['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
		['::1', '0:0:0:0::/64'],
		['fe80::1%eth0', 'fe80:0:0:0::/64'],
		['64:ff9b::203.0.113.9', '64:ff9b:0:0::/64']
	];
	for (const [address, key] of cases) {
		it(`${address}: ${key}`, () => assert.equal(addressKey(address), key));
	}
});
