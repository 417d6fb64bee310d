import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../../dev/child.ts';
import { Lifetime } from '../../dev/lifetime.ts';
import { SERVER_COMMAND, serverEnvironment } from '../../dev/server-command.ts';
import { startNetwork } from '../../dev/network/start-network.ts';
import { ensureBuilt } from '../../dev/sources.ts';
import { ensureTestNeeds } from '../../dev/testing/test-needs.ts';
import { Visitor } from '../integration/visitor.ts';
import type { Destination } from './send-recording.ts';
import { freePort } from '../free-port.ts';

/** The built application with everything embedded, and somebody signed in through their PDS. */
export interface BenchApp {
	/** of the application itself; its database and transcoder are processes of their own */
	pid: number;
	/** where alice sends her recordings */
	destination: Destination;
	/** waits until an upload is a track. @returns the name of its file */
	published(uploadId: string): Promise<string>;
	/** a bare sink on the same disk */
	startSink(): Promise<{ pid: number; destination: Destination; stop(): Promise<void> }>;
	stop(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const PUBLISH_LIMIT_MS = 300_000;

export async function startBenchApp(
	nodeFlags: string[],
	changes: Record<string, string> = {}
): Promise<BenchApp> {
	const lifetime = new Lifetime();
	await ensureTestNeeds(lifetime);
	await ensureBuilt(lifetime);
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-bench-'));
	const network = await startNetwork({ dir: path.join(dir, 'network') });
	const url = `http://127.0.0.1:${await freePort()}`;
	// of a flag given twice the last one counts
	const [script = '', ...flags] = SERVER_COMMAND.toReversed();
	const app = startChild([...flags.toReversed(), ...nodeFlags, script], {
		...serverEnvironment(path.join(dir, 'data')),
		PATH: process.env['PATH'],
		LOG_LEVEL: 'warn',
		PORT: new URL(url).port,
		DATA_DIR: path.join(dir, 'data'),
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		APP_STOP_ON_STDIN_END: 'true',
		...changes
	});
	app.stdout.pipe(process.stderr, { end: false });
	app.stderr.pipe(process.stderr, { end: false });
	const stop = async () => {
		await app.stop(6_000);
		await network.stop();
		await rm(dir, { recursive: true, force: true });
	};
	try {
		await waitUntilReady(url, app);
		const headers = await signIn(url);
		const destination = { url, headers };
		return {
			pid: app.pid,
			destination,
			published: (uploadId) => waitForTrack(destination, uploadId),
			startSink: () => startSink(dir),
			stop
		};
	} catch (cause) {
		await stop();
		throw cause;
	}
}

/** As a program: what it sends carries no cookie. */
async function signIn(url: string): Promise<Record<string, string>> {
	const visitor = new Visitor(url);
	await visitor.signIn('alice');
	const session = visitor.cookies.get('session_id');
	if (session === undefined) throw new Error('alice could not sign in');
	const headers = { authorization: `Bearer ${session}` };
	const profile = await fetch(`${url}/api/artists/`, {
		method: 'POST',
		headers: { ...headers, 'content-type': 'application/json' },
		body: JSON.stringify({ display_name: 'alice' })
	});
	if (!profile.ok) throw new Error(`no profile: ${await profile.text()}`);
	return headers;
}

async function waitUntilReady(url: string, app: Child): Promise<void> {
	const state = { hasStopped: false };
	void app.exited.then(() => (state.hasStopped = true));
	const giveUpAt = Date.now() + READY_LIMIT_MS;
	for (;;) {
		const answer = await fetch(`${url}/ready`).catch(() => undefined);
		if (answer?.ok) return;
		if (state.hasStopped || Date.now() > giveUpAt) throw new Error('the application did not start');
		await sleep(100);
	}
}

async function waitForTrack({ url, headers }: Destination, uploadId: string): Promise<string> {
	const giveUpAt = Date.now() + PUBLISH_LIMIT_MS;
	while (Date.now() < giveUpAt) {
		const answer = await fetch(`${url}/api/tracks/uploads/${uploadId}`, { headers });
		const state = (await answer.json()) as { status: string; track_id: number; error: string };
		if (state.status === 'failed') throw new Error(`not published: ${state.error}`);
		if (state.status === 'completed') {
			const track = await fetch(`${url}/api/tracks/${state.track_id}`);
			return ((await track.json()) as { file_id: string }).file_id;
		}
		await sleep(500);
	}
	throw new Error('not published in time');
}

async function startSink(folder: string) {
	const sink = startChild([path.join(import.meta.dirname, 'sink.ts'), folder]);
	const [port] = (await once(sink.stdout, 'data')) as [Buffer];
	return {
		pid: sink.pid,
		destination: { url: `http://127.0.0.1:${Number(port)}`, headers: {} },
		stop: async () => {
			await sink.stop(1_000);
		}
	};
}
