import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { promtool } from './promtool.ts';
import { FORM_TYPE, formBody } from './receiving/requests.ts';
import { locationOf, Visitor } from './visitor.ts';

const LIMIT_MS = 30_000;

interface LogLine {
	event: string;
	requestId?: string;
	traceId?: string;
	path?: string;
	method?: string;
	stage?: string;
}

/** The value of one number, by its name and labels as they are written; undefined: it is not told. */
const valueOf = (text: string, series: string): number | undefined => {
	const line = text.split('\n').find((one) => one.startsWith(`${series} `));
	return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('what a running site tells of itself', { timeout: 120_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;

	before(async () => {
		site = await startLocalSite({ COST_PER_GB_MONTH: '1', COST_PER_MILLION_WRITES: '1000000' });
		alice = new Visitor(site.url);
		const setup = locationOf(await alice.signIn('alice'));
		await alice.submit(setup, { display_name: 'alice plays', bio: '' });
	});
	after(() => site.close());

	const metrics = async () => {
		const answer = await fetch(`${site.url}/metrics`);
		const text = await answer.text();
		assert.equal(answer.status, 200, text);
		return text;
	};
	const until = async (what: string, isSo: (text: string) => boolean) => {
		const end = Date.now() + LIMIT_MS;
		for (;;) {
			const text = await metrics();
			if (isSo(text)) return text;
			if (Date.now() > end) throw new Error(`never: ${what}\n${text}`);
			await sleep(200);
		}
	};
	const logged = () =>
		site
			.output()
			.split('\n')
			.filter((line) => line.startsWith('{'))
			.map((line) => JSON.parse(line) as LogLine);

	async function upload(): Promise<void> {
		const parts = [
			{ name: 'title', content: 'a song' },
			{ name: 'file', content: await makeSample('wav', { seconds: 1 }), fileName: 'a.wav' },
			{ name: 'rights', content: 'yes' }
		];
		const answer = await alice.open('/upload', {
			method: 'POST',
			headers: { ...FORM_TYPE, origin: site.url },
			body: new Uint8Array(formBody(parts))
		});
		assert.equal(answer.status, 303);
	}

	it('counts an upload from its beginning to the track, and all it took', async () => {
		await upload();
		const text = await until(
			'it is published',
			(now) => valueOf(now, 'plyr_uploads_published_total') === 1
		);
		assert.equal(valueOf(text, 'plyr_uploads_attempted_total'), 1);
		assert.equal(valueOf(text, 'plyr_uploads_stored_total'), 1);
		for (const stage of ['inspected', 'transcoded', 'stored', 'published', 'indexed']) {
			const series = `plyr_upload_stage_duration_seconds_count{stage="${stage}"}`;
			assert.equal(valueOf(text, series), 1, stage);
		}
		const count = (series: string) => valueOf(text, series) ?? 0;
		assert.ok(count('plyr_storage_operations_total{operation="publish",outcome="ok"}') >= 1);
		assert.ok(count('plyr_storage_written_bytes_total') > 80_000);
		assert.ok(count('plyr_storage_operations_cost_total{currency="USD"}') >= 2);
		assert.ok(
			count('plyr_outbound_request_duration_seconds_count{target="pds",outcome="2xx"}') >= 1
		);
		assert.equal(valueOf(text, 'plyr_transcoder_ready'), 1);
		await until('a worker has been heard', (now) => valueOf(now, 'plyr_workers') === 1);
		await until('its job has ended', (now) =>
			Boolean(valueOf(now, 'plyr_jobs_total{queue="uploads",outcome="done"}'))
		);
	});

	it('says in the lines of a job which request asked for it', () => {
		const lines = logged();
		const request = lines.find(
			({ event, path, method }) => event === 'request' && path === '/upload' && method === 'POST'
		);
		assert.match(request?.traceId ?? '', /^[0-9a-f]{32}$/);
		const stages = lines.filter(({ event }) => event === 'upload_stage_finished');
		assert.equal(stages.length, 5);
		for (const { requestId, traceId, stage } of stages) {
			assert.deepEqual([requestId, traceId], [request?.requestId, request?.traceId], stage);
		}
		const others = lines.filter(({ event, path }) => event === 'request' && path !== '/upload');
		assert.ok(others.every(({ traceId }) => traceId !== request?.traceId));
	});

	it('names routes, and never what was asked for', async () => {
		for (const path of ['/track/31337424242', '/u/nobody.example?code=secret', '/no/such/page']) {
			await fetch(site.url + path);
		}
		await fetch(`${site.url}/`, { method: 'PROPFIND' });
		const text = await metrics();
		for (const route of ['/track/[id]', '/u/[handle]', 'none']) {
			const series = `plyr_http_request_duration_seconds_count{method="GET",route="${route}",status="4xx"}`;
			assert.equal(valueOf(text, series), 1, route);
		}
		assert.match(text, /method="other"/);
		for (const word of ['31337424242', 'nobody.example', 'secret', 'no/such', 'PROPFIND', 'did:']) {
			assert.equal(text.includes(word), false, word);
		}
	});

	it('is written as prometheus wants it', async () => {
		const { isContent, says } = promtool(['check', 'metrics'], await metrics());
		assert.ok(isContent, says);
	});

	it('tells nobody who came through a proxy', async () => {
		const headers = { 'x-forwarded-for': '127.0.0.1' };
		const answer = await fetch(`${site.url}/metrics`, { headers });
		assert.equal(answer.status, 403);
		assert.doesNotMatch(await answer.text(), /plyr_/);
	});

	it('takes what a browser reports, counts and logs it, and refuses anything else', async () => {
		const report = {
			kind: 'script',
			name: 'TypeError',
			message: 'x is undefined at https://music.test/u/alice.test?code=1',
			place: '/_app/immutable/chunks/a.js:1:204',
			route: '/(listen)/track/[id]',
			browser: 'firefox'
		};
		const tell = (body: unknown, origin = site.url) =>
			fetch(`${site.url}/api/client-errors`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', origin },
				body: JSON.stringify(body)
			});
		for (let i = 0; i < 2; i++) assert.equal((await tell(report)).status, 204);
		assert.equal((await tell({ ...report, kind: 'playback', name: 'gone' })).status, 204);
		assert.equal((await tell({ ...report, user: 'alice' })).status, 422);
		assert.equal((await tell(report, 'https://elsewhere.test')).status, 403);
		const text = await metrics();
		assert.equal(valueOf(text, 'plyr_client_errors_total{kind="script",browser="firefox"}'), 2);
		assert.equal(valueOf(text, 'plyr_playback_errors_total{reason="gone"}'), 1);
		assert.equal(valueOf(text, 'plyr_refusals_total{code="invalid_field"}'), 1);
		const told = site
			.output()
			.split('\n')
			.filter((line) => line.includes('"client_error"'));
		assert.equal(told.length, 2);
		assert.doesNotMatch(told.join(), /alice/);
		for (let i = 0; i < 60; i++) await tell(report);
		assert.equal((await tell(report)).status, 429);
	});
});

describe('a site whose numbers have a token', { timeout: 120_000 }, () => {
	it('tells them to whoever brings it, and to nobody else', async () => {
		const token = 'a-long-secret-of-ours';
		const site = await startLocalSite({ METRICS_TOKEN: token });
		try {
			const ask = (headers: Record<string, string>) => fetch(`${site.url}/metrics`, { headers });
			assert.equal((await ask({})).status, 401);
			assert.equal((await ask({ authorization: 'Bearer a-guess-of-theirs' })).status, 401);
			const answer = await ask({ authorization: `Bearer ${token}`, 'x-forwarded-for': '1.2.3.4' });
			assert.equal(answer.status, 200);
			assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
			assert.equal(answer.headers.get('cache-control'), 'no-store');
		} finally {
			await site.close();
		}
	});
});
