import type { PDS } from '@atproto/pds';
import { z } from 'zod';
import type { PlcLog } from './plc-log.ts';

/** An account of the local network; the password is no secret, it is printed at every start. */
export type LocalAccount = { handle: string; email: string; password: string; did: string };

const SEEDED = ['alice', 'bob', 'carol'].map((name) => ({
	handle: `${name}.test` as const,
	email: `${name}@example.test`,
	password: `${name}-pass`
}));

const CREATE_TIMEOUT_MS = 20_000;
const created = z.object({ did: z.string() });

async function createAccount(pdsUrl: string, account: (typeof SEEDED)[number]): Promise<string> {
	const response = await fetch(`${pdsUrl}/xrpc/com.atproto.server.createAccount`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(account),
		signal: AbortSignal.timeout(CREATE_TIMEOUT_MS)
	});
	if (!response.ok) {
		throw new Error(`the account ${account.handle} was not created: ${await response.text()}`);
	}
	return created.parse(await response.json()).did;
}

/** Makes alice.test, bob.test and carol.test where they do not exist yet. */
export async function seedAccounts(pds: PDS, pdsUrl: string): Promise<LocalAccount[]> {
	const accounts: LocalAccount[] = [];
	for (const account of SEEDED) {
		const existing = await pds.ctx.accountManager.getAccount(account.handle);
		accounts.push({ ...account, did: existing?.did ?? (await createAccount(pdsUrl, account)) });
	}
	return accounts;
}

/**
 * When the PDS got another address than last time, says so in the DID document of every account of
 * it, through an operation signed with the PDS's rotation key, and announces the change on the
 * event stream. Returns how many documents were changed.
 */
export async function announceAddress(pds: PDS, pdsUrl: string, log: PlcLog): Promise<number> {
	const { plcClient, plcRotationKey, idResolver, sequencer } = pds.ctx;
	const outdated = log
		.dids()
		.filter((did) => {
			const endpoint = log.current(did)?.services['atproto_pds']?.endpoint;
			return endpoint !== undefined && endpoint !== pdsUrl;
		})
		.map((did) => did as `did:plc:${string}`);
	for (const did of outdated) {
		await plcClient.updatePds(did, plcRotationKey, pdsUrl);
		await idResolver.did.resolve(did, true);
		await sequencer.sequenceIdentity(did);
	}
	return outdated.length;
}
