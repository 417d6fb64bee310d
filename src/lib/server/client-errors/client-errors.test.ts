import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from '#lib/server/log.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { errorReportBody, takeErrorReport } from './client-errors.ts';
import { Repeats } from './repeats.ts';

const REPORT = {
	kind: 'script',
	name: 'TypeError',
	message: 'x is undefined',
	place: '/_app/immutable/chunks/a.js:1:204',
	route: '/(listen)/track/[id]',
	browser: 'firefox'
} as const;

describe('what a browser reports', () => {
	it('is counted each time and logged once', () => {
		const { metrics } = unseen();
		const lines: string[] = [];
		const log = createLogger('warn', (line) => lines.push(line));
		for (let i = 0; i < 3; i++) takeErrorReport({ metrics, log }, REPORT);
		assert.deepEqual(metrics.clientErrors.points, [{ labels: ['script', 'firefox'], value: 3 }]);
		assert.equal(lines.length, 1);
		assert.match(lines[0] ?? '', /"client_error".*"x is undefined"/);
	});

	it('is a playback error by its reason, of those we know', () => {
		const { metrics } = unseen();
		const log = createLogger('error', () => undefined);
		for (const name of ['gone', 'stalled', 'gone', 'toString', 'invented']) {
			takeErrorReport({ metrics, log }, { ...REPORT, kind: 'playback', name });
		}
		const counts = metrics.playbackErrors.points.map(({ labels, value }) => [labels[0], value]);
		assert.deepEqual(counts, [
			['gone', 2],
			['stalled', 1],
			['other', 2]
		]);
	});

	it('is cleaned once more, whoever sent it', () => {
		const { metrics } = unseen();
		const lines: string[] = [];
		const log = createLogger('warn', (line) => lines.push(line));
		const message = 'no https://music.test/u/alice.test?code=1';
		takeErrorReport({ metrics, log }, errorReportBody.parse({ ...REPORT, message }));
		assert.match(lines[0] ?? '', /"message":"no address"/);
	});

	for (const [what, change] of Object.entries({
		'an address in place of a script': { place: '/u/alice.test:1:1' },
		'an address with a query in place of a template': { route: '/track/12?code=1' },
		'a name with words': { name: 'alice was here' },
		'a browser we do not know': { browser: 'Mozilla/5.0' },
		'another field': { userAgent: 'Mozilla/5.0' },
		'a very long message': { message: 'a'.repeat(401) }
	})) {
		it(`is refused with ${what}`, () => {
			assert.equal(errorReportBody.safeParse({ ...REPORT, ...change }).success, false);
		});
	}

	it('is told anew after ten minutes, with how often it came meanwhile, and only some are kept', () => {
		let now = 0;
		const repeats = new Repeats(() => now);
		assert.equal(repeats.take('a'), 0);
		assert.equal(repeats.take('a'), null);
		assert.equal(repeats.take('a'), null);
		now = 10 * 60_000;
		assert.equal(repeats.take('a'), 2);
		for (let i = 0; i < 500; i++) repeats.take(String(i));
		assert.equal(repeats.take('a'), 0, 'the oldest is forgotten');
	});
});
