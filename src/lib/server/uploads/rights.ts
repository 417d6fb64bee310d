import type { Db } from '#lib/server/db/connect.ts';
import { DomainError } from '#lib/server/errors.ts';
import { RIGHTS_NOT_CONFIRMED } from '#lib/uploads/rights.ts';

/** 422: its artist has not stated that they may publish it. */
export const rightsNotConfirmed = () =>
	new DomainError(422, 'rights_not_confirmed', RIGHTS_NOT_CONFIRMED);

/** Of some files, by their hashes, those an artist has stated before that they may publish. */
export async function filesWithRights(
	db: Db,
	did: string,
	hashes: readonly string[]
): Promise<Set<string | null>> {
	if (hashes.length === 0) return new Set();
	const stated = await db
		.selectFrom('uploads')
		.select('sha256')
		.where('artist_did', '=', did)
		.where('sha256', 'in', hashes)
		.where('rights_confirmed_at', 'is not', null)
		.union(
			db
				.selectFrom('rights_statements')
				.select('sha256')
				.where('artist_did', '=', did)
				.where('sha256', 'in', hashes)
		)
		.execute();
	return new Set(stated.map(({ sha256 }) => sha256));
}

/** Keeps the statement about a file that is not sent again; the first one stays. */
export async function keepRightsStatement(db: Db, did: string, sha256: string): Promise<void> {
	await db
		.insertInto('rights_statements')
		.values({ artist_did: did, sha256 })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}
