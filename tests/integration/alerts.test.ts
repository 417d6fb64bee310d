import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promtool } from './promtool.ts';

describe('the example alerts', () => {
	it('are rules prometheus takes', () => {
		const { isContent, says } = promtool(['check', 'rules', 'docs/alerts/plyr.rules.yml']);
		assert.ok(isContent, says);
	});

	it('fire when they should, and not before', () => {
		const { isContent, says } = promtool(['test', 'rules', 'docs/alerts/plyr.rules.test.yml']);
		assert.ok(isContent, says);
	});
});
