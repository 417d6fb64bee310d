import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { ReleaseFields } from '#lib/server/db/schema.ts';
import { resumeUpload } from '#lib/server/uploads/resume.ts';
import {
	lockUploadsOfRelease,
	setUploadInRelease
} from '#lib/server/uploads/uploads-of-release.ts';
import { holdAt, opensAt, type ReleaseHold } from './hold.ts';
import { inOrder } from './order.ts';
import { changeReleaseRow, type FileRow, lockRelease, type ReleaseRow, timeOf } from './queries.ts';
import { hasUnreadFiles, listUnsettled, listWaitingToSettle } from './settling-queries.ts';
import { isUsable } from './state.ts';
import { suggestRelease } from './suggest.ts';

type Settler = Pick<Context, 'config' | 'db' | 'jobs' | 'log'>;

/**
 * Settles a release that is open: what its artist has not said, its files say from now on, and lets
 * the tracks that waited for it go on. It is done once, and not before the files have been read:
 * whoever publishes while they arrive gets the same album as who waits.
 * @returns what holds its tracks back; null: it is settled
 */
export async function settleRelease(ctx: Settler, releaseId: string): Promise<ReleaseHold | null> {
	return await ctx.db.transaction().execute(async (trx) => {
		const release = await lockRelease(trx, releaseId);
		// discarded meanwhile: so is the upload, and nobody may publish it
		if (!release) return { code: 'draft', message: 'its release was discarded' };
		const now = await timeOf(trx);
		const hold = holdAt(release, now);
		if (hold) return hold;
		if (release.settled_at === null) {
			if (await hasUnreadFiles(trx, releaseId, arrivalEnd(ctx, release))) return UNSETTLED;
			await settle(trx, release, now);
			ctx.log.info('release_settled', { releaseId });
		}
		for (const id of await listWaitingToSettle(trx, releaseId)) await resumeUpload(ctx, trx, id);
		return null;
	});
}

/**
 * The same for every release whose tracks wait for it: whatever kept them may have ended without
 * anybody saying so. @returns how many are settled now
 */
export async function settleReleases(ctx: Settler): Promise<number> {
	let settled = 0;
	for (const releaseId of await listUnsettled(ctx.db)) {
		if ((await settleRelease(ctx, releaseId)) === null) settled++;
	}
	return settled;
}

const UNSETTLED: ReleaseHold = {
	code: 'unsettled',
	message: 'ready: goes on by itself when the other files of its release have been read'
};

/** Until then files that are arriving are waited for. */
function arrivalEnd({ config }: Pick<Context, 'config'>, release: ReleaseRow): Date {
	return new Date((opensAt(release)?.getTime() ?? 0) + config.releaseWaitMs);
}

async function settle(trx: Db, release: ReleaseRow, now: Date): Promise<void> {
	const files = await lockUploadsOfRelease(trx, release.id);
	await changeReleaseRow(trx, release.id, {
		settled_at: now,
		fields: JSON.stringify(settledFields(release.fields, files))
	});
	const ordered = inOrder(files, release.fields.isOrdered ?? false);
	for (const [index, { id, release_position: present }] of ordered.entries()) {
		if (present !== index + 1) await setUploadInRelease(trx, id, { position: index + 1 });
	}
}

/** What the artist has not said is what the files say, from now on. */
function settledFields(said: ReleaseFields, files: readonly FileRow[]): ReleaseFields {
	const suggested = suggestRelease(files.filter(isUsable));
	return {
		...said,
		isOrdered: true,
		albumTitle: said.albumTitle ?? suggested.albumTitle ?? '',
		year: said.year ?? suggested.year ?? undefined,
		imageId: said.imageId ?? suggested.imageId ?? undefined
	};
}
