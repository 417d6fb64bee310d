import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { ReleaseFields } from '#lib/server/db/schema.ts';
import { resumeUpload } from '#lib/server/uploads/resume.ts';
import {
	lockUploadsOfRelease,
	setUploadInRelease
} from '#lib/server/uploads/uploads-of-release.ts';
import { holdAt, type ReleaseHold } from './hold.ts';
import { inOrder } from './order.ts';
import { changeReleaseRow, type FileRow, lockRelease, type ReleaseRow, timeOf } from './queries.ts';
import {
	type FileToSettle,
	listFilesToSettle,
	listUnsettled,
	listWaitingToSettle
} from './settling-queries.ts';
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
			const files = await listFilesToSettle(trx, releaseId);
			if (!haveSpoken(files, now, ctx.config.releaseWaitMs)) return UNSETTLED;
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

/**
 * Whether the files of a release have said what they can: one that can be used has been read, none
 * is being read, and of those that are not all here nobody sends any. Nobody does when no byte of
 * the release has come for as long as it waits: while one is sent the others have their turn next.
 */
function haveSpoken(files: readonly FileToSettle[], now: Date, waitMs: number): boolean {
	const since = new Date(now.getTime() - waitMs);
	const isUnderWay = files.some((file) => file.isSent || file.last_byte_at > since);
	const isAwaited = (file: FileToSettle) =>
		file.status === 'receiving' ? isUnderWay : isBeingRead(file);
	return files.some(isRead) && !files.some(isAwaited);
}

/** One that could not be read so far, and is tried again, is waited for by nobody. */
const isBeingRead = ({ status, stage, error_code: code }: FileToSettle) =>
	(status === 'pending' || status === 'processing') && stage === 'received' && code === null;

const isRead = (file: FileToSettle) =>
	file.stage !== 'receiving' && file.stage !== 'received' && isUsable(file);

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
