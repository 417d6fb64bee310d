import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { joinRelease } from '#lib/server/releases/join-release.ts';
import { getRelease } from '#lib/server/releases/releases.ts';
import { acceptUpload, createUpload } from '#lib/server/uploads/accept.ts';
import { hashOf } from './publishing-site.ts';

export interface FileToDrop {
	fileName: string;
	bytes: Uint8Array;
	/** its last byte does not arrive */
	isCut?: boolean;
}

/** Hands files over as a browser does that drops them into a release. @returns their uploads */
export async function dropFiles(
	ctx: Context,
	did: string,
	releaseId: string,
	files: readonly FileToDrop[]
): Promise<string[]> {
	const ids: string[] = [];
	for (const { fileName, bytes, isCut } of files) {
		const upload = await ctx.db.transaction().execute(async (trx) =>
			createUpload(trx, {
				artistDid: did,
				fileName,
				fields: { path: `dropped/${fileName}` },
				sizeBytes: bytes.byteLength,
				expiresAt: null,
				idempotencyKey: null,
				release: await joinRelease(trx, did, releaseId, null)
			})
		);
		ids.push(upload.id);
		await ctx.storage.staging.append(upload.id, 0, isCut ? bytes.subarray(1) : bytes);
		if (isCut) continue;
		await acceptUpload(ctx, upload, hashOf(bytes)).catch(async (cause: unknown) => {
			// what tus makes of a file that is published already
			const isKnown = cause instanceof DomainError && cause.code === 'duplicate_upload';
			if (!isKnown) throw cause;
			const { sha256 } = hashOf(bytes);
			await ctx.db
				.updateTable('uploads')
				.set({ status: 'failed', error_code: cause.code, sha256 })
				.where('id', '=', upload.id)
				.execute();
			await ctx.storage.staging.discard(upload.id);
		});
	}
	return ids;
}

/** Waits until every upload of a release is as wanted; fails with what they are instead. */
export async function waitForRelease(
	ctx: Context,
	viewer: Viewer,
	id: string,
	statuses: readonly string[],
	limitMs = 60_000,
	errorCode?: string
): Promise<ReleaseState> {
	const end = Date.now() + limitMs;
	for (;;) {
		const release = await getRelease(ctx, viewer, id);
		const isWanted = release.tracks.every(
			({ upload }) =>
				statuses.includes(upload.status) &&
				(errorCode === undefined || upload.error_code === errorCode)
		);
		if (isWanted) return release;
		if (Date.now() > end) {
			assert.fail(
				JSON.stringify(
					release.tracks.map(({ upload: { file_name, status, stage, error, message } }) => [
						file_name,
						status,
						stage,
						error,
						message
					])
				)
			);
		}
		await sleep(50);
	}
}
