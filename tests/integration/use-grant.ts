/**
 * A process of its own that acts in somebody's name many times at once. Started by grants.test.ts:
 * says "ready", waits for the end of its input, does it, and prints what came of it.
 */
import { once } from 'node:events';
import { openOauth } from '#lib/server/atproto/oauth.ts';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase, type DatabaseAddress, openLeases } from '#lib/server/db/connect.ts';
import { createLogger } from '#lib/server/log.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { configFor } from './local-people.ts';

/** What it is told, as JSON in its first argument. */
export interface GrantUse {
	address: DatabaseAddress;
	network: { pdsUrl: string; plcUrl: string };
	encryptionKey: string;
	did: string;
	times: number;
}

/** What it prints in the end, as JSON. */
export interface GrantUseOutcome {
	/** grants it has renewed, as it has counted them itself */
	refreshes: number;
	succeeded: number;
	failures: string[];
}

const use = JSON.parse(process.argv[2] ?? '') as GrantUse;
const options = readConfig({}).database;
const connection = connectDatabase(use.address, options);
const locks = openLeases(use.address, options, 4, 60_000);
const seen = unseen();
const oauth = await openOauth({
	config: configFor(use.network),
	log: createLogger('error', (line) => process.stderr.write(line + '\n')),
	db: connection.db,
	locks,
	secrets: { encryptionKeys: [Buffer.from(use.encryptionKey, 'base64')], clientKeys: [] },
	...seen
});
// everything is loaded and connected, so that both processes begin at the same moment
await connection.sql`select 1`;
const lease = await locks.lend();
await lease.run('select 1');
locks.giveBack(lease);
await import('#lib/server/atproto/grant-client.ts');
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');

const collection = 'fm.plyr.dev.track';
const record = { $type: collection, title: 'the same' };
const attempts = Array.from({ length: use.times }, async () => {
	const agent = await oauth.agentFor(use.did);
	// the same record every time: the PDS checks the token and changes nothing
	await agent.com.atproto.repo.putRecord({ repo: use.did, collection, rkey: 'same', record });
});
const results = await Promise.allSettled(attempts);
const renewals = seen.metrics.oauthRefreshes.points.find(({ labels }) => labels[0] === 'ok');
const outcome: GrantUseOutcome = {
	refreshes: renewals?.value ?? 0,
	succeeded: results.filter(({ status }) => status === 'fulfilled').length,
	failures: results.flatMap((result) => {
		if (result.status === 'fulfilled') return [];
		const reason: unknown = result.reason;
		return [String(reason instanceof Error ? (reason.cause ?? reason) : reason)];
	})
};
process.stdout.write(JSON.stringify(outcome) + '\n');
await connection.close(1);
await locks.end(1);
