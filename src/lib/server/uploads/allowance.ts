import type { Config } from '#lib/server/config.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { limitReached, tooLarge } from '#lib/server/errors.ts';
import { goOn } from '#lib/server/limits/go-on.ts';
import { takeFromLimit } from '#lib/server/limits/limits.ts';
import { listRecentUploads, measureStorageUse, type RecentUpload } from './allowance-queries.ts';
import { lockArtist } from './receiving-queries.ts';

const MEBIBYTE = 1024 * 1024;
const HOUR_SECONDS = 60 * 60;

/** What failed does not count, so that much more may come in all; somebody has to pay for the line. */
const TIMES_OVER = 4;

interface WantedUpload {
	artistDid: string;
	/** as announced; 0: nobody knows yet */
	sizeBytes: number;
	/** its row, when there is one already */
	exceptId?: string;
}

/**
 * Refuses an upload that is more than its artist may send or keep. Looks only: two of them at the
 * same moment may both pass, see `takeAllowance`.
 * @throws DomainError 429 `limit_reached`, 413 `storage_full`
 */
export async function refuseBeyondAllowance(
	{ config }: Pick<Context, 'config'>,
	db: Db,
	{ artistDid, sizeBytes, exceptId }: WantedUpload
): Promise<void> {
	const recent = await listRecentUploads(db, artistDid, exceptId ?? null);
	refuseBeyondHour(config.limits, recent, sizeBytes);
	const { storageQuotaBytes } = config.limits;
	if (storageQuotaBytes === 0) return;
	const usedBytes = await measureStorageUse(db, artistDid, exceptId ?? null);
	if (usedBytes + sizeBytes > storageQuotaBytes) {
		throw storageFull(usedBytes, storageQuotaBytes, sizeBytes);
	}
}

/**
 * `refuseBeyondAllowance` for the transaction that makes the upload's row: uploads of one artist
 * are let in one after the other, in all processes.
 */
export async function takeAllowance(
	ctx: Pick<Context, 'config'>,
	trx: Db,
	wanted: WantedUpload
): Promise<void> {
	await lockArtist(trx, wanted.artistDid);
	await refuseBeyondAllowance(ctx, trx, wanted);
	const { uploadBytesPerHour, uploadsPerHour } = ctx.config.limits;
	const key = wanted.artistDid;
	// a file that may come alone counts as a whole hour here, too
	const amount = Math.min(wanted.sizeBytes, uploadBytesPerHour);
	const most = TIMES_OVER * uploadBytesPerHour;
	await takeFromLimit(
		{ db: trx },
		{ name: 'uploads_begun', key, most: TIMES_OVER * uploadsPerHour }
	);
	await takeFromLimit({ db: trx }, { name: 'upload_bytes_begun', key, most, amount });
}

/**
 * The uploads of the last hour, the oldest first, against what an hour may have. A file that is
 * larger than all of an hour may come alone.
 * @throws DomainError 429, with the time until enough of them are an hour old
 */
export function refuseBeyondHour(
	limits: Pick<Config['limits'], 'uploadsPerHour' | 'uploadBytesPerHour'>,
	recent: RecentUpload[],
	sizeBytes: number
): void {
	const { uploadsPerHour, uploadBytesPerHour } = limits;
	// of an unknown size: there must be something left at all
	const roomNeeded = Math.min(Math.max(sizeBytes, 1), uploadBytesPerHour);
	const sentBytes = recent.reduce((sum, upload) => sum + upload.sizeBytes, 0);
	let [files, bytes] = [recent.length, sentBytes];
	let waitSeconds = 0;
	for (const oldest of recent) {
		if (files < uploadsPerHour && bytes + roomNeeded <= uploadBytesPerHour) break;
		files -= 1;
		bytes -= oldest.sizeBytes;
		waitSeconds = Math.max(1, Math.ceil(HOUR_SECONDS - oldest.ageSeconds));
	}
	if (waitSeconds === 0) return;
	const what =
		recent.length >= uploadsPerHour
			? `you have sent ${recent.length} files in the last hour`
			: `you have sent ${inMegabytes(sentBytes)} in the last hour, and this file would be more than the ${inMegabytes(uploadBytesPerHour)} an hour has`;
	throw limitReached(`${what}. ${goOn(waitSeconds)}`, waitSeconds);
}

const storageFull = (usedBytes: number, quotaBytes: number, sizeBytes: number) =>
	tooLarge(
		'storage_full',
		`your music uses ${inMegabytes(usedBytes)} of the ${inMegabytes(quotaBytes)} you have here, so this file (${inMegabytes(sizeBytes)}) does not fit. delete tracks or earlier versions you do not need`
	);

const toMebibytes = (bytes: number) => Math.ceil(bytes / MEBIBYTE);
const inMegabytes = (bytes: number) => `${toMebibytes(bytes).toLocaleString('en')} MB`;
