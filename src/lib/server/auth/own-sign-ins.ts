import type { OwnSignIn } from '#lib/auth/sign-in-list.ts';
import type { Context } from '#lib/server/context.ts';
import { notFound } from '#lib/server/errors.ts';
import { announce } from '#lib/server/events/hub.ts';
import { lastUseInWords } from './last-use.ts';
import { letGoOfGrant } from './let-go-of-grant.ts';
import { deleteSignIns, findSignIns, SIGN_IN_ID_LENGTH } from './own-queries.ts';

type Owner = { did: string };

/** Where somebody is signed in, what they used last first. @param thisOne as the database keeps its id */
export async function listOwnSignIns(
	{ db }: Pick<Context, 'db'>,
	{ did }: Owner,
	thisOne?: string
): Promise<OwnSignIn[]> {
	const rows = await findSignIns(db, did);
	return rows.map((row) => ({
		id: row.id_hash.slice(0, SIGN_IN_ID_LENGTH),
		device: row.device ?? 'unknown device',
		beganAt: row.created_at.toISOString(),
		endsAt: row.expires_at.toISOString(),
		lastUsed: lastUseInWords(row.last_used_at ?? row.created_at),
		isThisOne: row.id_hash === thisOne
	}));
}

/**
 * Signs somebody out in one place.
 * @param id as `listOwnSignIns` gives it
 * @throws DomainError 404 `sign_in_not_found`: it has ended already
 */
export async function endOwnSignIn(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	{ did }: Owner,
	id: string
): Promise<void> {
	if ((await end(ctx, did, { id })) === 0) {
		throw notFound('that sign-in has ended already', 'sign_in_not_found');
	}
}

/**
 * Signs somebody out everywhere, or everywhere else. Their tokens stay.
 * @param except of the sign-in that stays, as the database keeps its id
 * @returns how many have ended
 */
export const endOwnSignIns = (
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	{ did }: Owner,
	{ except }: { except?: string | undefined } = {}
): Promise<number> => end(ctx, did, { except });

async function end(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	did: string,
	which: Parameters<typeof deleteSignIns>[2]
): Promise<number> {
	const ended = await ctx.db.transaction().execute(async (trx) => {
		const hashes = await deleteSignIns(trx, did, which);
		// what is open in those places ends at once
		for (const id of hashes) await announce(trx, { topic: 'session', id, did });
		return hashes.length;
	});
	if (ended > 0) ctx.log.info('signed_out_elsewhere', { did, ended });
	await letGoOfGrant(ctx, did);
	return ended;
}
