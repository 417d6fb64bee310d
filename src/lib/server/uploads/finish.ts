import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { abandonUpload, acceptUpload } from './accept.ts';
import { failUpload } from './fail-upload.ts';
import { type Lease, tryLease, untilFree } from './lease.ts';
import { findUpload, type UploadRow } from './queries.ts';
import { takeRunningHash } from './running-hashes.ts';
import { hashStaged } from './staged.ts';

/** What an artist has already: the bytes are of no further use. */
const REFUSED_FOR_GOOD = new Set(['duplicate_upload', 'same_audio']);

/** An upload whose length its sender has declared. */
export type SizedUpload = UploadRow & { size_bytes: number };

/**
 * Ends the receiving of an upload whose last byte is in staging. A file the artist has published
 * before ends as failed, and says which track it is.
 */
export async function finishReceiving(
	ctx: Context,
	upload: SizedUpload,
	lease: Lease
): Promise<UploadRow> {
	const { id, size_bytes: sizeBytes } = upload;
	const hash = takeRunningHash(id, sizeBytes);
	const sha256 = hash?.digest('hex') ?? (await hashStaged(ctx, id, lease.signal));
	lease.check();
	try {
		return await acceptUpload(ctx, upload, { sha256, sizeBytes });
	} catch (cause) {
		if (!(cause instanceof DomainError && REFUSED_FOR_GOOD.has(cause.code))) throw cause;
		const reason = { code: cause.code, error: cause.message };
		const also = { received_bytes: sizeBytes, sha256, expires_at: null };
		const row = await failUpload(ctx, id, reason, also);
		await ctx.storage.staging.discard(id);
		return row;
	}
}

/**
 * Ends the receiving of an upload whose first bytes are no audio. Nobody needs to be told of it but
 * whoever sends it; in a release its artist finds it with the reason, whenever they come back.
 */
export async function refuseReceiving(
	ctx: Context,
	{ id, release_id: releaseId }: UploadRow,
	{ code, message }: DomainError
): Promise<void> {
	if (releaseId === null) {
		await abandonUpload(ctx, id);
		return;
	}
	const current = await findUpload(ctx.db, id);
	if (current?.status !== 'receiving') return;
	await failUpload(ctx, id, { code, error: message }, { expires_at: null });
	await ctx.storage.staging.discard(id);
}

/**
 * Finishes an upload whose last byte arrived and whose request was cut off before it could, for its
 * client: one that is told "all there" sends nothing more, so it is told when that is so. Whoever is at it
 * goes on: to ask is no reason to begin anew. When a request died with its process, that is known after
 * some seconds.
 * @returns the row afterwards
 * @throws DomainError 423 `upload_busy` while it goes on
 */
export async function finishForClient(ctx: Context, upload: SizedUpload): Promise<UploadRow> {
	return await untilFree(async () => {
		const current = await findUpload(ctx.db, upload.id);
		if (current?.status !== 'receiving') return current ?? upload;
		const lease = await leaseForLater(ctx, upload);
		return lease ? await finishHeld(ctx, upload, lease) : undefined;
	});
}

/**
 * Finishes an upload whose last byte arrived and that nobody asks about any more. Leaves it to the
 * next time when it is held by a request, while too many files of its artist are arriving, or when it has just been removed.
 * @returns the row afterwards
 */
export async function finishLate(ctx: Context, upload: SizedUpload): Promise<UploadRow> {
	if (upload.status !== 'receiving') return upload;
	const lease = await leaseForLater(ctx, upload);
	return lease ? await finishHeld(ctx, upload, lease) : upload;
}

async function finishHeld(ctx: Context, upload: SizedUpload, lease: Lease): Promise<UploadRow> {
	try {
		const current = await findUpload(ctx.db, upload.id);
		if (current?.status !== 'receiving') return current ?? upload;
		return await finishReceiving(ctx, upload, lease);
	} finally {
		await lease.release();
	}
}

/** The lease, or null when it cannot be had now. */
export async function leaseForLater(ctx: Context, upload: UploadRow): Promise<Lease | null> {
	try {
		return await tryLease(ctx, upload);
	} catch (cause) {
		const isLater = cause instanceof DomainError && (cause.status === 429 || cause.status === 404);
		if (isLater) return null;
		throw cause;
	}
}
