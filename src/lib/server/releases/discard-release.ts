import type { Viewer } from '#lib/auth/viewer.ts';
import { isOpen } from '#lib/releases/is-open.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { uploadNotFound } from '#lib/server/uploads/not-found.ts';
import { discardUpload } from '#lib/server/uploads/uploads.ts';
import {
	deleteUploads,
	discardBytes,
	lockUploadsOfRelease
} from '#lib/server/uploads/uploads-of-release.ts';
import { holdAt } from './hold.ts';
import { published } from './published.ts';
import { deleteRelease, timeOf } from './queries.ts';
import { getRelease, lockOwnRelease } from './releases.ts';

/**
 * Removes a release that has not opened, its uploads and their bytes, also those a worker is at:
 * nothing of them is published, and the worker finds nothing to go on with.
 * @throws DomainError 404 `release_not_found`, 409 `release_published` or `album_deleted`
 */
export async function discardRelease(ctx: Context, viewer: Viewer, id: string): Promise<void> {
	await stopArriving(ctx, viewer, id);
	const removed = await ctx.db.transaction().execute(async (trx) => {
		const release = await lockOwnRelease(trx, viewer.did, id);
		if (!holdAt(release, await timeOf(trx))) throw published(release, INSTEAD);
		const files = await lockUploadsOfRelease(trx, id);
		await deleteUploads(trx, files);
		await deleteRelease(trx, id);
		return files;
	});
	await discardBytes(ctx, removed);
}

/**
 * Takes one file out of a release. Of a release that is open only what is no track can go.
 * @throws DomainError 404 `release_not_found` or `upload_not_found`, and those of `discardUpload`
 */
export async function removeFromRelease(
	ctx: Context,
	viewer: Viewer,
	id: string,
	uploadId: string
): Promise<void> {
	const { tracks } = await getRelease(ctx, viewer, id);
	if (!tracks.some(({ upload }) => upload.upload_id === uploadId)) throw uploadNotFound();
	await discardUpload(ctx, viewer, uploadId);
}

/** Ends the requests that are sending bytes, so that none is written after the bytes are gone. */
async function stopArriving(ctx: Context, viewer: Viewer, id: string): Promise<void> {
	const release = await getRelease(ctx, viewer, id);
	if (isOpen(release)) throw published(release, INSTEAD);
	for (const { upload } of release.tracks) {
		if (upload.status !== 'receiving') continue;
		await discardUpload(ctx, viewer, upload.upload_id).catch(unlessGone);
	}
}

/** The browser that sends it may have given it up at the same moment. */
function unlessGone(cause: unknown): void {
	if (!(cause instanceof DomainError && cause.code === 'upload_not_found')) throw cause;
}

const INSTEAD = 'delete its album or its tracks instead';
