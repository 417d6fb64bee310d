import type { Db } from '#lib/server/db/connect.ts';
import type { Secrets } from '#lib/server/secrets.ts';
import { createSeal } from './seal.ts';
import { sessionRow } from './stores.ts';

/** How many of the newest grants were looked at, and how many the keys open. */
export interface ReadableGrants {
	looked: number;
	opened: number;
}

const SAMPLE = 20;

/** Whether the keys are those that people have signed in with. */
export async function countReadableGrants(db: Db, secrets: Secrets): Promise<ReadableGrants> {
	const seal = createSeal(secrets.encryptionKeys);
	const rows = await db
		.selectFrom('oauth_sessions')
		.select(['did', 'ciphertext'])
		.orderBy('updated_at', 'desc')
		.limit(SAMPLE)
		.execute();
	const opened = rows.filter((row) => seal.open(row.ciphertext, sessionRow(row.did)) !== undefined);
	return { looked: rows.length, opened: opened.length };
}
