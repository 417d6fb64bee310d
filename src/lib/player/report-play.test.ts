import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportPlay } from './report-play.ts';

/** A line on which the answers come in this order; an error: none comes. */
function line(...answers: (Response | Error)[]) {
	const sent: { url: string; init: RequestInit }[] = [];
	let waits = 0;
	const environment = {
		fetch: ((url: string, init: RequestInit) => {
			sent.push({ url, init });
			const answer = answers.shift() ?? new Error('nothing more');
			return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
		}) as typeof fetch,
		lineIsBack() {
			waits += 1;
			return Promise.resolve();
		}
	};
	return { environment, sent, waits: () => waits };
}

const counted = () => Response.json({ play_count: 7, counted: true });

describe('reporting a play', () => {
	it('outlives the page and says how much was listened to', async () => {
		const { environment, sent } = line(counted());
		const report = await reportPlay(12, 30.25, environment);
		assert.deepEqual(report, { playCount: 7, isCounted: true });
		assert.equal(sent[0]?.url, '/api/tracks/12/play');
		assert.equal(sent[0].init.keepalive, true);
		assert.equal(sent[0].init.method, 'POST');
		assert.equal(sent[0].init.body, '{"played_seconds":30.25}');
	});

	it('is done once more when the line is back', async () => {
		const { environment, sent, waits } = line(new TypeError('no line'), counted());
		assert.equal((await reportPlay(12, 30, environment))?.playCount, 7);
		assert.equal(sent.length, 2);
		assert.equal(waits(), 1);
	});

	it('is done once more when the server could not, and then no more', async () => {
		const away = () => new Response(null, { status: 503 });
		const { environment, sent } = line(away(), away(), counted());
		assert.equal(await reportPlay(12, 30, environment), null);
		assert.equal(sent.length, 2);
	});

	it('is not repeated when the server will not count it', async () => {
		for (const status of [404, 410, 422, 429]) {
			const { environment, sent } = line(new Response(null, { status }), counted());
			assert.equal(await reportPlay(12, 30, environment), null);
			assert.equal(sent.length, 1);
		}
	});
});
