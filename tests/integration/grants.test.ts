import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwAsOurs } from '#lib/server/atproto/pds-agent.ts';
import { PdsUnavailable, SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { createSeal } from '#lib/server/atproto/seal.ts';
import { createSessionStore } from '#lib/server/atproto/stores.ts';
import { createLogger } from '#lib/server/log.ts';
import { type Child, startChild } from '../../dev/child.ts';
import { startNetwork } from '../../dev/network/start-network.ts';
import { type LocalPeople, signInAs, startLocalPeople } from './local-people.ts';
import { tokensAtPds } from './pds-tokens.ts';
import type { GrantUse, GrantUseOutcome } from './use-grant.ts';

const collection = 'fm.plyr.dev.track';

const withoutRefreshes = ({ succeeded, failures }: GrantUseOutcome) => ({ succeeded, failures });

describe("a person's grant", { timeout: 120_000 }, () => {
	let people: LocalPeople;
	before(async () => {
		people = await startLocalPeople();
	});
	after(() => people.close());

	const storeOf = () =>
		createSessionStore({
			db: people.database.db,
			seal: createSeal(people.secrets.encryptionKeys),
			log: createLogger('error', () => undefined)
		});

	/** Changes what is stored of a grant, as time or somebody else would. */
	async function change(did: string, changes: { expires_at?: string; access_token?: string }) {
		const store = storeOf();
		const session = await store.get(did);
		assert.ok(session);
		await store.set(did, { ...session, tokenSet: { ...session.tokenSet, ...changes } });
	}

	const expireSoon = (did: string) =>
		change(did, { expires_at: new Date(Date.now() + 3_000).toISOString() });

	async function write(did: string): Promise<void> {
		const agent = await people.oauth.agentFor(did);
		const record = { $type: collection, title: 'a test' };
		await agent.com.atproto.repo.createRecord({ repo: did, collection, record });
	}

	/** Lets two processes use the grant 50 times each at the same moment. */
	async function useFromTwoProcesses(did: string) {
		const use: GrantUse = {
			address: people.database.address,
			network: people.network,
			encryptionKey: people.secrets.encryptionKeys[0]?.toString('base64') ?? '',
			did,
			times: 50
		};
		const script = path.join(import.meta.dirname, 'use-grant.ts');
		const processes = [0, 1].map(() => startChild([script, JSON.stringify(use)]));
		try {
			const lines = processes.map((child) => linesOf(child));
			await Promise.all(lines.map((line) => line.next()));
			const watching = watchLocks();
			for (const child of processes) child.closeInput();
			const said = await Promise.all(lines.map((line) => line.next()));
			const outcomes = said.map(({ value }) => JSON.parse(value ?? '{}') as GrantUseOutcome);
			const refreshes = outcomes.reduce((sum, outcome) => sum + outcome.refreshes, 0);
			const mostLockConnections = await watching.stop();
			return { outcomes: outcomes.map(withoutRefreshes), refreshes, mostLockConnections };
		} finally {
			await Promise.all(processes.map((child) => child.stop(2_000)));
		}
	}

	/** The most connections that held or wanted a lock at any moment. */
	function watchLocks() {
		const watch = new AbortController();
		let most = 0;
		const watching = (async () => {
			while (!watch.signal.aborted) {
				const [row] = await people.database.sql<[{ n: number }]>`
					select count(distinct pid)::int as n from pg_locks where locktype = 'advisory'`;
				most = Math.max(most, row.n);
				await sleep(3);
			}
			return most;
		})();
		return {
			stop: () => {
				watch.abort();
				return watching;
			}
		};
	}

	it('is renewed exactly once by a hundred requests of two processes while it is expiring', async () => {
		const { did } = await signInAs(people.oauth, 'alice');
		await expireSoon(did);
		const before = tokensAtPds(people.networkDir, did);
		const { outcomes, refreshes, mostLockConnections } = await useFromTwoProcesses(did);
		assert.equal(refreshes, 1, 'counted by the one who did it');
		assert.deepEqual(outcomes, [
			{ succeeded: 50, failures: [] },
			{ succeeded: 50, failures: [] }
		]);
		const after = tokensAtPds(people.networkDir, did);
		assert.equal(after.renewals - before.renewals, 1);
		assert.equal(after.grants, 1);
		assert.ok(mostLockConnections >= 1 && mostLockConnections <= 2, String(mostLockConnections));
		await write(did);
	});

	it('is renewed exactly once when the PDS refuses its token to all of them', async () => {
		const { did } = await signInAs(people.oauth, 'bob');
		await change(did, { access_token: 'a.refused.token' });
		const { outcomes, refreshes, mostLockConnections } = await useFromTwoProcesses(did);
		assert.equal(refreshes, 1, 'counted by the one who did it');
		assert.deepEqual(outcomes, [
			{ succeeded: 50, failures: [] },
			{ succeeded: 50, failures: [] }
		]);
		assert.deepEqual(tokensAtPds(people.networkDir, did), { grants: 1, renewals: 1 });
		assert.ok(mostLockConnections <= 2, String(mostLockConnections));
		await write(did);
	});

	it('asks to sign in again when it was revoked elsewhere, and is gone then', async () => {
		const { did } = await signInAs(people.oauth, 'carol');
		const elsewhere = await people.open();
		const copy = await storeOf().get(did);
		await elsewhere.revoke(did);
		assert.ok(copy);
		await storeOf().set(did, copy);
		// it still looks good: only the PDS knows
		const agent = await people.oauth.agentFor(did);
		await assert.rejects(
			agent.com.atproto.repo
				.createRecord({ repo: did, collection, record: { $type: collection } })
				.catch(throwAsOurs),
			SignInAgain
		);
		assert.equal(await storeOf().get(did), undefined);
		await assert.rejects(people.oauth.agentFor(did), SignInAgain);
		await signInAs(people.oauth, 'carol');
		await write(did);
	});

	it('asks to sign in for somebody who never did', () =>
		assert.rejects(people.oauth.agentFor('did:plc:nobodynobodynobodynobody'), SignInAgain));

	it('survives a second sign-in while an agent of the first is in use', async () => {
		const { did } = await signInAs(people.oauth, 'alice');
		const early = await people.oauth.agentFor(did);
		await signInAs(people.oauth, 'alice');
		await early.com.atproto.repo.listRecords({ repo: did, collection });
		await write(did);
		assert.equal(tokensAtPds(people.networkDir, did).grants, 1);
	});

	it('outlives a PDS that is down, while expiring, and works when it is back', async () => {
		const { did } = await signInAs(people.oauth, 'bob');
		await expireSoon(did);
		await people.network.stop();
		// another process, which has nothing about the PDS in memory
		const cold = await people.open();
		for (const oauth of [people.oauth, cold]) {
			await assert.rejects(oauth.agentFor(did), PdsUnavailable);
		}
		assert.ok(await storeOf().get(did));
		Object.assign(people.network, await startNetwork({ dir: people.networkDir }));
		await write(did);
	});

	it('is unreadable without its key, and then it is as if there were none', async () => {
		const { did } = await signInAs(people.oauth, 'carol');
		const otherKey = await people.open({
			secrets: { encryptionKeys: [randomBytes(32)], clientKeys: [] }
		});
		await assert.rejects(otherKey.agentFor(did), SignInAgain);
		assert.ok(people.logged.some((line) => line.includes('oauth_session_unreadable')));
		// it is kept: the key may come back
		await people.oauth.agentFor(did);
	});

	it('stays readable while the key is rotated, and moves to the new key when it is renewed', async () => {
		const { did } = await signInAs(people.oauth, 'carol');
		const newKey = randomBytes(32);
		const rotating = await people.open({
			secrets: { encryptionKeys: [newKey, ...people.secrets.encryptionKeys], clientKeys: [] }
		});
		await expireSoon(did);
		await rotating.agentFor(did);
		const rotated = await people.open({ secrets: { encryptionKeys: [newKey], clientKeys: [] } });
		await rotated.agentFor(did);
	});
});

async function* linesOf(child: Child): AsyncGenerator<string, undefined> {
	for await (const line of createInterface({ input: child.stdout })) yield line;
	return undefined;
}
