import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { freePort } from '../free-port.ts';
import { KillableWorker } from './killable-worker.ts';
import { databaseEnvironment } from './database-environment.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { type Collector, type ReceivedSpan, startCollector } from './otlp-collector.ts';
import { FORM_TYPE, formBody } from './receiving/requests.ts';
import { locationOf, Visitor } from './visitor.ts';

const KEY = 'Bearer a-secret-of-the-collector';
const NOTE_MODULES = pathToFileURL(path.resolve('tests/integration/note-modules.ts')).href;
const PROXY_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PROXY_SPAN = '00f067aa0ba902b7';

/** Files of the build that were loaded. */
const modulesOf = (site: LocalSite): string[] =>
	[...site.output().matchAll(/module loaded: file:\/\/(\S+\.js)$/gm)].map(([, file]) => file ?? '');

/** Those in which spans are collected and sent. */
const sendersOf = (modules: string[]): string[] =>
	modules.filter((file) => readFileSync(file, 'utf8').includes('BatchSpanProcessor'));

describe('a site with a collector', { timeout: 180_000 }, () => {
	let collector: Collector;
	let database: TestDatabase;
	let site: LocalSite;
	let worker: KillableWorker;
	let workerPort: number;
	let alice: Visitor;

	before(async () => {
		collector = await startCollector();
		database = await openTestDatabase();
		const shared = {
			...databaseEnvironment(database),
			OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
			OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(KEY)}`,
			OTEL_BSP_SCHEDULE_DELAY: '100',
			OTEL_METRIC_EXPORT_INTERVAL: '500'
		};
		site = await startLocalSite({
			...shared,
			ROLES: 'web',
			OTEL_SERVICE_NAME: 'web',
			TRUSTED_PROXY_COUNT: '1',
			NODE_OPTIONS: `--import ${NOTE_MODULES}`
		});
		const network = {
			ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
			ATPROTO_PLC_URL: site.network.plcUrl,
			ATPROTO_HANDLE_RESOLVER_URL: site.network.pdsUrl,
			DEV_ALLOW_INSECURE_NETWORK: 'true'
		};
		const ofWorker = { OTEL_SERVICE_NAME: 'worker', DATA_DIR: site.dataDir };
		const { port } = new URL(site.url);
		workerPort = await freePort();
		worker = new KillableWorker({ ...shared, ...network, ...ofWorker, PORT: port }, workerPort);
		worker.start();
		await worker.started;
		alice = new Visitor(site.url);
		const setup = locationOf(await alice.signIn('alice'));
		await alice.submit(setup, { display_name: 'alice plays', bio: '' });
	});
	after(async () => {
		await worker.stop();
		await site.close();
		await database.close();
		collector.close();
	});

	/** Sends a song as the form without scripts does, through a proxy that has begun a trace. */
	async function upload(): Promise<void> {
		const parts = [
			{ name: 'title', content: 'a song of the sea' },
			{ name: 'file', content: await makeSample('wav', { seconds: 1 }), fileName: 'sea.wav' },
			{ name: 'rights', content: 'yes' }
		];
		const answer = await alice.open('/upload', {
			method: 'POST',
			headers: {
				...FORM_TYPE,
				origin: site.url,
				traceparent: `00-${PROXY_TRACE}-${PROXY_SPAN}-01`
			},
			body: new Uint8Array(formBody(parts))
		});
		assert.equal(answer.status, 303);
	}

	it('shows one upload as one trace, from the proxy through both processes to the record', async () => {
		await upload();
		const ofTrace = () => collector.spans.filter(({ traceId }) => traceId === PROXY_TRACE);
		const find = (service: string, name: string) =>
			collector.until(`${service} ${name}`, () =>
				ofTrace().find((span) => span.service === service && span.name === name)
			);
		const request = await find('web', 'POST /upload');
		assert.equal(request.parentSpanId, PROXY_SPAN);
		assert.equal(request.attributes['http.route'], '/upload');
		const job = await find('worker', 'job uploads');
		const written = await find('worker', 'POST com.atproto.repo.putRecord');
		const analysed = await find('worker', 'transcoder analyse');
		const stored = await find('worker', 'storage publish');
		const appended = await find('web', 'storage append');
		const queried = await find('web', 'postgres insert');
		const isWithin = (span: ReceivedSpan, outer: ReceivedSpan): boolean => {
			if (span.parentSpanId === outer.spanId) return true;
			const parent = ofTrace().find(({ spanId }) => spanId === span.parentSpanId);
			return parent !== undefined && isWithin(parent, outer);
		};
		for (const part of [written, analysed, stored]) assert.ok(isWithin(part, job), part.name);
		for (const part of [job, appended, queried]) assert.ok(isWithin(part, request), part.name);
		assert.deepEqual([request.kind, job.kind, written.kind], [2, 5, 3]);
	});

	it('tells the numbers of a process that only works, too', async () => {
		const answer = await fetch(`http://127.0.0.1:${workerPort}/metrics`);
		const text = await answer.text();
		assert.equal(answer.status, 200, text);
		assert.match(text, /^plyr_uploads_published_total 1$/m);
	});

	it('sends what /metrics tells, of both processes, with the key it was given', async () => {
		for (const service of ['web', 'worker']) {
			for (const name of ['plyr_http_request_duration_seconds', 'plyr_jobs', 'plyr_plays_total']) {
				const wanted = `${service} ${name}`;
				await collector.until(wanted, ({ numbers }) => numbers.has(wanted) || undefined);
			}
		}
		assert.equal(collector.headers.authorization, KEY);
	});

	it('sends nothing of what was typed, and nobody', () => {
		const all = JSON.stringify(collector.spans);
		for (const secret of ['sea.wav', 'song of the sea', 'did:plc', 'alice plays', KEY]) {
			assert.equal(all.includes(secret), false, secret);
		}
	});

	it('loads what sends it', () => {
		assert.equal(sendersOf(modulesOf(site)).length, 1);
	});
});

describe('a site without a collector', { timeout: 120_000 }, () => {
	it('loads nothing that sends traces, and gives its log lines a trace all the same', async () => {
		const site = await startLocalSite({ NODE_OPTIONS: `--import ${NOTE_MODULES}` });
		try {
			await fetch(`${site.url}/`);
			const modules = modulesOf(site);
			assert.ok(modules.length > 10, 'no module was noted');
			assert.deepEqual(sendersOf(modules), []);
			const [line = ''] = /.*"event":"request".*"path":"\/".*/.exec(site.output()) ?? [];
			assert.match(line, /"traceId":"[0-9a-f]{32}"/);
		} finally {
			await site.close();
		}
	});
});
