import type { Transaction } from 'kysely';
import { PdsRefusal, SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { DomainError } from '#lib/server/errors.ts';
import { describeError } from '#lib/server/log.ts';
import { finishDeletion } from './finish-deletion.ts';
import { hasToSignInFirst, isPermissionRefused, requireListPermission } from './permission.ts';
import {
	type AlbumRow,
	changeAlbumRow,
	findAlbumRow,
	findSignedInSince,
	findWaitingForSignIn,
	wantSync
} from './queries.ts';
import { agree } from './sync.ts';

type Enqueuer = Pick<Context, 'jobs'>;

/**
 * Tracks of an album finish in bursts. All that come within this ask for the same moment: the first
 * job then writes the record for all of them, and the others have nothing to do.
 */
const BURST_MS = 3_000;
const SHORTEST_WAIT_MS = 1_000;

const endOfBurst = (): Date =>
	new Date(Math.ceil((Date.now() + SHORTEST_WAIT_MS) / BURST_MS) * BURST_MS);

/**
 * Asks for an album and its record to agree, soon or so many seconds later: to be called in the transaction that changes
 * what is in the album. An album that has no record of its own stays without one.
 */
export async function enqueueAlbumSync(
	ctx: Enqueuer,
	trx: Transaction<Database>,
	albumId: string,
	afterSeconds?: number
): Promise<void> {
	await wantSync(trx, albumId);
	await ctx.jobs.enqueueAlbum(trx, albumId, afterSeconds ?? endOfBurst());
}

/** Looked at once more this long after an edit: it may have died between the record and the index. */
const SECOND_LOOK_SECONDS = 15;

/**
 * Asks for a second look after an edit: to be called in a transaction before its record is written.
 * It is taken whatever happens meanwhile: a job that has read the record before it was written finds
 * that all is as it ought to be, and says so, while whoever wrote it dies.
 */
export async function enqueueSecondLook(
	ctx: Enqueuer,
	trx: Transaction<Database>,
	albumId: string
): Promise<void> {
	await ctx.jobs.enqueueAlbum(trx, albumId, SECOND_LOOK_SECONDS, true);
}

/**
 * Makes an album and its record agree, or ends its deletion; writes down what it has to wait for.
 * May be killed anywhere and called again.
 * @param isAnyway whether or not somebody says that they agree
 * @throws whatever may work another time
 */
export async function syncAlbum(
	ctx: Context,
	albumId: string,
	signal?: AbortSignal,
	isAnyway = false
): Promise<void> {
	if (isAnyway) await wantSync(ctx.db, albumId);
	const album = await findAlbumRow(ctx.db, albumId);
	if (!album || (album.deletion === null && album.sync_done >= album.sync_wanted)) return;
	try {
		if (album.deletion !== null) await finishDeletion(ctx, album, signal);
		else if (hasKey(album)) {
			await requireListPermission(ctx, album.artist_did);
			await agree(ctx, album, null, signal);
		}
	} catch (cause) {
		signal?.throwIfAborted();
		await park(ctx, album, cause);
	}
}

const hasKey = (album: AlbumRow): album is AlbumRow & { rkey: string } => album.rkey !== null;

/**
 * Whether an album leaves its job until somebody has done something. A deletion does only when it
 * can go on with no sign-in there is: what a server refused once it may do the next time, and nobody
 * could save the album again.
 */
const isLaidBy = ({ deletion }: AlbumRow, cause: unknown): boolean =>
	deletion === null || hasToSignInFirst(cause);

/** A sign-in this long before the parking may be the very one that is waited for. */
const RECENT_MS = 30_000;

async function park(ctx: Context, album: AlbumRow, cause: unknown): Promise<void> {
	const code = waitsFor(cause);
	if (code === null) throw cause;
	ctx.log.info('album_waits', { albumId: album.id, code, ...describeError(cause) });
	await changeAlbumRow(ctx.db, album.id, {
		waiting_code: code,
		waiting_since: new Date(Date.now() - RECENT_MS)
	});
	if (!isLaidBy(album, cause)) throw cause;
}

/** What its artist has to know or do; null: nothing, it may work by itself. */
export function waitsFor(
	cause: unknown
): 'sign_in_again' | 'permission_needed' | 'record_refused' | null {
	if (cause instanceof SignInAgain) return 'sign_in_again';
	if (cause instanceof DomainError && cause.code === 'permission_needed') {
		return 'permission_needed';
	}
	if (isPermissionRefused(cause)) return 'permission_needed';
	if (cause instanceof PdsRefusal || cause instanceof InvalidRecord) return 'record_refused';
	return null;
}

/**
 * Goes on with an artist's albums that wait for a sign-in. To be called when somebody has signed
 * in; calling it for nothing is harmless.
 */
export async function resumeWaitingAlbums(
	ctx: Pick<Context, 'db' | 'jobs'>,
	did: string
): Promise<void> {
	await resume(ctx, await findWaitingForSignIn(ctx.db, did));
}

/** The same, for sign-ins that came while an album was being parked. */
export async function resumeSignedInAlbums(ctx: Pick<Context, 'db' | 'jobs'>): Promise<void> {
	await resume(ctx, await findSignedInSince(ctx.db));
}

async function resume(ctx: Pick<Context, 'db' | 'jobs'>, ids: string[]): Promise<void> {
	for (const id of ids) {
		await ctx.db.transaction().execute(async (trx) => {
			// until the job says otherwise it waits for nothing, and nobody is asked to sign in once more
			await changeAlbumRow(trx, id, { waiting_code: null, waiting_since: null });
			await enqueueAlbumSync(ctx, trx, id, 0);
		});
	}
}
