import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@atproto/api';
import { readConfig } from '#lib/server/config.ts';
import { type Context, createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import {
	anyPitch,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

const MOST_OF_ONE_ARTIST = 3;

/** A personal data server that takes every request and never answers. */
interface SilentServer {
	url: string;
	/** as many at the same time as there ever were */
	mostAtOnce(): number;
	now(): number;
	close(): void;
}

async function startSilentServer(): Promise<SilentServer> {
	let [now, most] = [0, 0];
	const server: Server = createServer((_request, response) => {
		now += 1;
		most = Math.max(most, now);
		response.once('close', () => (now -= 1));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		mostAtOnce: () => most,
		now: () => now,
		close() {
			server.closeAllConnections();
			server.close();
		}
	};
}

describe('the turns of artists', () => {
	let database: TestDatabase;
	let silent: SilentServer;
	let site: PublishingSite;
	let other: Context;
	let alice: string;
	let bob: string;

	before(async () => {
		database = await openTestDatabase();
		silent = await startSilentServer();
		process.env['PGHOST'] = database.address.host;
		process.env['PGUSER'] = database.address.user;
		site = await startPublishingSite({
			DATABASE_URL: 'postgres:///postgres',
			OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64')
		});
		const log = createLogger('error');
		other = await createContext(readConfig({ ...site.env, ROLES: 'worker,transcoder' }), log);
		alice = await site.signIn('alice');
		bob = await site.signIn('bob');
		for (const ctx of [site.ctx, other]) {
			const agentFor = ctx.oauth.agentFor.bind(ctx.oauth);
			const fetchHandler = (path: string, init: RequestInit) => fetch(silent.url + path, init);
			ctx.oauth.agentFor = async (did) =>
				did === alice ? new Agent({ did, fetchHandler }) : await agentFor(did);
		}
	});
	after(async () => {
		silent.close();
		await other.dispose();
		await site.close();
		await database.close();
	});

	it('let one through promptly while twenty uploads of another wait for a silent server', async () => {
		const songs = await Promise.all(
			Array.from({ length: 21 }, () => makeSample('mp3', { seconds: 1, hertz: anyPitch() }))
		);
		for (const bytes of songs.slice(1)) {
			await site.send(alice, { bytes, fileName: 'a.mp3', fields: { title: 'a song' } });
		}
		for (let i = 0; i < 100 && silent.now() < MOST_OF_ONE_ARTIST; i++) await sleep(100);
		assert.equal(silent.now(), MOST_OF_ONE_ARTIST, 'she has all the places one artist has');
		const [bytes] = songs;
		assert.ok(bytes);
		const startedAt = performance.now();
		const id = await site.send(bob, { bytes, fileName: 'b.mp3', fields: { title: 'a song' } });
		const upload = await waitForUpload(site.ctx, id);
		assert.equal(upload.status, 'completed', upload.error ?? upload.message);
		const seconds = (performance.now() - startedAt) / 1000;
		assert.ok(seconds < 10, `it took ${seconds.toFixed(1)} seconds`);
		await sleep(3_000);
		assert.ok(silent.mostAtOnce() <= MOST_OF_ONE_ARTIST, `${silent.mostAtOnce()} at once`);
	});
});
