import assert from 'node:assert/strict';
import { it } from 'node:test';
import { routeTemplate } from './route-template.ts';

it('names a route as its address is written, and never what somebody asked for', () => {
	assert.equal(routeTemplate('/(listen)/track/[id]'), '/track/[id]');
	assert.equal(routeTemplate('/(listen)'), '/');
	assert.equal(routeTemplate('/'), '/');
	assert.equal(routeTemplate('/api/uploads/tus/[...id]'), '/api/uploads/tus/[...id]');
	assert.equal(routeTemplate(null), 'none');
});
