import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase, type DatabaseConnection } from '#lib/server/db/connect.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { createLogger } from '#lib/server/log.ts';
import { announce, type News, openHub } from './hub.ts';
import { eventStream } from './sse.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'plyr-hub-test-'));
const log = createLogger('error');
const news: News = { topic: 'upload', id: 'one', did: 'did:plc:a' };

async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; !condition() && i < 100; i++) await sleep(20);
	assert.ok(condition());
}

describe('news between processes', () => {
	let server: EmbeddedPostgres;
	let here: DatabaseConnection;
	let there: DatabaseConnection;
	before(async () => {
		server = await startEmbeddedPostgres(dir, () => undefined);
		here = connectDatabase(server.address, readConfig({}).database);
		there = connectDatabase(server.address, readConfig({}).database);
	});
	after(async () => {
		await here.close();
		await there.close();
		await server.stop();
		rmSync(dir, { recursive: true, force: true });
	});

	it('reaches the listeners of a row and of its owner, and nobody else', async () => {
		const hub = await openHub(here.sql, log);
		const heard: string[] = [];
		hub.subscribe({ id: 'one' }, () => heard.push('row'));
		hub.subscribe({ did: 'did:plc:a' }, () => heard.push('owner'));
		hub.subscribe({ id: 'two' }, () => heard.push('other'));
		await announce(there.db, news);
		await until(() => heard.length === 2);
		await sleep(50);
		assert.deepEqual(heard.sort(), ['owner', 'row']);
		await hub.close();
	});

	it('is told when the transaction commits, and not at all when it does not', async () => {
		const hub = await openHub(here.sql, log);
		const heard: News[] = [];
		hub.subscribe({ did: 'did:plc:a' }, (item) => heard.push(item));
		const undone = there.db.transaction().execute(async (trx) => {
			await announce(trx, { ...news, id: 'undone' });
			throw new Error('undo');
		});
		await assert.rejects(undone, /undo/);
		await there.db.transaction().execute((trx) => announce(trx, { ...news, id: 'kept' }));
		await until(() => heard.length > 0);
		assert.deepEqual(
			heard.map((item) => item.id),
			['kept']
		);
		await hub.close();
	});

	it('listens again after its connection was cut', async () => {
		const hub = await openHub(here.sql, log);
		let heard = 0;
		hub.subscribe({ id: 'one' }, () => heard++);
		await there.sql`select pg_terminate_backend(pid) from pg_stat_activity
			where query ilike 'listen%' and pid <> pg_backend_pid()`;
		for (let i = 0; heard === 0 && i < 100; i++) {
			await announce(there.db, news);
			await sleep(50);
		}
		assert.ok(heard > 0);
		await hub.close();
	});

	it('ends open streams when it closes', async () => {
		const hub = await openHub(here.sql, log);
		let ended = 0;
		hub.onClose(() => ended++);
		const forget = hub.onClose(() => ended++);
		forget();
		await hub.close();
		assert.equal(ended, 1);
	});

	it('ends a stream that begins after the others were ended', async () => {
		const hub = await openHub(here.sql, log);
		hub.closeStreams();
		const look = () => Promise.resolve({ events: [], isEnd: false });
		const response = eventStream({ hub, log, match: { id: 'one' }, look });
		assert.equal(await response.text(), 'retry: 2000\n\n');
		await hub.close();
	});
});
