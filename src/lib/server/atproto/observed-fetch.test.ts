import assert from 'node:assert/strict';
import { it } from 'node:test';
import { unseen } from '#lib/server/testing/unseen.ts';
import { observeFetch } from './observed-fetch.ts';

it('counts requests elsewhere by what they are about, never by their host', async () => {
	const { metrics, tracer } = unseen();
	let status = 200;
	const answering = () =>
		status === 0
			? Promise.reject(new Error('away'))
			: Promise.resolve(new Response(null, { status }));
	const fetch = observeFetch(answering, { metrics, tracer });
	await fetch('https://alice.example/xrpc/com.atproto.repo.putRecord?repo=did:plc:alice');
	status = 401;
	await fetch(new URL('https://bob.example/oauth/token'), { method: 'POST' });
	status = 404;
	await fetch(new Request('https://plc.directory/did:plc:bob'));
	await fetch('https://carol.example/.well-known/atproto-did');
	status = 0;
	await assert.rejects(fetch('https://dan.example/picture.jpg'), /away/);
	const counts = metrics.outboundRequests.points.map(({ labels, count }) => [...labels, count]);
	assert.deepEqual(counts, [
		['pds', '2xx', 1],
		['oauth', '4xx', 1],
		['identity', '4xx', 2],
		['other', 'no_answer', 1]
	]);
});
