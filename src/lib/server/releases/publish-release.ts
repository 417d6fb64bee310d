import type { Viewer } from '#lib/auth/viewer.ts';
import type { ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { DomainError } from '#lib/server/errors.ts';
import { rightsNotConfirmed } from '#lib/server/uploads/rights.ts';
import {
	keepRightsStatement,
	lockUploadsOfRelease,
	releaseUploads
} from '#lib/server/uploads/uploads-of-release.ts';
import { holdAt } from './hold.ts';
import { changeReleaseRow, type FileRow, type ReleaseRow, timeOf } from './queries.ts';
import { lockOwnRelease, presentRelease } from './releases.ts';
import { isUsable } from './state.ts';

/**
 * Publishes a release: its tracks go on at once, or at its time, when the files have been read
 * (settle-release.ts). What is still arriving or being worked on goes on without stopping. Broken
 * files and duplicates stop nothing. Publishing again changes nothing.
 * @throws DomainError 404 `release_not_found`, 422 `rights_not_confirmed` or `nothing_to_publish`
 */
export async function publishRelease(
	ctx: Context,
	viewer: Viewer,
	id: string
): Promise<ReleaseState> {
	const published = await ctx.db.transaction().execute(async (trx) => {
		const release = await lockOwnRelease(trx, viewer.did, id);
		if (release.status === 'published') return release;
		return await publishLocked(ctx, trx, release);
	});
	return await presentRelease(ctx, published);
}

async function publishLocked(ctx: Context, trx: Db, release: ReleaseRow): Promise<ReleaseRow> {
	const { rights_confirmed_at: rightsConfirmedAt } = release;
	if (!rightsConfirmedAt) throw rightsNotConfirmed();
	const files = await lockUploadsOfRelease(trx, release.id);
	if (!files.some(isUsable)) throw nothingToPublish();
	const published = await changeReleaseRow(trx, release.id, {
		status: 'published',
		published_at: await timeOf(trx)
	});
	await keepRightsStatement(trx, release.id, rightsConfirmedAt);
	await letGo(ctx, trx, published, files);
	ctx.log.info('release_published', {
		releaseId: release.id,
		tracks: files.filter(isUsable).length,
		opensAt: release.release_at?.toISOString() ?? null
	});
	return published;
}

/** Lets the files of a published release go on, now or at its time. */
export async function letGo(
	ctx: Context,
	trx: Db,
	release: ReleaseRow,
	files: readonly FileRow[]
): Promise<void> {
	const hold = holdAt(release, await timeOf(trx));
	await releaseUploads(ctx, trx, files, hold);
	if (hold && release.release_at) {
		await ctx.jobs.enqueueRelease(trx, release.id, release.release_at);
	}
}

const nothingToPublish = () =>
	new DomainError(
		422,
		'nothing_to_publish',
		'there is no track in this release that can be published. add a file first'
	);
