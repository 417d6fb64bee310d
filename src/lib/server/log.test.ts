import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLogger, describeError } from './log.ts';

it('writes one json line per event, with the fields of its parents', () => {
	const lines: string[] = [];
	const log = createLogger('info', (line) => lines.push(line)).child({ requestId: 'r1' });
	log.debug('unseen');
	log.warn('seen', { sizeBytes: 12n, error: new Error('outer', { cause: new Error('inner') }) });
	assert.equal(lines.length, 1);
	const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
	assert.equal(line['event'], 'seen');
	assert.equal(line['level'], 'warn');
	assert.equal(line['requestId'], 'r1');
	assert.equal(line['sizeBytes'], '12');
	assert.partialDeepStrictEqual(line['error'], { error: 'outer', cause: { error: 'inner' } });
});

it('says what went wrong, also of something that is no error', () => {
	assert.partialDeepStrictEqual(describeError(new TypeError('broken')), {
		error: 'broken',
		errorName: 'TypeError'
	});
	assert.deepEqual(describeError({ message: 'a copy of an error', queue: 'x' }), {
		error: 'a copy of an error'
	});
	assert.deepEqual(describeError('words'), { error: 'words' });
});
