import { randomUUID } from 'node:crypto';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { notFound } from '#lib/server/errors.ts';
import { isUploadId as isUuid } from '#lib/server/uploads/uploads.ts';
import {
	findRelease,
	insertRelease,
	listUnfinished,
	lockRelease,
	type ReleaseRow
} from './queries.ts';
import { releaseStates } from './state.ts';

const LISTED = 50;

const releaseNotFound = () => notFound('release not found', 'release_not_found');

/** Begins an empty draft. @returns its id */
export async function createRelease(ctx: Context, viewer: Viewer): Promise<string> {
	const id = randomUUID();
	await insertRelease(ctx.db, id, viewer.did);
	return id;
}

/**
 * One release of the viewer's own; other people's do not exist for them.
 * @throws DomainError 404 `release_not_found`
 */
export async function getRelease(ctx: Context, viewer: Viewer, id: string): Promise<ReleaseState> {
	const row = isUuid(id) ? await findRelease(ctx.db, id) : undefined;
	return await presentRelease(ctx, ownOr404(row, viewer.did));
}

/** What the viewer has not published yet, or what has not opened yet; the newest first. */
export async function listReleases(ctx: Context, viewer: Viewer): Promise<ReleaseState[]> {
	return await releaseStates(ctx, await listUnfinished(ctx.db, viewer.did, 'unopened', LISTED));
}

/** What the viewer has published and is open, and of which a file is not all here; the newest first. */
export async function listInterrupted(ctx: Context, viewer: Viewer): Promise<ReleaseState[]> {
	return await releaseStates(ctx, await listUnfinished(ctx.db, viewer.did, 'receiving', LISTED));
}

/** A release as the API and the pages carry it. */
export async function presentRelease(ctx: Context, release: ReleaseRow): Promise<ReleaseState> {
	const [state] = await releaseStates(ctx, [release]);
	if (!state) throw new Error('a release was not presented');
	return state;
}

/**
 * A release of somebody's own, locked until the transaction ends.
 * @throws DomainError 404 `release_not_found`
 */
export async function lockOwnRelease(trx: Db, did: string, id: string): Promise<ReleaseRow> {
	return ownOr404(isUuid(id) ? await lockRelease(trx, id) : undefined, did);
}

function ownOr404(row: ReleaseRow | undefined, did: string): ReleaseRow {
	if (row?.artist_did !== did) throw releaseNotFound();
	return row;
}
