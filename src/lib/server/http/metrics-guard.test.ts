import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestEvent } from '@sveltejs/kit';
import { isThisMachine, requireMetricsReader } from './metrics-guard.ts';

interface Asked {
	from?: string;
	token?: string;
	proxies?: number;
	headers?: Record<string, string>;
}

const ask = ({ from = '127.0.0.1', token, proxies = 0, headers = {} }: Asked) =>
	requireMetricsReader({
		request: new Request('http://music.test/metrics', { headers }),
		getClientAddress: () => from,
		locals: { ctx: { config: { metricsToken: token, trustedProxyCount: proxies } } }
	} as unknown as RequestEvent);

const SECRET = 'a-long-secret-of-ours';

describe('who may read the numbers', () => {
	it('is this machine, without a token', () => {
		ask({});
		ask({ from: '::1' });
		ask({ from: '::ffff:127.0.0.1' });
		assert.throws(() => ask({ from: '203.0.113.1' }), { code: 'metrics_local_only' });
		assert.throws(() => ask({ from: '10.0.0.1' }), { code: 'metrics_local_only' });
	});

	it('is nobody beyond a proxy on this machine, also when the proxy was not named', () => {
		for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
			const headers = { [name]: '127.0.0.1' };
			assert.throws(() => ask({ headers }), { code: 'metrics_local_only' }, name);
		}
		const outside = { 'x-forwarded-for': '127.0.0.1, 203.0.113.1' };
		assert.throws(() => ask({ proxies: 1, headers: outside }), { code: 'metrics_local_only' });
		ask({ proxies: 1, headers: { 'x-forwarded-for': '203.0.113.1, 127.0.0.1' } });
	});

	it('is whoever brings the token, from anywhere, and nobody without it', () => {
		const bearing = (token: string) => ({ authorization: `Bearer ${token}` });
		ask({ token: SECRET, from: '203.0.113.1', headers: bearing(SECRET) });
		for (const headers of [
			{},
			bearing('a-long-secret'),
			bearing(`${SECRET}s`),
			{ authorization: SECRET }
		]) {
			assert.throws(() => ask({ token: SECRET, headers }), { code: 'metrics_token_needed' });
		}
	});

	it('knows this machine by its address only', () => {
		assert.equal(isThisMachine('127.8.9.10'), true);
		for (const address of ['128.0.0.1', '::2', 'localhost', '', '::ffff:10.0.0.1']) {
			assert.equal(isThisMachine(address), false, address);
		}
	});
});
