import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { it } from 'node:test';
import postgres from 'postgres';
import { openTestDatabase } from '#lib/server/testing/test-database.ts';
import { isLostTypesQuery } from './lost-types-query.ts';

it('the question for the types of arrays is known when its connection goes, and nothing else is taken for it', async () => {
	const database = await openTestDatabase();
	const { host, user, database: name } = database.address;
	// hangs up when it hears the question
	const line = createServer((near) => {
		const far = connect(`${host}/.s.PGSQL.5432`);
		far.pipe(near);
		for (const end of [near, far]) end.on('error', () => undefined);
		near.on('data', (chunk: Buffer) => {
			if (chunk.includes('typarray')) near.resetAndDestroy();
			else far.write(chunk);
		});
		near.on('close', () => far.destroy());
	}).listen(0, '127.0.0.1');
	await once(line, 'listening');
	// the runner of tests would take it for a failure of this one
	const handlers = process.listeners('unhandledRejection');
	process.removeAllListeners('unhandledRejection');
	const lost = once(process, 'unhandledRejection');
	const sql = postgres({
		...{ host: '127.0.0.1', port: (line.address() as AddressInfo).port, user, database: name },
		...{ max: 1, connect_timeout: 2, onnotice: () => undefined }
	});
	// asked on a connection that is already lost to it, it may wait for the next one
	sql`select 1`.catch(() => undefined);
	const [cause] = (await lost) as [unknown];
	for (const handler of handlers) process.on('unhandledRejection', handler);
	assert.equal(isLostTypesQuery(cause), true);
	await sql.end({ timeout: 0 });
	assert.equal(isLostTypesQuery(new Error('another')), false);
	line.close();
	await database.close();
});
