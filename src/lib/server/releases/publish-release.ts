import type { Viewer } from '#lib/auth/viewer.ts';
import type { ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { ReleaseFields } from '#lib/server/db/schema.ts';
import { DomainError } from '#lib/server/errors.ts';
import { rightsNotConfirmed } from '#lib/server/uploads/rights.ts';
import {
	lockUploadsOfRelease,
	releaseUploads,
	setUploadInRelease
} from '#lib/server/uploads/uploads-of-release.ts';
import { holdAt } from './hold.ts';
import { inOrder } from './order.ts';
import { changeReleaseRow, type FileRow, type ReleaseRow, timeOf } from './queries.ts';
import { lockOwnRelease, presentRelease } from './releases.ts';
import { isUsable } from './state.ts';
import { suggestRelease } from './suggest.ts';

/**
 * Publishes a release: what is ready goes on at once, or at its time; what is still arriving or
 * being worked on goes on without stopping. Broken files and duplicates stop nothing. Publishing
 * again changes nothing.
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
	const now = await timeOf(trx);
	const published = await changeReleaseRow(trx, release.id, {
		status: 'published',
		published_at: now,
		fields: JSON.stringify(settledFields(release.fields, files))
	});
	const ordered = inOrder(files, release.fields.isOrdered ?? false);
	for (const [index, { id }] of ordered.entries()) {
		await setUploadInRelease(trx, id, { position: index + 1, rightsConfirmedAt });
	}
	await letGo(ctx, trx, published, files);
	ctx.log.info('release_published', {
		releaseId: release.id,
		tracks: files.filter(isUsable).length,
		opensAt: release.release_at?.toISOString() ?? null
	});
	return published;
}

/** What the artist has not said is what the files say, from now on. */
function settledFields(said: ReleaseFields, files: readonly FileRow[]): ReleaseFields {
	const suggested = suggestRelease(files.filter(isUsable));
	const settled: ReleaseFields = {
		...said,
		isOrdered: true,
		albumTitle: said.albumTitle ?? suggested.albumTitle ?? '',
		year: said.year ?? suggested.year ?? undefined,
		imageId: said.imageId ?? suggested.imageId ?? undefined
	};
	return settled;
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
