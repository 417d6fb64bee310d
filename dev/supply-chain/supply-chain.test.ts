import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readAudit } from './audit.ts';
import { lockFaults, type LockedPackage, type LockedPackages } from './lock-faults.ts';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: LockedPackages };
const fine: LockedPackage = { version: '1.0.0', integrity: 'sha512-abc', license: 'MIT' };
const faultsOf = (change: LockedPackage) =>
	lockFaults({ 'node_modules/one': { ...fine, ...change } });

describe('what the product is made of', () => {
	it('comes from no address of its own, whole, and under licences we may use', () => {
		assert.ok(Object.keys(lock.packages).length > 500);
		assert.deepEqual(lockFaults(lock.packages), []);
	});

	it('is refused when it comes from elsewhere, may be other bytes, or runs by itself', () => {
		assert.deepEqual(faultsOf({}), []);
		const elsewhere = 'https://elsewhere.example/one.tgz';
		assert.deepEqual(faultsOf({ resolved: elsewhere }), [`one comes from ${elsewhere}`]);
		assert.deepEqual(faultsOf({ integrity: 'sha1-abc' }), ['one has no sha-512 of its bytes']);
		assert.deepEqual(faultsOf({ hasInstallScript: true }), ['one runs when it is installed']);
		assert.deepEqual(faultsOf({ license: 'AGPL-3.0-only' }), ['one is under AGPL-3.0-only']);
		assert.deepEqual(faultsOf({ license: 'AGPL-3.0-only', dev: true }), []);
		assert.deepEqual(faultsOf({ integrity: '', os: ['win32'] }), []);
	});

	it('is asked about, and what could not be asked is not taken for good news', () => {
		const found = readAudit(
			JSON.stringify({
				vulnerabilities: {
					one: { name: 'one', severity: 'high', range: '<2' },
					two: { name: 'two', severity: 'low', range: '*' }
				}
			})
		);
		assert.deepEqual(found, {
			state: 'known',
			advisories: [
				{ says: 'one <2: high', isGrave: true },
				{ says: 'two *: low', isGrave: false }
			]
		});
		assert.deepEqual(readAudit('{"message":"405 Method Not Allowed"}'), {
			state: 'unknown',
			reason: '405 Method Not Allowed'
		});
		assert.equal(readAudit('').state, 'unknown');
	});
});
