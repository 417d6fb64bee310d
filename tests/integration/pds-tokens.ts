import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What the PDS itself has written down about the grants it gave. */
export interface TokensAtPds {
	/** grants that have not been revoked */
	grants: number;
	/** how often one of them was renewed */
	renewals: number;
}

/** Reads the PDS' own account database. */
export function tokensAtPds(networkDir: string, did: string): TokensAtPds {
	const database = new DatabaseSync(path.join(networkDir, 'pds/account.sqlite'), {
		readOnly: true
	});
	try {
		const count = (query: string) => Number(database.prepare(query).get(did)?.['n']);
		return {
			grants: count('select count(*) as n from token where did = ?'),
			renewals: count(
				'select count(*) as n from used_refresh_token join token on token.id = used_refresh_token.tokenId where did = ?'
			)
		};
	} finally {
		database.close();
	}
}
