import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { reportPlay, reportUnsent } from './report-play.ts';
import { unsentPlays } from './unsent-plays.ts';

const original = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');

beforeEach(() => {
	const kept = new Map<string, string>();
	const storage = {
		getItem: (name: string) => kept.get(name) ?? null,
		setItem: (name: string, value: string) => kept.set(name, value)
	};
	Object.defineProperty(globalThis, 'localStorage', { configurable: true, value: storage });
});
afterEach(() => {
	if (original) Object.defineProperty(globalThis, 'localStorage', original);
	else Reflect.deleteProperty(globalThis, 'localStorage');
});

/** A line on which the answers come in this order; an error: none comes. */
function line(...answers: (Response | Error)[]) {
	const sent: { url: string; init: RequestInit }[] = [];
	let waits = 0;
	let nowMs = 1_000;
	const environment = {
		now: () => nowMs++,
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
		const report = await reportPlay(12, 30.25, undefined, environment);
		assert.deepEqual(report, { playCount: 7, isCounted: true });
		assert.equal(sent[0]?.url, '/api/tracks/12/play');
		assert.equal(sent[0].init.keepalive, true);
		assert.equal(sent[0].init.method, 'POST');
		assert.equal(sent[0].init.body, '{"played_seconds":30.25}');
	});

	it('says how long the listen before it was, so that the mean is known', async () => {
		const { environment, sent } = line(counted(), counted());
		const listen = { seconds: 30 };
		await reportPlay(12, 30, listen, environment);
		listen.seconds = 171.5;
		await reportPlay(13, 31, { seconds: 31 }, environment);
		assert.equal(sent[0]?.init.body, '{"played_seconds":30}');
		assert.equal(sent[1]?.init.body, '{"played_seconds":31,"previous_seconds":171.5}');
	});

	it('is done once more when the line is back', async () => {
		const { environment, sent, waits } = line(new TypeError('no line'), counted());
		assert.equal((await reportPlay(12, 30, undefined, environment))?.playCount, 7);
		assert.equal(sent.length, 2);
		assert.equal(waits(), 1);
	});

	it('is done once more when the server could not, and then no more', async () => {
		const away = () => new Response(null, { status: 503 });
		const { environment, sent } = line(away(), away(), counted());
		assert.equal(await reportPlay(12, 30, undefined, environment), null);
		assert.equal(sent.length, 2);
	});

	it('is kept without an answer, and made up for by a later page, the oldest first', async () => {
		const silence = () => new TypeError('no line');
		const { environment: earlier } = line(silence(), silence(), silence(), silence());
		await reportPlay(12, 30, undefined, earlier);
		await reportPlay(13, 31.5, undefined, earlier);
		assert.deepEqual(
			unsentPlays().map(({ trackId }) => trackId),
			[12, 13]
		);
		const { environment, sent } = line(counted(), silence());
		await reportUnsent(environment);
		assert.deepEqual(
			unsentPlays().map(({ trackId }) => trackId),
			[13]
		);
		const later = line(new Response(null, { status: 410 }));
		await reportUnsent(later.environment);
		assert.deepEqual(unsentPlays(), []);
		assert.deepEqual(
			[...sent, ...later.sent].map(({ url, init }) => `${url} ${init.body as string}`),
			[
				'/api/tracks/12/play {"played_seconds":30}',
				'/api/tracks/13/play {"played_seconds":31.5}',
				'/api/tracks/13/play {"played_seconds":31.5}'
			]
		);
	});

	it('says how long ago it was, a week at most', async () => {
		const { environment: earlier } = line(new TypeError('no line'), new TypeError('no line'));
		await reportPlay(12, 30, undefined, earlier);
		const ages = [90_000, 30 * 86_400_000];
		for (const laterMs of ages) {
			const { environment, sent } = line(new TypeError('no line'));
			await reportUnsent({ ...environment, now: () => 1_000 + laterMs });
			const seconds = Math.min(laterMs / 1_000, 604_800);
			assert.equal(sent[0]?.init.body, `{"played_seconds":30,"age_seconds":${seconds}}`);
		}
	});

	it('takes nothing that is none from the storage', async () => {
		for (const kept of ['{', '{}', '[null, 1, {"trackId": "1"}]']) {
			localStorage.setItem('unsent_plays', kept);
			assert.deepEqual(unsentPlays(), []);
		}
		await reportUnsent(line().environment);
	});

	it('is not repeated when the server will not count it', async () => {
		for (const status of [404, 410, 422]) {
			const { environment, sent } = line(new Response(null, { status }), counted());
			assert.equal(await reportPlay(12, 30, undefined, environment), null);
			assert.equal(sent.length, 1);
		}
	});
});
