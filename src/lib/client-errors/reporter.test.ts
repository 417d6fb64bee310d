import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanText } from './clean-text.ts';
import type { ErrorReport } from './error-report.ts';
import { Reporter } from './reporter.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

function reporting({ random = 0, userAgent = FIREFOX } = {}) {
	const sent: ErrorReport[] = [];
	const reporter = new Reporter({
		userAgent,
		route: () => '/(listen)/u/[handle]',
		random: () => random,
		send: (report) => sent.push(report)
	});
	return { reporter, sent };
}

function errorAt(message: string, place: string): Error {
	const error = new TypeError(message);
	error.stack = `TypeError: ${message}\n    at play (https://music.test${place})`;
	return error;
}

describe('an error in a browser', () => {
	it('is told with its place in our scripts, the template of the page and the family of the browser', () => {
		const { reporter, sent } = reporting();
		reporter.report('script', errorAt('x is undefined', '/_app/immutable/chunks/a-B.js:1:204?v=2'));
		assert.deepEqual(sent, [
			{
				kind: 'script',
				name: 'TypeError',
				message: 'x is undefined',
				place: '/_app/immutable/chunks/a-B.js:1:204',
				route: '/(listen)/u/[handle]',
				browser: 'firefox'
			}
		]);
	});

	it('is told once for each page, however often it happens', () => {
		const { reporter, sent } = reporting();
		for (let i = 0; i < 9; i++) reporter.report('script', errorAt('same', '/_app/a.js:1:1'));
		assert.equal(sent.length, 1);
	});

	it('is told of a few, and of later ones in some pages only', () => {
		const all = reporting();
		for (let i = 0; i < 9; i++) all.reporter.report('promise', new Error(`number ${i}`));
		assert.equal(all.sent.length, 5);
		const few = reporting({ random: 0.5 });
		for (let i = 0; i < 9; i++) few.reporter.report('promise', new Error(`number ${i}`));
		assert.equal(few.sent.length, 1);
	});

	it('may be anything that was thrown', () => {
		const { reporter, sent } = reporting({ userAgent: 'curl/8' });
		for (const cause of ['words', undefined, { secret: 'alice' }]) {
			reporter.report('promise', cause);
		}
		assert.deepEqual(
			sent.map(({ name, message, browser }) => [name, message, browser]),
			[
				['string', 'words', 'other'],
				['undefined', '', 'other'],
				['object', '', 'other']
			]
		);
	});

	it('of a recording is told each time, within bounds, and not when there is no line', () => {
		const { reporter, sent } = reporting({ random: 0.9 });
		for (const reason of ['offline', 'unanswered']) reporter.reportPlayback(reason);
		for (let i = 0; i < 30; i++) reporter.reportPlayback('gone');
		assert.equal(sent.length, 20);
		assert.deepEqual([sent[0]?.kind, sent[0]?.name], ['playback', 'gone']);
	});

	const PERSONAL: [string, string][] = [
		['failed to fetch https://music.test/u/alice.test?code=123', 'failed to fetch address'],
		['no record at://did:plc:abc234/fm.plyr.track/3k', 'no record address'],
		['did:plc:ewvi7nxzyoun6zhxrhs64oiz is gone', 'did is gone'],
		['@alice.bsky.social and alice@example.org', 'name and name'],
		['Unexpected token, "my diary" is not valid JSON', 'Unexpected token, "…" is not valid JSON'],
		['an open quote "my diary', 'an open quote "…"'],
		["'my diary' is not a function", "'…' is not a function"],
		['/track/12?token=abc not found', '/… not found'],
		['token eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9', 'token …'],
		['phone 4915112345678', 'phone …']
	];
	for (const [said, told] of PERSONAL) {
		it(`keeps to itself what may be about a person: ${said}`, () => {
			assert.equal(cleanText(said), told);
		});
	}

	it('keeps the names of the program', () => {
		const message = "Cannot read properties of undefined (reading 'durationMs')";
		assert.equal(cleanText(message), message);
	});
});
